"""A segment: index rows of consecutive points to immutable columns, postings and terms, saved as one file."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.document_table import DocumentTable, Int64Array, begins_of, counts_between
from retrieval.index.fingerprint_table import FingerprintTable
from retrieval.index.postings import BoolArray, PostingLists
from retrieval.index.term_dictionary import TermTable
from retrieval.language.term_hash import hash_term
from retrieval.runtime import array_file
from retrieval.runtime.array_file import ArrayFile
from retrieval.storage.schema import IndexRow

SEGMENT_COLUMNS = ("keys", "ids", "figured")  # with a value for each point
# Nine tenths of the file, which opening it does not read: postings are checked when they are read, and fingerprints of
# damaged numbers only fold other hits until `check` has seen them.
TEXT_POSTINGS = ("text.texts", "text.counts")
CHECKED_LATER = (*TEXT_POSTINGS, "fingerprints.terms")


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """`keys` of points ascend, document by document; `ids` are hashes of the points' ids.

    `figured` marks points with a figure. `context` are the headings, of the title and a section: many points in a row
    have the same one, and those of heading i begin at `heading_begins[i]`. Tombstones are applied through `seq`. `name`
    is a unique id. `file` is where it was loaded from.
    """

    name: str
    seq: int
    keys: Int64Array
    ids: NDArray[np.uint64]
    figured: BoolArray
    documents: DocumentTable
    fingerprints: FingerprintTable
    heading_begins: Int64Array
    text: PostingLists
    context: PostingLists
    terms: TermTable
    file: ArrayFile | None = None

    @classmethod
    def of(cls, rows: Iterable[IndexRow], seq: int = 0) -> Self:
        rows = list(rows)
        keys, ids, texts, headings, heading_begins = [], [], [], [], []
        before = None
        for n, row in enumerate(rows):
            keys.append(row.point)
            ids.append(hash_term(row.id))
            texts.append(row.text.split())
            if (heading := (row.document, row.section)) != before:
                before = heading
                heading_begins.append(n)
                headings.append([*row.title.split(), *row.section.split()])
        return cls(
            secrets.token_hex(8),
            seq,
            np.array(keys, np.int64),
            np.array(ids, np.uint64),
            np.array([any(term[0].isdigit() for term in text) for text in texts], np.bool_),
            DocumentTable.of(rows),
            FingerprintTable.of(row.trace for row in rows),
            np.array(heading_begins, np.int64),
            PostingLists.of(texts),
            PostingLists.of(headings),
            TermTable.of(term for text in (*texts, *headings) for term in text),
        )

    @classmethod
    def merge(cls, parts: Sequence[Self], alive: Sequence[BoolArray | None], seq: int) -> Self:
        """One segment of the points that are alive (None: all of them), tombstones through `seq` applied.

        DamagedFileError if the file of one of them is damaged.
        """
        for part in parts:
            part.check()
        keys, ids, figured = (_column(column, parts, alive) for column in SEGMENT_COLUMNS)
        masks = [part.whole_mask(mask) for part, mask in zip(parts, alive, strict=True)]
        documents = DocumentTable.merge([part.documents for part in parts], masks)
        prints = FingerprintTable.merge([part.fingerprints for part in parts], masks)
        repeats = [part.heading_repeats(mask) for part, mask in zip(parts, masks, strict=True)]
        text = PostingLists.merge([part.text for part in parts], alive)
        context = PostingLists.merge([part.context for part in parts], [counts > 0 for counts in repeats])
        begins = begins_of(np.concatenate([counts[counts > 0] for counts in repeats]))
        terms = TermTable.merge([part.terms for part in parts], np.union1d(text.terms, context.terms))
        return cls(secrets.token_hex(8), seq, keys, ids, figured, documents, prints, begins, text, context, terms)

    @property
    def size(self) -> int:
        return len(self.keys)

    def whole_mask(self, alive: BoolArray | None) -> BoolArray:
        """The mask itself, or one of all points."""
        return np.ones(self.size, np.bool_) if alive is None else alive

    def heading_repeats(self, points: BoolArray) -> Int64Array:
        """How many of these points each heading has."""
        return counts_between(self.heading_begins, points)

    def save(self, path: Path) -> None:
        columns = {column: getattr(self, column) for column in SEGMENT_COLUMNS} | {"headings": self.heading_begins}
        postings = self.text.arrays("text") | self.context.arrays("context")
        array_file.write(
            path, columns | self.documents.arrays() | self.fingerprints.arrays() | postings | self.terms.arrays()
        )

    @classmethod
    def load(cls, path: Path, seq: int) -> Self:
        """DamagedFileError if what is read is damaged; the rest is left to `check`."""
        file = ArrayFile(path, CHECKED_LATER)
        arrays = file.arrays
        keys, ids, figured = (arrays[column] for column in SEGMENT_COLUMNS)
        documents, prints = DocumentTable.from_arrays(arrays), FingerprintTable.from_arrays(arrays)
        text = PostingLists.from_arrays("text", arrays, partial(_check_postings, file))
        context = PostingLists.from_arrays("context", arrays)
        terms = TermTable.from_arrays(arrays)
        begins = arrays["headings"]
        return cls(path.stem, seq, keys, ids, figured, documents, prints, begins, text, context, terms, file)

    @property
    def is_outdated(self) -> bool:
        """Whether its file would be opened faster if it were written again."""
        return self.file is not None and self.file.is_outdated

    def check(self, is_stopped: Callable[[], bool] = lambda: False) -> None:
        """Compare all of its file with the checksums, up to when `is_stopped` says so; raises DamagedFileError."""
        if self.file:
            self.file.check_all(is_stopped)


def _check_postings(file: ArrayFile, begins: Int64Array, ends: Int64Array) -> None:
    if not file.is_checked:
        for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
            for name in TEXT_POSTINGS:
                file.check(name, begin, end)


def _column(name: str, parts: Sequence[Segment], alive: Sequence[BoolArray | None]) -> NDArray[Any]:
    columns = [getattr(part, name) for part in parts]
    return np.concatenate([array if mask is None else array[mask] for array, mask in zip(columns, alive, strict=True)])
