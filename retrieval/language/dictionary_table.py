"""The dictionary table: headwords, what each may be called, and pinyin, as arrays in one file that processes map.

All strings of both languages are phrases in one string table. Since phrases are numbered as they sort, an order by
weight and number is the order by weight and name.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retrieval.language.han import has_han
from retrieval.language.string_table import StringTable
from retrieval.language.term_hash import hash_term
from retrieval.runtime import array_file
from retrieval.runtime.array_file import DamagedFileError

NO_SOUND = -1
THOUSANDTHS = 1000.0
MAX_SIZE = 255  # characters; the few longer phrases count as being so long
TABLE_COLUMNS = (
    *("flags", "frequencies", "sizes", "sounds", "starts", "others", "weights", "terms", "parts", "part_starts"),
    *("spelling_starts", "spelled", "spelled_counts"),
)

BoolArray = NDArray[np.bool_]
NumberArray = NDArray[np.int32]


# The bits of `flags`; an enum's operators would take a tenth of a look-up.
IS_HEADWORD = 1
IS_NAME = 2  # above all a person's, a place's or an organisation's
IS_NOUN = 4  # itself, or one of its likeliest Chinese names
IS_CHINESE = 8  # its first term
IS_LONG = 16  # its first term has more than one character


@dataclass(frozen=True, slots=True)
class Headword:
    """`alternatives` are its other names with their weights in thousandths, likeliest first; `sound` is its pinyin."""

    term: str
    frequency: int = 0
    name: bool = False
    noun: bool = False
    sound: str | None = None
    alternatives: Sequence[tuple[str, int]] = ()

    def flags(self) -> int:
        return IS_HEADWORD | self.name * IS_NAME | self.noun * IS_NOUN


@dataclass(frozen=True, slots=True, eq=False)
class DictionaryTable:
    """Columns by number of a phrase: `flags`, `frequencies` in the words that jieba counted, `sizes` in characters,
    `sounds` as numbers of `letters`.

    A phrase's alternatives are the phrases `others` from `starts[n]` to `starts[n + 1]`, with their `weights` in
    thousandths, likeliest first. Its single terms are `parts` from `part_starts[n]` on, as places in `terms`, which are
    ascending hashes. Pinyin `letters` spell the phrases `spelled`, commonest first, with their `spelled_counts`.
    """

    fingerprint: str
    phrases: StringTable
    letters: StringTable
    flags: NDArray[np.uint8]
    frequencies: NumberArray
    sizes: NDArray[np.uint8]
    sounds: NumberArray
    starts: NumberArray
    others: NumberArray
    weights: NDArray[np.uint16]
    terms: NDArray[np.uint64]
    parts: NumberArray
    part_starts: NumberArray
    spelling_starts: NumberArray
    spelled: NumberArray
    spelled_counts: NumberArray

    @classmethod
    def of(cls, fingerprint: str, headwords: Iterable[Headword], spellings: Mapping[str, Mapping[str, int]]) -> Self:
        """`headwords` ascend by their terms; `spellings` are pinyin's words with their frequencies."""
        met, sounds = NumberedStrings(), NumberedStrings()
        heads, flags, frequencies, sounded, counts, others, weights = (array("i") for _ in range(7))
        for head in headwords:
            heads.append(met.number(head.term))
            flags.append(head.flags())
            frequencies.append(head.frequency)
            sounded.append(NO_SOUND if head.sound is None else sounds.number(head.sound))
            counts.append(len(head.alternatives))
            others.extend(met.number(other) for other, _ in head.alternatives)
            weights.extend(weight for _, weight in head.alternatives)
        letters, sound_places = sounds.ordered(spellings)
        ranked = [sorted(spellings.get(sound, {}).items(), key=lambda word: (-word[1], word[0])) for sound in letters]
        listed, places = met.ordered(word for words in ranked for word, _ in words)
        at = places.take(heads)
        hashes = np.fromiter((hash_term(term) for phrase in listed for term in phrase.split()), np.uint64)
        terms, parts = np.unique(hashes, return_inverse=True)
        column = partial(_scattered, at, len(listed))
        return cls(
            fingerprint,
            StringTable.of(listed),
            StringTable.of(letters),
            (column(flags) | np.fromiter(map(_script_flags, listed), np.int32, len(listed))).astype(np.uint8),
            column(frequencies),
            np.array([min(len(phrase), MAX_SIZE) for phrase in listed], np.uint8),
            column([sound_places.item(sound) if sound >= 0 else sound for sound in sounded], NO_SOUND),
            _ends(column(counts)),
            places.take(others),
            np.array(weights, np.uint16),
            terms,
            parts.astype(np.int32),
            _ends(phrase.count(" ") + 1 for phrase in listed),
            _ends(map(len, ranked)),
            places.take(array("i", [met.number(word) for words in ranked for word, _ in words])),
            np.array([count for words in ranked for _, count in words], np.int32),
        )

    def save(self, path: Path) -> None:
        """Atomically."""
        strings = self.phrases.arrays("phrases") | self.letters.arrays("letters")
        fingerprint = {"fingerprint": np.frombuffer(self.fingerprint.encode(), np.uint8)}
        array_file.write(path, fingerprint | strings | {column: getattr(self, column) for column in TABLE_COLUMNS})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises DamagedFileError."""
        arrays = array_file.read(path)
        try:
            fingerprint = arrays["fingerprint"].tobytes().decode()
            phrases, letters = (StringTable.from_arrays(name, arrays) for name in ("phrases", "letters"))
            return cls(fingerprint, phrases, letters, *(arrays[column] for column in TABLE_COLUMNS))
        except KeyError as error:
            raise DamagedFileError(f"{path} has no column {error}") from error

    def headword(self, term: str) -> int | None:
        """The number of a phrase that has an entry of its own."""
        number = self.phrases.find(term)
        return number if number is not None and self.flags.item(number) & IS_HEADWORD else None

    def joined_headwords(self, pieces: Sequence[str], most: int) -> list[list[str]]:
        """For each piece the headwords that it makes with those after it, the longest first; of at most `most`."""
        found: list[list[str]] = [[] for _ in pieces]
        for start, count, number in reversed(self.phrases.find_joined(pieces, most)):
            if self.flags.item(number) & IS_HEADWORD:
                found[start].append("".join(pieces[start : start + count]))
        return found

    def joined_phrases(self, words: Sequence[str], most: int) -> frozenset[str]:
        """The headwords of two to `most` words that stand side by side."""
        found = self.phrases.find_joined(words, most, " ")
        return frozenset(self.phrases[number] for _, _, number in found if self.flags.item(number) & IS_HEADWORD)

    def has(self, term: str, flag: int) -> bool:
        """Whether the term is a headword with this flag."""
        number = self.phrases.find(term)
        wanted = IS_HEADWORD | flag
        return number is not None and self.flags.item(number) & wanted == wanted

    def span(self, number: int) -> slice:
        """The phrase's alternatives among `others` and `weights`."""
        return slice(self.starts.item(number), self.starts.item(number + 1))

    def terms_of(self, number: int) -> tuple[str, ...]:
        return tuple(self.phrases[number].split(" "))

    def complete(self, present: Callable[[NDArray[np.uint64]], BoolArray]) -> BoolArray:
        """Which phrases have terms that are all present, by `present` of their hashes."""
        if not len(self.phrases):
            return np.zeros(0, np.bool_)
        mask: BoolArray = np.logical_and.reduceat(present(self.terms).take(self.parts), self.part_starts[:-1])
        return mask

    def spelling(self, letters: str) -> list[tuple[str, int]]:
        """The words that toneless pinyin may spell, with their frequencies, commonest first."""
        span = self._spelled(letters)
        words = map(self.phrases.__getitem__, self.spelled[span].tolist())
        return list(zip(words, self.spelled_counts[span].tolist(), strict=True))

    def is_syllable(self, letters: str) -> bool:
        """Whether toneless pinyin spells a single character."""
        return 1 in self.sizes.take(self.spelled[self._spelled(letters)]).tolist()

    def _spelled(self, letters: str) -> slice:
        if (number := self.letters.find(letters)) is None:
            return slice(0)
        return slice(self.spelling_starts.item(number), self.spelling_starts.item(number + 1))


class NumberedStrings(dict[str, int]):
    """Strings numbered as they are met."""

    def number(self, string: str) -> int:
        return self.setdefault(string, len(self))

    def ordered(self, others: Iterable[str]) -> tuple[list[str], NumberArray]:
        """These and others, ascending; and the place of each number there."""
        for other in others:
            self.number(other)
        listed = sorted(self)
        places = np.empty(len(listed), np.int32)
        places[[self[string] for string in listed]] = np.arange(len(listed))
        return listed, places


def _scattered(at: NumberArray, size: int, values: Sequence[int], elsewhere: int = 0) -> NumberArray:
    """The values at these places."""
    column = np.full(size, elsewhere, np.int32)
    column[at] = values
    return column


def _script_flags(phrase: str) -> int:
    first, _, _ = phrase.partition(" ")
    return has_han(first) * IS_CHINESE | (len(first) > 1) * IS_LONG


def _ends(counts: Iterable[int]) -> NumberArray:
    return np.cumsum([0, *counts], dtype=np.int32)
