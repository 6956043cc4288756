"""Word cover: a message goes in, how many of its characters are keys comes out, for each intent whose words it is.

Nearly every message has a word that no intent has. It is looked for first, and costs microseconds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

N = TypeVar("N", bound=str)

BLANK = re.compile(r"[\s\W_]+")
ASCII_RUN = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class CoverWords:
    """A message of nothing but these, with at least one key, is covered."""

    keys: frozenset[str]
    fillers: frozenset[str]


@dataclass(frozen=True, slots=True)
class WordSpan:
    """A word within a text, or '' for what stands between words."""

    start: int
    end: int
    word: str


class WordCover(Generic[N]):
    def __init__(self, names: Mapping[N, CoverWords]) -> None:
        self._names = names
        self._words = frozenset().union(*(words.keys | words.fillers for words in names.values()))
        self._longest = max(map(len, self._words), default=0)
        known = re.escape("".join(sorted({character for word in self._words for character in word})))
        self._unknown_character = re.compile(rf"[^\W_\x00-\x7f{known}]")
        self._runs = frozenset(run for word in self._words for run in ASCII_RUN.findall(word))
        # of such words a run of ASCII may be put together: 卡拉ok
        self._splits_runs = any(not word[0].isascii() and ASCII_RUN.search(word) for word in self._words)

    def covered(self, text: str) -> dict[N, int]:
        """Only names by whose words the whole text is covered, with a key at least."""
        spans = [] if self._is_strange(text) else list(self._spans(text))
        counts = {name: _count_keys(len(text), spans, words) for name, words in self._names.items()} if spans else {}
        return {name: count for name, count in counts.items() if count}

    def _is_strange(self, text: str) -> bool:
        """Whether it has what no word has, for certain."""
        if self._unknown_character.search(text):
            return True
        return not self._splits_runs and not self._runs.issuperset(ASCII_RUN.findall(text))

    def _spans(self, text: str) -> Iterator[WordSpan]:
        """Those that follow one upon another from the start of the text; none where they do not reach its end."""
        found: list[WordSpan] = []
        reached = {0}
        for start in range(len(text)):
            if start not in reached:
                continue
            if blank := BLANK.match(text, start):
                found.append(WordSpan(start, blank.end(), ""))
                reached.add(blank.end())
                continue
            for end in range(start + 1, min(start + self._longest, len(text)) + 1):
                word = text[start:end]
                if word in self._words and _stands_alone(text, start, end):
                    found.append(WordSpan(start, end, word))
                    reached.add(end)
        return iter(found if len(text) in reached else ())


def _count_keys(length: int, spans: list[WordSpan], words: CoverWords) -> int:
    best: list[int | None] = [0] + [None] * length
    for span in spans:
        if (before := best[span.start]) is None:
            continue
        if span.word in words.keys:
            before += span.end - span.start
        elif span.word and span.word not in words.fillers:
            continue
        best[span.end] = max(before, best[span.end] or 0)
    return best[-1] or 0


def _stands_alone(text: str, start: int, end: int) -> bool:
    """An English word does not stand within another; Chinese has no such borders."""
    if not text[start].isascii():
        return True
    outside = text[start - 1 : start] + text[end : end + 1]
    return not any(character.isascii() and character.isalnum() for character in outside)
