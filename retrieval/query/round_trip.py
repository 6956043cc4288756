"""The round trip: a word to its names in the dictionary, and to those of its translations, that a corpus has."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retrieval.language.dictionary_table import (
    IS_CHINESE,
    IS_LONG,
    THOUSANDTHS,
    BoolArray,
    DictionaryTable,
    NumberArray,
)

SURE_TRANSLATION = 0.6  # a translation of this weight is translated back
ROUND_TRIP_WEIGHT = 0.3  # of a word found by way of the other language


def names_present(
    word: str, table: DictionaryTable, present: BoolArray, share: float
) -> Iterator[tuple[tuple[str, ...], float]]:
    """Those of the phrases `present`, with their weights, likeliest first; those of the word itself times `share`."""
    if (number := table.headword(word)) is None:
        return
    span = table.span(number)
    numbers, weights = table.others[span], table.weights[span] / THOUSANDTHS
    listed, worth = [numbers.compress(kept := present.take(numbers))], [share * weights.compress(kept)]
    if len(word) > 1:
        han = bool(table.flags.item(number) & IS_CHINESE)
        further, further_weights = _by_way_of_translations(table, numbers, weights, han)
        kept = (table.flags.take(further) & (IS_CHINESE | IS_LONG)) == (han * IS_CHINESE | IS_LONG)
        kept &= present.take(further)
        listed.append(further.compress(kept))
        worth.append(further_weights.compress(kept))
    numbers, weights = np.concatenate(listed), np.concatenate(worth)
    order = np.lexsort((numbers, -weights))
    seen: set[int] = set()
    for number, weight in zip(numbers.take(order).tolist(), weights.take(order).tolist(), strict=True):
        if number not in seen:
            seen.add(number)
            yield table.terms_of(number), weight


def _by_way_of_translations(
    table: DictionaryTable, numbers: NumberArray, weights: NDArray[np.float64], han: bool
) -> tuple[NumberArray, NDArray[np.float64]]:
    """The names of the sure ones among a word's names that are of the other language."""
    sure = numbers[: np.count_nonzero(weights > SURE_TRANSLATION)]  # likeliest first
    ways = np.flatnonzero((table.flags.take(sure) & IS_CHINESE) != han * IS_CHINESE)
    begins, ends = table.starts.take(sure.take(ways)), table.starts.take(sure.take(ways) + 1)
    sizes = ends - begins
    at = np.arange(sizes.sum()) + np.repeat(begins - np.cumsum(sizes) + sizes, sizes)
    shares = np.repeat(ROUND_TRIP_WEIGHT * weights.take(ways), sizes)
    return table.others.take(at), shares * (table.weights.take(at) / THOUSANDTHS)
