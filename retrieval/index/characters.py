"""Characters in the index: a few characters to the points in which all of them occur, wherever words were cut.

The index has no positions: whether they stand side by side is for the text to say.
"""

from collections.abc import Iterator

import numpy as np

from retrieval.index.document_table import Int64Array
from retrieval.index.postings import HashArray, Int32Array, PostingLists
from retrieval.index.segment import Segment
from retrieval.index.snapshot import Snapshot
from retrieval.index.term_dictionary import TermTable

NO_TEXTS = np.zeros(0, np.int32)


def points_with_characters(snapshot: Snapshot, characters: str) -> list[int]:
    """Keys of points whose text or headings have a term with each of the characters, dead points included."""
    return [int(key) for part in snapshot.segments for key in part.keys[_texts_with(part, characters)]]


def _texts_with(part: Segment, characters: str) -> Int64Array:
    found = np.ones(part.size, np.bool_)
    for character in set(characters):
        terms = part.terms.hashes[_terms_with(part.terms, character)]
        having = np.zeros(part.size, np.bool_)
        having[_texts(part.text, terms)] = True
        headings = _texts(part.context, terms)
        ends = np.append(part.heading_begins, part.size).take(headings + 1)
        for begin, end in zip(part.heading_begins.take(headings).tolist(), ends.tolist(), strict=True):
            having[begin:end] = True
        found &= having
        if not found.any():
            break
    return np.flatnonzero(found)


def _texts(lists: PostingLists, terms: HashArray) -> Int32Array:
    """The texts that have any of these terms."""
    spans = lists.spans(terms)
    found = (lists.texts[begin:end] for begin, end in zip(spans.begins.tolist(), spans.ends.tolist(), strict=True))
    return np.concatenate([NO_TEXTS, *found])


def _terms_with(terms: TermTable, character: str) -> Int64Array:
    """The places of the terms that have the character."""
    places = np.array([*_occurrences(terms.letters.tobytes(), character.encode())], np.int64)
    found = terms.ends.searchsorted(places, "right")
    # not np.unique, whose first call imports a module for 50 ms
    return found[np.flatnonzero(np.diff(found, prepend=-1))]


def _occurrences(letters: bytes, sought: bytes) -> Iterator[int]:
    at = letters.find(sought)
    while at >= 0:
        yield at
        at = letters.find(sought, at + len(sought))
