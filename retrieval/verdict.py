"""How sure a result is, and what it lacks."""

from dataclasses import dataclass

from retrieval.question import Reading
from retrieval.ranking import Matched
from retrieval.results import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """`confidence` from 0 to 1; `missing` are words the best point lacks, `nowhere` those that occur nowhere."""

    verdict: Verdict
    confidence: float
    missing: tuple[str, ...]
    nowhere: tuple[str, ...]


def judge(reading: Reading, matched: Matched) -> Judged:
    words = tuple(concept.word for concept in reading.concepts)
    if not len(matched.points):
        return Judged("none", 0.0, words, words)
    direct = matched.own + matched.context
    missing = tuple(word for word, row in zip(words, direct, strict=True) if not row[0])
    nowhere = tuple(word for word, row in zip(words, direct, strict=True) if not row.any())
    covered = 1 - len(missing) / max(len(words), 1)
    return Judged("answer" if covered > 0.7 else "maybe" if covered > 0.3 else "none", covered, missing, nowhere)
