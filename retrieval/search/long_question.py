"""A long question: its concepts go in, those of its rarest words come out, so that no question takes very long.

What is common in the corpus says little about what is asked, and has the longest postings.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from retrieval.query.concepts import AnalyzedQuery, Concept

MAX_CONCEPTS = 60  # some 50 words; of 64 words a question took twice as long as of 32
MAX_UNMET_CONCEPTS = 15  # in no text: they find nothing, but an answer should say that they are missing

Frequencies = Callable[[Sequence[Concept]], Sequence[float]]  # roughly how many texts have each concept


def keep_rarest(reading: AnalyzedQuery, frequencies: Frequencies) -> AnalyzedQuery:
    """The reading itself up to MAX_CONCEPTS; a word stays or goes with all its concepts, and the order stays."""
    concepts = reading.concepts
    if len(concepts) <= MAX_CONCEPTS:
        return reading
    counts = frequencies(concepts)
    words: dict[object, list[int]] = {}
    for n, concept in enumerate(concepts):
        words.setdefault(n if concept.asked is None else concept.asked, []).append(n)
    chosen: list[int] = []
    unmet = 0
    for rows in sorted(words.values(), key=lambda rows: (min(counts[n] for n in rows), rows)):
        is_met = any(counts[n] for n in rows)
        if len(chosen) + len(rows) > MAX_CONCEPTS or (not is_met and unmet + len(rows) > MAX_UNMET_CONCEPTS):
            continue
        unmet += 0 if is_met else len(rows)
        chosen += rows
    return replace(reading, concepts=tuple(concepts[n] for n in sorted(chosen)))
