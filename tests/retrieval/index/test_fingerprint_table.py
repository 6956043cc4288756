"""Fingerprints as numbers: bounds of what two of them share, never too low."""

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index import fingerprint_table as module
from retrieval.index.fingerprint_table import FingerprintTable
from retrieval.language.fingerprints import PAIR_WEIGHT, TextFingerprint, fingerprint, specificity

figures = st.sampled_from(["2025", "~07", "3", "120", "42000000000", "4.5%"])
words = st.sampled_from(["export", "tariff", "beij", "growth", "port"])
pairs = st.sampled_from(["出口", "增长", "口增", "关税"])
fingerprints = st.builds(
    lambda some, words, named, han: TextFingerprint.of(some, words, words & named, han),
    st.sets(figures),
    st.sets(words),
    st.sets(words),
    st.sets(pairs),
)
LISTS = st.lists(fingerprints, max_size=6)


def table_of(each: list[TextFingerprint]) -> FingerprintTable:
    return FingerprintTable.of(one.to_text() for one in each)


def shared(one: TextFingerprint, other: TextFingerprint, names: frozenset[str]) -> float:
    words = one.words & other.words
    agreed = sum(map(specificity, one.figures & other.figures))
    return agreed + len(words) + len(names & words) + PAIR_WEIGHT * len(one.han & other.han)


@given(LISTS)
def test_what_two_share(each: list[TextFingerprint]) -> None:
    """A term that either has as a name counts as one."""
    weights = table_of(each).shared_weights()
    assert weights.shared.tolist() == [[shared(one, other, one.names | other.names) for other in each] for one in each]
    assert weights.figures.tolist() == [
        [sum(map(specificity, one.figures & other.figures)) for other in each] for one in each
    ]
    assert weights.shared.diagonal().tolist() == [one.weight for one in each]
    assert weights.latin.tolist() == [one.latin for one in each]
    assert weights.chinese.tolist() == [one.chinese for one in each]


@given(LISTS)
def test_terms_that_clash_make_no_bound_too_low(each: list[TextFingerprint]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "crc32", lambda term: crc32(term) & 0xFF)
        weights = table_of(each).shared_weights()
    for i, one in enumerate(each):
        for j, other in enumerate(each):
            assert weights.shared[i, j] >= shared(one, other, one.names & other.names)
            assert weights.figures[i, j] >= sum(map(specificity, one.figures & other.figures))


@given(st.lists(LISTS, min_size=1, max_size=3), st.randoms())
def test_some_of_several_tables(lists: list[list[TextFingerprint]], random: object) -> None:
    whole = [one for each in lists for one in each]
    alive = np.array([random.random() < 0.5 for _ in whole], np.bool_)  # type: ignore[attr-defined]
    tables = [table_of(each) for each in lists]
    expected = table_of([one for one, lives in zip(whole, alive, strict=True) if lives])
    merged = FingerprintTable.merge(tables, np.split(alive, np.cumsum(list(map(len, lists)))[:-1]))
    places = [(table, n) for table in tables for n in range(len(table.chinese))]
    gathered = FingerprintTable.gather([places[n] for n in np.flatnonzero(alive).tolist()])
    for table in (merged, gathered):
        assert {name: array.tolist() for name, array in table.arrays().items()} == {
            name: array.tolist() for name, array in expected.arrays().items()
        }


def test_the_weights_of_a_text() -> None:
    """Every weight that a term can have fits into its number."""
    text = fingerprint("In July 2025 the State Grid spent 42,123.5 billion yuan, 4.37% more, on 12 lines. 国家电网投资")
    weights = FingerprintTable.of([text.to_text(), ""]).shared_weights()
    assert weights.shared.tolist() == [[text.weight, 0], [0, 0]]
