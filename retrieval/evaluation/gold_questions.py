"""Search quality: question files go in, recall@k, MRR and shares of verdicts come out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.model.results import Result, Verdict

SEARCH_DEPTH = 10  # hits

Search = Callable[[str], Result]


class QuestionFileError(Exception):
    """The question file is malformed; the text names it and the line."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """`gold` are substrings of a point's text, any of which answers the question; none if it is unanswerable."""

    kind: str
    question: str
    gold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """`rank` counts from 1; None if no gold point is among the first SEARCH_DEPTH hits."""

    gold: GoldQuestion
    rank: int | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RecallRow:
    """Shares of 1 over the questions of one kind."""

    kind: str
    questions: int
    r1: float
    r3: float
    r10: float
    mrr: float


@dataclass(frozen=True, slots=True)
class VerdictShares:
    """Shares of 1 of a kind's questions by verdict."""

    kind: str
    questions: int
    answer: float
    maybe: float
    none: float


def read_answerable(path: Path) -> list[GoldQuestion]:
    """Lines of kind, question, gold (substrings joined by '|')."""
    return [GoldQuestion(kind, question, tuple(gold.split("|"))) for kind, question, gold in _read_fields(path, 3)]


def read_unanswerable(path: Path) -> list[GoldQuestion]:
    """Lines of kind, question."""
    return [GoldQuestion(kind, question) for kind, question in _read_fields(path, 2)]


def measure_questions(search: Search, questions: Iterable[GoldQuestion]) -> list[QuestionOutcome]:
    """A near-duplicate folded into a hit does not hide the gold point: its text counts at the hit's rank."""
    outcomes = []
    for question in questions:
        result = search(question.question)
        rank = next(
            (
                hit.rank
                for hit in result.hits[:SEARCH_DEPTH]
                if any(gold in text for gold in question.gold for text in (hit.point.text, *hit.folded))
            ),
            None,
        )
        outcomes.append(QuestionOutcome(question, rank, result.verdict))
    return outcomes


def recall_rows(outcomes: Sequence[QuestionOutcome]) -> list[RecallRow]:
    """One row over all questions, then one a kind, in the file's order."""
    return [_recall_row("all", outcomes), *(_recall_row(kind, group) for kind, group in _group_by_kind(outcomes))]


def verdict_shares(outcomes: Sequence[QuestionOutcome]) -> list[VerdictShares]:
    """One row over all questions, then one a kind, in the file's order."""
    return [_verdict_row("all", outcomes), *(_verdict_row(kind, group) for kind, group in _group_by_kind(outcomes))]


def first_rank_verdicts(outcomes: Sequence[QuestionOutcome]) -> VerdictShares:
    """The verdicts of the questions whose gold point came first."""
    return _verdict_row("right 1st", [outcome for outcome in outcomes if outcome.rank == 1])


def _recall_row(kind: str, group: Sequence[QuestionOutcome]) -> RecallRow:
    ranks = [outcome.rank for outcome in group]
    size = max(len(ranks), 1)
    first, third, tenth = (sum(rank is not None and rank <= k for rank in ranks) / size for k in (1, 3, 10))
    return RecallRow(kind, len(ranks), first, third, tenth, sum(1 / rank for rank in ranks if rank) / size)


def _verdict_row(kind: str, group: Sequence[QuestionOutcome]) -> VerdictShares:
    size = max(len(group), 1)
    verdicts: tuple[Verdict, ...] = ("answer", "maybe", "none")
    return VerdictShares(kind, len(group), *(sum(o.verdict == verdict for o in group) / size for verdict in verdicts))


def _group_by_kind(outcomes: Sequence[QuestionOutcome]) -> list[tuple[str, list[QuestionOutcome]]]:
    kinds = dict.fromkeys(outcome.gold.kind for outcome in outcomes)
    return [(kind, [outcome for outcome in outcomes if outcome.gold.kind == kind]) for kind in kinds]


def _read_fields(path: Path, count: int) -> list[list[str]]:
    rows = []
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise QuestionFileError(f"{path}: not UTF-8 text") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) != count or not all(field.strip() for field in fields):
            raise QuestionFileError(f"{path}:{number}: expected {count} fields separated by tabs, found {len(fields)}")
        rows.append(fields)
    return rows
