"""What must hold for any corpus: on the seeds and on the corpora of tests/quality, without anybody's labels."""

import shutil
from pathlib import Path

import pytest

from retrieval.evaluation import self_check
from retrieval.evaluation.self_check import CheckFailure, CheckRow, Probe
from retrieval.library import Library
from retrieval.model.results import Hit, Result, Verdict
from tests.support.documents import document
from tests.test_quality import CORPORA, NOW

MIN_HELD, MIN_ANSWERED = 0.99, 0.95

CHIP = document(
    "芯片", 'Its chip "Star One" sold 12,000 times.', "The issuance of科创债 grew to $4.5 billion in Wuhan."
)


def result(question: str, point: int | None, verdict: Verdict = "answer", missing: tuple[str, ...] = ()) -> Result:
    hits = () if point is None else (Hit(1, 1.0, CHIP.points[point], CHIP),)
    return Result(question, verdict, 1.0, missing, 0.0, hits)


def test_what_is_asked_of_a_corpus() -> None:
    asked = {(probe.kind, probe.question) for probe in self_check.collect_probes([CHIP]) if probe.kind != "point"}
    literals = {("quote", "Star One"), ("run", "科创债"), ("name", "Wuhan"), ("amount", "12,000")}
    assert asked == literals | {("amount", "$4.5 billion"), ("title", "芯片")}


@pytest.mark.parametrize(
    ("probe", "point", "held"),
    [
        (Probe("quote", "star one", text="star one"), 0, True),
        (Probe("quote", "star one", text="star one"), 1, False),
        (Probe("quote", "star one", text="star one"), None, False),
        (Probe("run", "科创债", text="科创债"), 1, True),
        (Probe("amount", "2,000", text="2,000"), 0, False),  # 12,000 is another one
        (Probe("amount", "12,000", text="12,000"), 0, True),
        (Probe("title", "芯片", document="芯片"), 1, True),
        (Probe("point", "x", point=CHIP.points[0].text), 0, True),
        (Probe("point", "x", point=CHIP.points[0].text), 1, False),
    ],
)
def test_what_a_probe_must_bring(probe: Probe, point: int | None, held: bool) -> None:
    assert self_check.is_held(probe, result(probe.question, point)) is held


def test_what_is_said_to_be_missing_and_is_not() -> None:
    assert self_check.wrongly_missing(result("q", 0, missing=("star", "tar", "科创债"))) == ("star",)


def test_failures_are_named() -> None:
    checks, failures = self_check.run_checks(lambda question: result(question, 0, "maybe"), [CHIP])
    assert CheckRow("quote", 1, 1.0, 0.0) in checks
    assert CheckFailure("run", "科创债", CHIP.points[0].text) in failures


def test_the_same_questions_in_whatever_order_documents_came() -> None:
    others = [document(f"Story {n}", f"Firm number {n} of Wuhan sold {n},000 engines to Ningbo.") for n in range(40)]
    assert self_check.collect_probes(others) == self_check.collect_probes(others[::-1])


@pytest.mark.parametrize("name", CORPORA)
def test_a_corpus_finds_what_stands_in_it(name: str, data: Path, tmp_path: Path) -> None:
    shutil.copy(data / "lexicon.bin", tmp_path)
    shutil.copytree(data / "cache", tmp_path / "cache")
    library = Library(tmp_path)
    assert not library.ingest(CORPORA[name]).refused
    checks, failures = self_check.run_checks(
        lambda question: library.search(question, k=1, now=NOW), library.recent(1000)
    )
    library.close()
    assert sum(check.questions for check in checks) > 500
    assert all(check.held >= MIN_HELD for check in checks), failures
    words = [check for check in checks if check.kind in self_check.PASSAGES]
    assert all(check.answer >= MIN_ANSWERED for check in words), words
