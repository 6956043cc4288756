from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.dictionary_builder import (
    count_percent,
    fingerprint,
    is_current,
    opened,
    phrase_keys,
    phrase_terms,
)
from retrieval.language.dictionary_table import IS_HEADWORD, DictionaryTable
from retrieval.language.han import has_han


def test_compiled_from_what_is_installed(data: Path) -> None:
    assert is_current(data / "lexicon.bin")
    assert fingerprint() == fingerprint()


@pytest.mark.parametrize("size", [0, 1, 59, 60, 61, 1000])
def test_percents_rise_and_stay_below_the_end(size: int) -> None:
    percents: list[int] = []
    assert list(count_percent(range(size), percents.append, 40, 100)) == list(range(size))
    assert percents == sorted(percents)
    assert all(40 <= percent < 100 for percent in percents)


@pytest.mark.parametrize("content", [None, b"", b"no dictionary", b"SQLite format 3\x00" + b"\x00" * 100])
def test_what_is_no_dictionary_is_not_current(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "lexicon.bin"
    if content is not None:
        path.write_bytes(content)
    assert not is_current(path)


def test_of_other_sources_it_is_not_current(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "lexicon.bin"
    replace(DictionaryTable.load(data / "lexicon.bin"), fingerprint="other").save(path)
    assert not is_current(path)


def test_damage_is_found(data: Path, tmp_path: Path) -> None:
    content = bytearray((data / "lexicon.bin").read_bytes())
    content[len(content) // 2] ^= 1
    (path := tmp_path / "lexicon.bin").write_bytes(content)
    assert not is_current(path)


def test_a_damaged_dictionary_is_compiled_again_once_by_two_at_once(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "lexicon.bin"
    path.write_bytes((data / "lexicon.bin").read_bytes()[:-1])
    (former := tmp_path / "lexicon.db").write_bytes(b"SQLite format 3")
    percents: tuple[list[int], list[int]] = ([], [])
    with ThreadPoolExecutor() as threads:
        tables = list(threads.map(lambda heard: opened(path, heard.append), percents))
    assert [table.fingerprint for table in tables] == [fingerprint()] * 2
    assert sorted(map(bool, percents)) == [False, True]
    assert path.read_bytes() == (data / "lexicon.bin").read_bytes()
    assert not former.exists()


def test_weights_of_everything_compiled(data: Path) -> None:
    table = DictionaryTable.load(data / "lexicon.bin")
    assert np.count_nonzero(table.flags & IS_HEADWORD) > 100_000
    assert (table.frequencies >= 0).all()
    assert ((table.weights > 0) & (table.weights <= 1000)).all()
    for number in range(len(table.phrases)):
        span = table.span(number)
        others = table.others[span].tolist()
        assert len(set(others)) == len(others)
        assert (np.diff(table.weights[span].astype(int)) <= 0).all()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("production capacity", "product capac"),
        ("the Science City", "scienc citi"),
        ("STAR Market", "star market"),
        ("科創板", "科创板"),
        ("反 内卷", "反内卷"),
        ("R&D", "r&d"),
        ("5G网络", "5g 网络"),
        ("the", ""),
        ("", ""),
        ("!?", ""),
    ],
)
def test_phrase(text: str, key: str) -> None:
    assert phrase_terms(text) == key


@given(st.text())
def test_any_phrase(text: str) -> None:
    key = phrase_terms(text)
    assert " " not in (key[:1], key[-1:])
    assert has_han(key) or key == " ".join(key.split())


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("科创板\tSTAR Market", ["科创板", "star market"]),
        ("科創板\tThe STAR Market\tSTAR markets", ["科创板", "star market"]),
        ("同比\tyear on year\tyear-on-year\tYoY", ["同比", "yoy"]),
        ("迄今\tso far\tto date", ["迄今", "date"]),
        ("# 科创板\tSTAR Market", []),
        ("", []),
        ("\t\t", []),
    ],
)
def test_names_of_a_glossary_line(line: str, found: list[str]) -> None:
    assert phrase_keys(line) == found
