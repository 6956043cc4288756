"""Missing words: a judged question and a point to the words that may be said to be missing from it.

To say that a point lacks what it has under another name is worse than to say nothing. So only what names one thing is
said to be missing: a year, a name, a word that no dictionary has, and a noun that no point has. A point has a word if
its text, title or section has any of its names, however unlikely, a near-synonym, or most of its parts.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from retrieval.language.aspects import aspects_in
from retrieval.language.fingerprints import WHOLE_YEAR
from retrieval.language.han import HAN, has_han
from retrieval.language.lexicon import Alternative, Lexicon
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import POSSESSIVE, normalize_question, stem
from retrieval.query.compounds import TRANSCRIPTION_CHARACTERS, split
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.query.spelling import syllables
from retrieval.search.found_point import FoundPoint
from retrieval.search.point_words import PointWords, sounds

TERM_WEIGHT = 1.0  # of a name by our glossary or a first sense; what has several is a term with well-known names
SURE_SENSE_WEIGHT = 0.6
COMMON_NOUN_COUNT = 1_000  # of 60 million words; a commoner noun has too many near-synonyms (articles, weather)
MIN_NAME_CHARS = 3
PARTS_SHARE = 0.5  # of a word's parts; a point that has as many has the word
FUNCTION_CHARACTERS = STOPWORDS | frozenset(
    "这那每各某几多是不没有个家座条"
)  # an unknown word with one of them names nothing
HAN_RUN = re.compile(f"[{HAN}]+")
ANY_NUMERAL = re.compile(r"[\d零〇一二两三四五六七八九十百千万亿几多]")
LONG_NUMBER = re.compile(r"\d{4,}")
MIN_TRANSCRIBED_SOUNDS = 2


@dataclass(frozen=True)
class MissingWords:
    """`question` as written, and as analysed. What is found out about a word is kept for the next hit."""

    question: str
    reading: AnalyzedQuery
    lexicon: Lexicon
    _nameable: dict[tuple[str, bool | None, bool], bool] = field(default_factory=dict)
    _sought: dict[str, "_SoughtWord"] = field(default_factory=dict)

    @cached_property
    def _aspects(self) -> Collection[str]:
        return aspects_in(normalize_question(self.question))

    def of(self, hit: FoundPoint, words: Iterable[str], nowhere: Collection[str]) -> tuple[str, ...]:
        """Those of `words`, which no index found in the hit, that may be said to be missing from it; no point has those
        that are `nowhere`."""
        chinese = has_han(hit.point.text)
        nameable = [word for word in words if self.is_nameable(word, chinese, word in nowhere)]
        if not nameable:
            return ()
        point = PointWords.of(hit)
        return tuple(word for word in nameable if not self._stands(word, point))

    def is_nameable(self, word: str, chinese: bool | None, nowhere: bool) -> bool:
        """Whether the word names one thing, and is not found in the hit because of its language alone; `chinese` says
        which that is, None where there is no hit."""
        key = word, chinese, nowhere
        if (known := self._nameable.get(key)) is None:
            known = self._nameable[key] = self._names_one_thing(word, chinese, nowhere)
        return known

    def _names_one_thing(self, word: str, chinese: bool | None, nowhere: bool) -> bool:
        if WHOLE_YEAR.fullmatch(word):
            return True
        if ANY_NUMERAL.search(word):
            return nowhere and LONG_NUMBER.fullmatch(word) is not None
        if word in STOPWORDS or word in self._aspects:
            return False
        return (
            self._is_nameable_chinese(word, chinese, nowhere)
            if has_han(word)
            else self._is_nameable_latin(word, chinese, nowhere)
        )

    def _is_nameable_latin(self, word: str, chinese: bool | None, nowhere: bool) -> bool:
        root = stem(POSSESSIVE.sub("", word))
        if not word.isascii() or not root.replace("'", "").isalpha() or len(root) < 2:
            return nowhere and len(word) > 1
        if any(concept.read for concept in self.reading.concepts) and syllables(word, self.lexicon):
            return False  # pinyin, cut where it may not end
        written_as_name = word.capitalize() in self.question
        if not self.lexicon.known(root):
            return nowhere or written_as_name
        if self.lexicon.is_name(root) and (nowhere or written_as_name or self.question.islower()):
            return True
        return nowhere and self._is_plain_noun(root, chinese, nowhere)

    def _is_nameable_chinese(self, word: str, chinese: bool | None, nowhere: bool) -> bool:
        if len(word) < 2:
            return False
        if self.lexicon.is_name(word):
            return True
        if self.lexicon.known(word):
            return self._is_plain_noun(word, chinese, nowhere)
        if not FUNCTION_CHARACTERS.isdisjoint(word):
            return False
        *_, last = parts = list(split(word, self.lexicon))
        if all(len(part) == 1 for part in parts):  # no dictionary has any of it
            return nowhere or len(word) >= MIN_NAME_CHARS
        return self._is_plain_noun(last, chinese, nowhere)

    def _is_plain_noun(self, term: str, chinese: bool | None, nowhere: bool) -> bool:
        """A noun of one sense that is not common, and that the hit's language would name by a name that is known."""
        if not self.lexicon.is_noun(term):
            return False
        foreign, all_names = self.lexicon.foreign_name(term), self.lexicon.translations(term)
        if foreign is None or all_names is None or foreign.weight < SURE_SENSE_WEIGHT:
            return False
        word = term if has_han(term) else foreign.terms[0]
        if self.lexicon.frequency(word) > COMMON_NOUN_COUNT:
            return False
        is_term = (all_names.weights >= TERM_WEIGHT).sum() > 1
        foreign_text = chinese is not None and chinese != has_han(term)
        return bool(is_term) or (nowhere and (not foreign_text or foreign.weight >= TERM_WEIGHT))

    def _stands(self, word: str, point: PointWords) -> bool:
        if word in point.text and not word.isascii():
            return True
        if (sought := self._sought.get(word)) is None:
            sought = self._sought[word] = self._seek(word)
        if any(one.stands_in(point) for one in sought.whole):
            return True
        if sought.parts and sum(one.stands_in(point) for one in sought.parts) >= sought.least_parts:
            return True
        if has_han(word):
            return any(check(word, point) for check in (self._is_transcribed, self._is_abbreviated, self._is_composed))
        return point.has_slip_of(stem(word)) or self._is_spelt(word, point)

    def _seek(self, word: str) -> "_SoughtWord":
        concepts = [concept for concept in self.reading.concepts if concept.asked == word]
        parts = [concept for concept in concepts if concept.word != word] or list(self._halves(word))
        share = 1.0 if self.lexicon.is_name(word) else PARTS_SHARE
        whole = [self._names_of(concept) for concept in concepts if concept.word == word]
        return _SoughtWord(whole, list(map(self._names_of, parts)), share * len(parts))

    def _halves(self, word: str) -> Iterator[Concept]:
        """The two words that make a known one of four characters: 行政 and 命令."""
        if len(word) == 4 and has_han(word):
            halves = word[:2], word[2:]
            if all(map(self.lexicon.known, halves)):
                yield from (Concept(half, ()) for half in halves)

    def _names_of(self, concept: Concept) -> "_ConceptNames":
        term = concept.word if has_han(concept.word) else stem(POSSESSIVE.sub("", concept.word))
        names = [*concept.alternatives, *concept.neighbours, *self.lexicon.alternatives(term)]
        single = frozenset({term, *(name.terms[0] for name in names if len(name.terms) == 1)})
        chinese = frozenset(filter(has_han, single))
        root = "" if has_han(term) or self.lexicon.is_name(term) else term
        return _ConceptNames(chinese, single - chinese, [name for name in names if len(name.terms) > 1], root)

    def _is_transcribed(self, word: str, point: PointWords) -> bool:
        """Whether a foreign name in the text may be the one that the characters spell."""
        characters = "".join(character for character in word if character in TRANSCRIPTION_CHARACTERS)
        if any(not has_han(other.terms[0]) for other in self.lexicon.alternatives(word)):
            return False
        if len(characters) < len(word) - 1 or len(characters) < MIN_TRANSCRIBED_SOUNDS:
            return False
        spelt = "".join(self.lexicon.pinyin(character)[:1] for character in word)
        wanted = sounds(spelt)
        return len(wanted) >= MIN_TRANSCRIBED_SOUNDS and any(_is_subsequence(wanted, name) for name in point.names)

    def _is_spelt(self, word: str, point: PointWords) -> bool:
        """Whether characters side by side are read as the letters are: hao, 李浩."""
        spelt = syllables(word, self.lexicon)
        if not spelt:
            return False
        runs = (list(map(self.lexicon.pinyin, run)) for run in HAN_RUN.findall(point.text))
        return any(read[at : at + len(spelt)] == spelt for read in runs for at in range(len(read)))

    def _is_abbreviated(self, word: str, point: PointWords) -> bool:
        """Whether the text has the places that single characters stand for: 江浙沪, Zhejiang and Shanghai."""
        if self.lexicon.known(word):
            return False
        found = [character for character in word if self.lexicon.is_name(character) and self._names(character, point)]
        return 2 * len(found) > len(word)

    def _is_composed(self, word: str, point: PointWords) -> bool:
        """Whether the text has each character of an unknown pair in a translation: 冷库, a cold store."""
        if self.lexicon.known(word) or len(word) != 2:
            return False
        return all(any(map(point.has, self.lexicon.alternatives(character))) for character in word)

    def _names(self, character: str, point: PointWords) -> bool:
        others = self.lexicon.alternatives(character)
        return any(term in point.stems and self.lexicon.is_name(term) for other in others for term in other.terms)


class _ConceptNames(NamedTuple):
    """All names of a concept; `root` is that of an English word which another form may stand for, or ''."""

    chinese: frozenset[str]
    stems: frozenset[str]
    phrases: Sequence[Alternative]
    root: str

    def stands_in(self, point: PointWords) -> bool:
        return (
            not self.stems.isdisjoint(point.stems)
            or any(term in point.text for term in self.chinese)
            or any(map(point.has, self.phrases))
            or (bool(self.root) and point.has_form_of(self.root))
        )


class _SoughtWord(NamedTuple):
    """A word of the question: a point has it if it has the whole, or as many of its parts."""

    whole: Sequence[_ConceptNames]
    parts: Sequence[_ConceptNames]
    least_parts: float


def _is_subsequence(wanted: str, name: str) -> bool:
    letters = iter(name)
    return name.startswith(wanted[:1]) and all(sound in letters for sound in wanted)
