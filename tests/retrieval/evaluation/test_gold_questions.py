from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.evaluation import gold_questions
from retrieval.evaluation.gold_questions import GoldQuestion, QuestionFileError, QuestionOutcome, RecallRow
from retrieval.model.results import Hit, Result, Verdict
from tests.support.documents import document

FOUND = document("t", "It cost 3 yuan.", "Nobody came.", "It rained.")


def result(question: str, *texts: int, verdict: Verdict = "answer", folded: tuple[str, ...] = ()) -> Result:
    hits = tuple(Hit(n, 1 / n, FOUND.points[text], FOUND, folded=folded) for n, text in enumerate(texts, 1))
    return Result(question, verdict, 1.0, (), 0.0, hits)


def outcome(kind: str, rank: int | None, verdict: Verdict = "answer") -> QuestionOutcome:
    return QuestionOutcome(GoldQuestion(kind, "q"), rank, verdict)


@pytest.mark.parametrize(
    ("texts", "folded", "gold", "rank"),
    [
        ((0, 1), (), ("3 yuan",), 1),
        ((0, 1), (), ("came",), 2),
        ((0, 1, 2), (), ("rained", "came"), 2),
        ((1, 2), (), ("3 yuan",), None),
        ((1, 2), ("At 3 yuan it sold.",), ("3 yuan",), 1),
        ((), (), ("3 yuan",), None),
        ((0,), (), (), None),
        ((1,) * 9 + (0,), (), ("3 yuan",), 10),
        ((1,) * 10 + (0,), (), ("3 yuan",), None),
    ],
)
def test_the_rank_of_the_first_gold_point(
    texts: tuple[int, ...], folded: tuple[str, ...], gold: tuple[str, ...], rank: int | None
) -> None:
    done = gold_questions.measure_questions(
        lambda question: result(question, *texts, folded=folded), [GoldQuestion("zh", "q", gold)]
    )
    assert done == [QuestionOutcome(GoldQuestion("zh", "q", gold), rank, "answer")]


def test_rows_by_kind_in_the_order_of_the_file() -> None:
    done = [outcome("zh", 1), outcome("en", None), outcome("zh", 4), outcome("en", 2)]
    assert gold_questions.recall_rows(done) == [
        RecallRow("all", 4, 0.25, 0.5, 0.75, (1 + 1 / 4 + 1 / 2) / 4),
        RecallRow("zh", 2, 0.5, 0.5, 1.0, (1 + 1 / 4) / 2),
        RecallRow("en", 2, 0.0, 0.5, 0.5, 1 / 4),
    ]


def test_verdicts_by_kind() -> None:
    done = [outcome("zh", 1), outcome("zh", 1, "none"), outcome("en", 2, "maybe"), outcome("en", None, "maybe")]
    found = [(v.kind, v.questions, v.answer, v.maybe, v.none) for v in gold_questions.verdict_shares(done)]
    assert found == [("all", 4, 0.25, 0.5, 0.25), ("zh", 2, 0.5, 0.0, 0.5), ("en", 2, 0.0, 1.0, 0.0)]


def test_verdicts_of_what_came_first() -> None:
    first = gold_questions.first_rank_verdicts([outcome("zh", 1), outcome("zh", 2, "none"), outcome("zh", 1, "maybe")])
    assert (first.questions, first.answer, first.maybe, first.none) == (2, 0.5, 0.5, 0.0)


def test_nothing_asked() -> None:
    assert gold_questions.measure_questions(result, []) == []
    assert gold_questions.recall_rows([]) == [RecallRow("all", 0, 0.0, 0.0, 0.0, 0.0)]
    assert [v.questions for v in [*gold_questions.verdict_shares([]), gold_questions.first_rank_verdicts([])]] == [0, 0]


ranks = st.none() | st.integers(1, 10)


@given(st.lists(st.tuples(st.sampled_from(["zh", "en"]), ranks, st.sampled_from(["answer", "maybe", "none"]))))
def test_shares_agree(asked: list[tuple[str, int | None, Verdict]]) -> None:
    done = [outcome(*one) for one in asked]
    whole, *kinds = gold_questions.recall_rows(done)
    assert sum(row.questions for row in kinds) == whole.questions == len(done)
    for row in (whole, *kinds):
        assert 0 <= row.r1 <= row.r3 <= row.r10 <= 1
        assert row.r1 <= row.mrr <= row.r10
    for verdicts in gold_questions.verdict_shares(done):
        assert verdicts.answer + verdicts.maybe + verdicts.none == pytest.approx(min(verdicts.questions, 1))


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "questions.tsv"
    path.write_text("\ufeffzh\t几个？\tthree|3\n\n  \nen\thow many?\tfour\n", "utf-8")
    assert gold_questions.read_answerable(path) == [
        GoldQuestion("zh", "几个？", ("three", "3")),
        GoldQuestion("en", "how many?", ("four",)),
    ]
    path.write_text("junk\tasdf\n", "utf-8")
    assert gold_questions.read_unanswerable(path) == [GoldQuestion("junk", "asdf")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"zh\tq\tgold\nzh\tq\n", ":2: expected 3 fields separated by tabs, found 2"),
        (b"zh\tq\tgold\textra\n", ":1: expected 3 fields separated by tabs, found 4"),
        (b"zh\t \tgold\n", ":1: expected 3 fields"),
        (b"zh q gold\n", ":1: expected 3 fields separated by tabs, found 1"),
        (b"zh\tq\t\xff\n", "not UTF-8"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "questions.tsv"
    path.write_bytes(content)
    with pytest.raises(QuestionFileError) as refused:
        gold_questions.read_answerable(path)
    assert str(path) in str(refused.value)
    assert says in str(refused.value)
