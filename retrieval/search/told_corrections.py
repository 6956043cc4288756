"""Corrections that are told: slips and hits go in, the corrections that the first hit confirms come out."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from retrieval.language.tokenizer import stem
from retrieval.model.results import Correction, Hit
from retrieval.query.concepts import AnalyzedQuery
from retrieval.search.highlighter import Highlighter
from retrieval.search.proximity import to_plain


def confirmed_corrections(
    reading: AnalyzedQuery, hits: Sequence[Hit], highlighter: Highlighter
) -> tuple[Correction, ...]:
    """Each with the word as a hit writes it, whether it is marked or not; `highlighter` is the question's."""
    if not hits:
        return ()
    confirmed = [one for one in reading.corrections if _is_confirmed(one, reading, hits[0].point.text)]
    return tuple(_with_full_word(one, hits, highlighter) for one in confirmed)


def _is_confirmed(correction: Correction, reading: AnalyzedQuery, text: str) -> bool:
    """Whether the text has the word as it was read, and not as it was written or in another form of that."""
    if correction.asked in to_plain(text) or _forms(correction.asked) & _forms(correction.read):
        return False
    concept = next((one for one in reading.concepts if one.word == correction.asked), None)
    return bool(concept and Highlighter.of([concept._replace(alternatives=concept.alternatives[1:])]).find(text))


def _forms(word: str) -> set[str]:
    """The word without accents, its singular and its stem."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
    return {bare, bare.removesuffix("s"), stem(bare)}


def _with_full_word(correction: Correction, hits: Iterable[Hit], highlighter: Highlighter) -> Correction:
    """With the word as the first matching point writes it, in place of a stem."""
    for hit in hits:
        for match in hit.matches or highlighter.find(hit.point.text):
            word = hit.point.text[match.start : match.end].lower()
            if match.word == correction.asked and stem(word) == correction.read:
                return replace(correction, read=word)
    return correction
