"""CC-CEDICT: its lines to entries, and their senses to glosses that can be searched for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

ENTRY_LINE = re.compile(r"(?P<traditional>\S+) (?P<simplified>\S+) \[(?P<pinyin>[^\]]*)\] /(?P<senses>.*)/")
REFERENCE = re.compile(r"(?:[^\s|\[\],;()]+\|)?([^\s|\[\],;()a-zA-Z]+)\[[^\]]*\]")
POINTER = re.compile(
    r"^(?:\([^)]*\) ?)*(?:old |erhua |Taiwan |Japanese )?(?:abbr\. (?:for|of|to)|variant of|see(?: also)?|same as"
    r"|also called|also written|used in|short for|equivalent to|synonym of)\b"
)
PLACE_GLOSS = re.compile(
    r"^((?:[A-Z][\w'’-]*\s?)+?)\s*(?:or\b|\(|,|prefecture|county|city|district|province|autonomous|municipality"
    r"|township|sub-?provincial|special|new area|subdistrict|banner|river|lake|mountain|island|in\b|located)"
)
PLACE_DETAIL = re.compile(r", | in (?=[A-Z])| (?i:city|province)\b")
SKIPPED_GLOSS = re.compile(r"^(?:CL:|surname |also pr\.|Taiwan pr\.|used in |variant |Kangxi radical|see )")
RARE_MARK = re.compile(
    r"\((?:old|archaic|literary|dialect|classical|vulgar|slang|loanword|obsolete|Buddhism|Catholicism)[^)]*\)"
)
LEADING_WORD = re.compile(r"^(?:to be |to |a |an |the |of |be |sb |sth |one's |in |on )+")
PARENTHESIS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
ABBREVIATION = re.compile(r"\(([A-Z][A-Za-z&]{1,6})\)")
MAX_GLOSS_WORDS = 6  # a longer gloss is an explanation
GLOSS_SEPARATOR = re.compile(r"[;/]|,(?!\d)| or ")


@dataclass(frozen=True, slots=True)
class CedictEntry:
    """`pinyin` is written as 'Bei3 jing1'."""

    simplified: str
    traditional: str
    pinyin: str
    senses: tuple[str, ...]

    @property
    def is_name(self) -> bool:
        return self.pinyin[:1].isupper()


@dataclass(frozen=True, slots=True)
class Gloss:
    """A phrase that translates a headword, or (`word`) another headword it points to; 0 < weight ≤ 1."""

    phrase: str
    weight: float
    word: bool = False


def read_entries(lines: Iterable[str]) -> Iterator[CedictEntry]:
    for line in lines:
        if match := ENTRY_LINE.match(line):
            traditional, simplified, pinyin, senses = match.groups()
            entry = CedictEntry(simplified, traditional, pinyin, tuple(senses.split("/")))
            if entry.is_name:
                # 'Wuhan, capital of Hubei' would make Wuhan a word for Hubei
                entry = replace(entry, senses=tuple(PLACE_DETAIL.split(sense)[0] for sense in entry.senses))
            yield entry


def plain_pinyin(pinyin: str) -> str:
    """'Bei3 jing1' → 'beijing', 'lu:4' → 'lv'."""
    return re.sub(r"[^a-z]", "", pinyin.lower().replace("u:", "v"))


def parse_glosses(senses: Iterable[str]) -> list[Gloss]:
    """The phrases of an entry's senses, each once; later senses are rarer, so weights fall as 1/(1 + 0.3·rank)."""
    found: dict[tuple[str, bool], float] = {}
    rank = 0
    for sense in senses:
        if sense.startswith("CL:") or (SKIPPED_GLOSS.match(sense) and not REFERENCE.search(sense)):
            continue
        weight = 1 / (1 + 0.3 * rank) * (0.4 if RARE_MARK.search(sense) else 1)
        rank += 1
        if POINTER.match(sense):
            for word in REFERENCE.findall(sense):
                found.setdefault((word, True), 0.9 * weight)
            continue
        for phrase, share in _phrases(sense):
            found.setdefault((phrase, False), weight * share)
    return [Gloss(phrase, weight, word) for (phrase, word), weight in found.items()]


def _phrases(sense: str) -> Iterator[tuple[str, float]]:
    if sense[:1].isupper() and (place := PLACE_GLOSS.match(sense)):
        yield place[1].strip().lower(), 1.0
        return
    bare = REFERENCE.sub(" ", sense) if "[" in sense else sense
    if "(" in sense or "[" in sense:
        bare = PARENTHESIS.sub(" ", bare)
        for abbreviation in ABBREVIATION.findall(sense):
            yield abbreviation.lower(), 1.0
    for n, part in enumerate(GLOSS_SEPARATOR.split(bare)):
        words = part.lower().split()
        if words and len(words) <= MAX_GLOSS_WORDS and (phrase := LEADING_WORD.sub("", " ".join(words)).strip(" .!?")):
            yield phrase, 1 / (1 + 0.1 * n)
