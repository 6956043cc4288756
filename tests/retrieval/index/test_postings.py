from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.index.postings import POSTING_COLUMNS, PostingLists, idf
from retrieval.runtime import array_file
from retrieval.runtime.array_file import DamagedFileError

TEXTS = st.lists(st.lists(st.sampled_from(["a", "b", "c", "能源", "市场"]), max_size=6), max_size=8)


def listed(segment: PostingLists) -> dict[str, list[tuple[int, int]]]:
    found = {}
    for term in ["a", "b", "c", "能源", "市场", "nowhere"]:
        texts, counts = segment.postings(term)
        found[term] = list(zip(texts.tolist(), counts.tolist(), strict=True))
    return found


@given(TEXTS)
def test_postings_are_texts_with_counts(texts: list[list[str]]) -> None:
    segment = PostingLists.of(texts)
    assert segment.lengths.tolist() == [len(text) for text in texts]
    for term, found in listed(segment).items():
        assert found == [(n, text.count(term)) for n, text in enumerate(texts) if term in text]


@given(st.lists(TEXTS, min_size=1, max_size=4), st.data())
def test_merged_is_as_made_at_once(parts: list[list[list[str]]], data: st.DataObject) -> None:
    alive = [
        np.array(data.draw(st.lists(st.booleans(), min_size=len(part), max_size=len(part))), np.bool_) for part in parts
    ]
    left = [
        text for part, mask in zip(parts, alive, strict=True) for text, stays in zip(part, mask, strict=True) if stays
    ]
    merged, whole = PostingLists.merge([PostingLists.of(part) for part in parts], alive), PostingLists.of(left)
    for name in POSTING_COLUMNS:
        assert np.array_equal(getattr(merged, name), getattr(whole, name))
        assert getattr(merged, name).dtype == getattr(whole, name).dtype


@given(TEXTS)
def test_as_saved(tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]]) -> None:
    path = tmp_path_factory.getbasetemp() / "saved"
    segment = PostingLists.of(texts)
    array_file.write(path, segment.arrays("text"))
    assert listed(PostingLists.from_arrays("text", array_file.read(path))) == listed(segment)


def test_every_damaged_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "saved"
    array_file.write(path, PostingLists.of([["a", "b"], ["a"]]).arrays("text"))
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            assert listed(PostingLists.from_arrays("text", array_file.read(path)))["a"] == [(0, 1), (1, 1)]
        except DamagedFileError:
            continue
        assert not whole[at], "only what fills the gaps may change"
    for length in range(0, len(whole), 13):
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedFileError):
            array_file.read(path)


def test_idf_is_above_0_wherever_something_occurs() -> None:
    assert idf(1, 1) > 0
    assert idf(10, 10) > 0
    assert idf(10, 1) > idf(10, 2)
