"""The question before the first one: it loads what that one needs, and its failure is nobody's."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.library import Library
from retrieval.search import first_question
from tests.conftest import ROOT
from tests.support.documents import NOON
from tests.support.process import copied

FIRST_QUESTIONS = """import gc, sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from retrieval.library import Library

with closing(Library(Path(sys.argv[1]))) as library:
    library.warm()
    loaded = set(sys.modules)
    for question in ("北京的研发投入强度是多少", "how large is Huairou Science City", "2025年 新京报 -天气"):
        assert library.search(question, now=datetime(2026, 1, 1, tzinfo=UTC)).hits
    print(sorted(set(sys.modules) - loaded), gc.get_threshold()[0])
"""


def test_the_first_questions_load_nothing_and_garbage_is_looked_for_less_often(data: Path, tmp_path: Path) -> None:
    folder = copied(data, tmp_path / "copy")
    ran = subprocess.run(
        [sys.executable, "-c", FIRST_QUESTIONS, str(folder)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    modules, _, threshold = ran.stdout.strip().rpartition(" ")
    assert modules == "[]"
    assert int(threshold) > 700  # as Python has it


def test_its_failure_is_logged_and_others_are_answered(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(first_question, "WHEN", None)  # its date cannot be read
    with closing(Library(copied(data, tmp_path / "copy"))) as library:
        library.warm()
        assert library.search("how large is Huairou Science City", now=NOON).hits
    [record] = caplog.records
    assert "the question that a process asks itself at its start failed" in record.message
    assert record.exc_info
