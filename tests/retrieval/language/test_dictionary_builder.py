import shutil
import sqlite3
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.dictionary_builder import count_percent, fingerprint, is_current, phrase_keys, phrase_terms
from retrieval.language.han import has_han


def test_compiled_from_what_is_installed(data: Path) -> None:
    assert is_current(data / "lexicon.db")
    assert fingerprint() == fingerprint()


@pytest.mark.parametrize("size", [0, 1, 59, 60, 61, 1000])
def test_percents_rise_and_stay_below_the_end(size: int) -> None:
    percents: list[int] = []
    assert list(count_percent(range(size), percents.append, 40, 100)) == list(range(size))
    assert percents == sorted(percents)
    assert all(40 <= percent < 100 for percent in percents)


@pytest.mark.parametrize("content", [None, b"", b"not a database", b"SQLite format 3\x00" + b"\x00" * 100])
def test_what_is_no_dictionary_is_not_current(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "lexicon.db"
    if content is not None:
        path.write_bytes(content)
    assert not is_current(path)


def test_of_other_sources_it_is_not_current(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "lexicon.db"
    shutil.copy(data / "lexicon.db", path)
    db = sqlite3.connect(path)
    with db:
        db.execute("UPDATE meta SET value = 'other' WHERE key = 'fingerprint'")
    db.close()
    assert not is_current(path)


def test_weights_of_everything_compiled(data: Path) -> None:
    db = sqlite3.connect(data / "lexicon.db")
    rows = db.execute("SELECT term, frequency, name, called, weights FROM terms").fetchall()
    db.close()
    assert len(rows) > 100_000
    for term, frequency, name, called, weights in rows:
        lines = called.split("\n") if called else []
        thousandths = array("H", weights).tolist()
        assert term
        assert frequency >= 0
        assert name in (0, 1)
        assert all(0 < weight <= 1000 for weight in thousandths)
        assert thousandths == sorted(thousandths, reverse=True)
        assert len(set(lines)) == len(lines) == len(thousandths)


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
