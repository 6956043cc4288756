"""Entity mentions: a question to the outlets and dates in it, and whether they stand apart from the rest."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from operator import add

from retrieval.language.answer_types import SENTENCE_SIGNS
from retrieval.language.han import has_han
from retrieval.language.stopwords import CHINESE_STOPWORDS, STOPWORDS
from retrieval.language.tokenizer import split_runs
from retrieval.model import outlets
from retrieval.query import date_ranges
from retrieval.query.date_expressions import DateRange


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters `start` to `end` name an outlet or days; a bare one (2025, may) only if it stands apart.

    A date without a year may be one of the `earlier` ones as well, the latest first. An `unreal` one has the days
    around some that do not exist.
    """

    start: int
    end: int
    meant: str | DateRange
    bare: bool = False
    earlier: tuple[DateRange, ...] = ()
    unreal: bool = False

    @property
    def ranges(self) -> tuple[DateRange, ...]:
        return (self.meant, *self.earlier) if isinstance(self.meant, DateRange) else ()


class NameMatcher:
    """`names` are normalised spellings with their canonical names."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self._lengths: dict[str, list[int]] = {}  # by the first two characters, descending
        for length, beginning in sorted({(len(name), name[:2]) for name in names}, reverse=True):
            self._lengths.setdefault(beginning, []).append(length)
        first_words = {name: ASCII_WORD.match(name) for name in names}
        self._first_words = frozenset(word[0] for word in first_words.values() if word)
        self._other_beginnings = frozenset(name[:2] for name, word in first_words.items() if not word)

    def beginnings(self, text: str) -> list[int]:
        """The places where a name may begin, by its first word or, if that is not in Latin letters or digits, by its
        first two characters."""
        words, others = self._first_words, self._other_beginnings
        found = [word.start() for word in ASCII_WORD.finditer(text) if word[0] in words]
        if not text.isascii() or any(map(str.isascii, others)):
            pairs = map(add, text, f"{text[1:]} ")
            found += [at for at, pair in enumerate(pairs) if pair in others or text[at] in others]
            found.sort()
        return found

    def longest(self, text: str, at: int) -> int:
        """The length of the longest name at this place, in whole words; 0 if there is none."""
        if _within_word(text, at):
            return 0
        for beginning in (text[at : at + 2], text[at : at + 1]):
            for length in self._lengths.get(beginning, ()):
                end = at + length
                if end <= len(text) and text[at:end] in self.names and not _within_word(text, end):
                    return length
        return 0


ASCII_WORD = re.compile("[A-Za-z0-9]+")
HIDDEN_CHARACTER = "\ua000"  # in place of a letter that is already used
WORD_SEPARATORS = " ,.;:|/·、。!?"
BRACKETS = {"《》", "「」", "『』", "()", "[]", "【】", '""', "“”"}
LINKING_WORDS = re.compile(r"[据在于从自由和与或按到比]$")
SPEECH_VERBS = re.compile(r"说|称|讲|写|刊|报道|提到|提及|指出|认为|发布|发表|那篇|这篇")
FUNCTION_WORDS = STOPWORDS - {"us", "it", "am", "no", "own", *"abcdefghijklmnopqrstuvwxyz"}
_NEWS_WORDS = "news latest new articles reports reported stories headlines happened published"
NEWS_WORDS = frozenset(_NEWS_WORDS.split())
CHINESE_NEWS_WORDS = "新闻 消息 报道 文章 内容 要闻 动态 发生 最新 新"
SAYS_NOTHING = re.compile(
    f"(?:{'|'.join(sorted(f'{CHINESE_STOPWORDS} {CHINESE_NEWS_WORDS}'.split(), key=len, reverse=True))})*+"
)


@cache
def outlet_names() -> NameMatcher:
    return NameMatcher({spelling: outlet.name for spelling, outlet in outlets.all_names().items()})


def find_mentions(text: str, today: date) -> list[Mention]:
    """The mentions in normalised text, in reading order, with brackets around them but no days to come."""
    mentions, text = _outlets(text)
    for dated in date_ranges.find_dates(text, today):
        if dated.range.since is None or dated.range.since <= today:
            meant = dated.range, dated.bare, dated.ranges[1:], dated.unreal
            mentions.append(Mention(dated.start, dated.end, *meant))
    return sorted((_with_brackets(text, mention) for mention in mentions), key=lambda mention: mention.start)


def split_mentions(text: str, mentions: list[Mention]) -> Iterator[tuple[list[Mention], tuple[int, int] | None]]:
    """Adjacent mentions, and the characters to take out if they stand apart from the rest, else None."""
    if not mentions:
        return
    rest = text
    for mention in mentions:
        if not mention.bare:
            rest = rest[: mention.start] + " " * (mention.end - mention.start) + rest[mention.end :]
    sentence, nothing = _is_sentence(rest), rest != text and _says_nothing(rest)
    for cluster in _clusters(text, mentions):
        start, end = cluster[0].start, cluster[-1].end
        outer = len(text[:start].rstrip(WORD_SEPARATORS)), len(text) - len(text[end:].lstrip(WORD_SEPARATORS))
        bare = cluster[0].bare or cluster[-1].bare
        if nothing:
            yield cluster, (0, len(text))
        else:
            yield cluster, outer if _stands_apart(text, (start, end), outer, sentence=sentence, bare=bare) else None


def _outlets(text: str) -> tuple[list[Mention], str]:
    """The outlets, and the text with their names hidden."""
    known = outlet_names()
    mentions: list[Mention] = []
    for at in known.beginnings(text):
        # where a name is hidden, none begins
        if length := known.longest(text, at):
            mentions.append(Mention(at, at + length, known.names[text[at : at + length]]))
            text = text[:at] + HIDDEN_CHARACTER * length + text[at + length :]
    return mentions, text


def _with_brackets(text: str, mention: Mention) -> Mention:
    start, end = mention.start - 1, mention.end + 1
    return replace(mention, start=start, end=end) if text[max(start, 0)] + text[end - 1 : end] in BRACKETS else mention


def _within_word(text: str, at: int) -> bool:
    around = text[max(at - 1, 0) : at + 1]
    return 0 < at < len(text) and around.isascii() and around.isalnum()


def _clusters(text: str, mentions: Iterable[Mention]) -> list[list[Mention]]:
    clusters: list[list[Mention]] = []
    for mention in mentions:
        if clusters and not text[clusters[-1][-1].end : mention.start].strip(WORD_SEPARATORS):
            clusters[-1].append(mention)
        else:
            clusters.append([mention])
    return clusters


def _stands_apart(text: str, inner: tuple[int, int], outer: tuple[int, int], *, sentence: bool, bare: bool) -> bool:
    """A space sets apart beside Chinese; elsewhere only at the edge of a list of keywords."""
    before, after = text[: outer[0]], text[outer[1] :]
    if not before and not after:
        return True
    if LINKING_WORDS.search(before) or SPEECH_VERBS.match(after):
        return False
    at_edge = not (before and after)

    def parted(gap: str, mine: str, theirs: str) -> bool:
        if not gap:
            return False
        if sentence:
            ended = at_edge and any(mark in gap for mark in "?!。")
            return has_han(theirs) and (ended or (gap == " " and (has_han(mine) or (at_edge and not bare))))
        return at_edge or gap != " " or has_han(mine) or has_han(theirs)

    (start, end), (left, right) = inner, outer
    return (not before or parted(text[left:start], text[start], before[-1])) and (
        not after or parted(text[end:right], text[end - 1], after[0])
    )


def _is_sentence(text: str) -> bool:
    return bool(SENTENCE_SIGNS.search(text)) or any(run.split("'")[0] in FUNCTION_WORDS for _, run in split_runs(text))


def _says_nothing(text: str) -> bool:
    """Whether nothing is left to search for: 'what did … say …?', …有什么新闻."""
    return all(
        SAYS_NOTHING.fullmatch(run) if kind == "han" else run.split("'")[0] in FUNCTION_WORDS | NEWS_WORDS
        for kind, run in split_runs(text)
    )
