"""The round trip against the same thing written plainly."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.language.dictionary_table import DictionaryTable, Headword
from retrieval.language.han import has_han
from retrieval.language.round_trip import ROUND_TRIP_WEIGHT, SURE_TRANSLATION, PresentNames

WORDS = ["a", "ab", "r&d", "研", "研发", "投入", "ab b", "研发 a", "投 入"]
ALTERNATIVES = st.dictionaries(st.sampled_from(WORDS), st.integers(1, 1000), max_size=6)
DICTIONARIES = st.dictionaries(st.sampled_from(WORDS), ALTERNATIVES)


@given(
    DICTIONARIES,
    st.sampled_from([*(word for word in WORDS if " " not in word), "unknown"]),
    st.frozensets(st.sampled_from(WORDS)),
    st.integers(1, 10),
)
@example({"ab": {"研发": 900}, "研发": {"r&d": 800, "ab": 900}}, "ab", frozenset(WORDS), 10)
@example({"ab": {"研发": 900, "a": 250}, "研发": {"a": 1000}}, "ab", frozenset(WORDS), 1)
@example({"ab": {}}, "ab", frozenset(WORDS), 10)
def test_as_written_plainly(dictionary: dict[str, dict[str, int]], word: str, there: frozenset[str], most: int) -> None:
    heads = [Headword(term, alternatives=_ranked(others)) for term, others in sorted(dictionary.items())]
    table = DictionaryTable.of("1", heads, {})
    present = np.array([table.phrases[n] in there for n in range(len(table.phrases))], np.bool_)
    found = [(" ".join(terms), weight) for terms, weight in PresentNames(table, present).of(word, 0.9, most)]
    assert found == _plainly(dictionary, word, there, 0.9)[:most]


def _ranked(others: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(others.items(), key=lambda other: (-other[1], other[0]))


def _plainly(
    dictionary: dict[str, dict[str, int]], word: str, there: frozenset[str], share: float
) -> list[tuple[str, float]]:
    best: dict[str, float] = {}
    for way, thousandths in dictionary.get(word, {}).items():
        if way in there:
            best[way] = max(best.get(way, 0), share * (thousandths / 1000))
        sure = thousandths / 1000 > SURE_TRANSLATION and has_han(way.split()[0]) != has_han(word)
        for name, back in dictionary.get(way, {}).items() if sure and len(word) > 1 else ():
            first = name.split()[0]
            if name in there and has_han(first) == has_han(word) and len(first) > 1:
                best[name] = max(best.get(name, 0), ROUND_TRIP_WEIGHT * (thousandths / 1000) * (back / 1000))
    return sorted(best.items(), key=lambda name: (-name[1], name[0]))
