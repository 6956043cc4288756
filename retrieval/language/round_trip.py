"""The round trip: a word to its names in the dictionary, and to those of its translations, that a corpus has."""

import numpy as np

from retrieval.language.dictionary_table import IS_CHINESE, IS_LONG, BoolArray, DictionaryTable
from retrieval.language.lexicon import Alternative, as_alternative
from retrieval.runtime.kernels import Kernel

SURE_TRANSLATION = 0.6  # a translation of a greater weight is translated back
NEVER_SURE = 1.0  # no weight is greater
ROUND_TRIP_WEIGHT = 0.3  # of a word found by way of the other language

# `text` becomes the likeliest names, each with an end of line behind it; the result is the number of bytes
_names_present = Kernel(
    "int64_t names_present(uint8_t *text, int32_t *names, double *name_weights, int64_t most, int32_t word,"
    " double share, double sure, double round_trip, uint8_t is_chinese, uint8_t is_long, const int32_t *starts,"
    " const int32_t *others, const uint16_t *thousandths, const uint8_t *flags, const uint8_t *letters,"
    " const int32_t *ends, const _Bool *present);"
)


class PresentNames:
    """The names of words, of the dictionary's phrases that are `present`."""

    def __init__(self, table: DictionaryTable, present: BoolArray) -> None:
        self._table = table
        letters, ends = table.phrases.columns
        self._line_size = int(np.diff(ends).max(initial=0)) + 1
        self._names_present = _names_present.ending_with(
            *(ROUND_TRIP_WEIGHT, IS_CHINESE, IS_LONG, table.starts, table.others, table.weights, table.flags),
            *(letters, ends, present),
        )

    def of(self, word: str, share: float, most: int) -> list[Alternative]:
        """The likeliest names, with their weights; those of the word itself times `share`.

        Those of one weight stand in the order of their names.
        """
        if (number := self._table.headword(word)) is None:
            return []
        text, numbers, weights = np.empty(most * self._line_size, np.uint8), np.empty(most, np.int32), np.empty(most)
        sure = SURE_TRANSLATION if len(word) > 1 else NEVER_SURE
        size = self._names_present(text, numbers, weights, most, number, share, sure)
        names = text[:size].tobytes().decode().split("\n")[:-1]
        terms = [tuple(name.split(" ")) if " " in name else (name,) for name in names]
        return list(map(as_alternative, zip(terms, weights[: len(terms)].tolist(), strict=True)))
