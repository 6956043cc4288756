"""The round trip: a word to its names in the dictionary, and to those of its translations, that a corpus has."""

import numpy as np

from retrieval.language.dictionary_table import IS_CHINESE, IS_LONG, BoolArray, DictionaryTable
from retrieval.runtime.kernels import Kernel

SURE_TRANSLATION = 0.6  # a translation of a greater weight is translated back
NEVER_SURE = 1.0  # no weight is greater
ROUND_TRIP_WEIGHT = 0.3  # of a word found by way of the other language

_names_present = Kernel(
    "int64_t names_present(int32_t *names, double *name_weights, int64_t most, int32_t word, double share, double sure,"
    " double round_trip, uint8_t is_chinese, uint8_t is_long, const int32_t *starts, const int32_t *others,"
    " const uint16_t *thousandths, const uint8_t *flags, const _Bool *present);"
)


def names_present(
    word: str, table: DictionaryTable, present: BoolArray, share: float, most: int
) -> list[tuple[tuple[str, ...], float]]:
    """The likeliest of the phrases `present`, with their weights; those of the word itself times `share`.

    Those of one weight stand in the order of their names.
    """
    if (number := table.headword(word)) is None:
        return []
    names, weights = np.empty(most, np.int32), np.empty(most)
    size = _names_present(
        *(names, weights, most, number, share, SURE_TRANSLATION if len(word) > 1 else NEVER_SURE, ROUND_TRIP_WEIGHT),
        *(IS_CHINESE, IS_LONG, table.starts, table.others, table.weights, table.flags, present),
    )
    terms = map(table.terms_of, names[:size].tolist())
    return list(zip(terms, weights[:size].tolist(), strict=True))
