"""A segment's documents as columns: index rows in, masks of the documents that pass a filter out, without SQLite."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from retrieval.index.postings import BoolArray, HashArray
from retrieval.language.term_hash import hash_term
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING
from retrieval.storage.schema import IndexRow

Int64Array = NDArray[np.int64]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class DocumentTable:
    """`keys` of documents in the order of their points; the points of document i begin at `begins[i]`, and those of the
    last end with the segment.

    `published` are minutes since 1970; `outlets` are hashes of canonical names, `topics` of names: those of document i
    stand from `topic_begins[i]` on.
    """

    keys: Int64Array
    begins: Int64Array
    published: Int64Array
    outlets: HashArray
    topic_begins: Int64Array
    topics: HashArray

    @classmethod
    def of(cls, rows: Iterable[IndexRow]) -> Self:
        """Of rows that lie document by document."""
        keys, sizes, published, outlets, topic_counts = [], [], [], [], []
        topics: list[int] = []
        for key, group in groupby(rows, key=lambda row: row.document):
            first, *others = group
            keys.append(key)
            sizes.append(1 + len(others))
            published.append(minutes(first.published))
            outlets.append(hash_term(first.outlet))
            topic_counts.append(len(first.topics))
            topics += map(hash_term, first.topics)
        return cls(
            np.array(keys, np.int64),
            begins_of(sizes),
            np.array(published, np.int64),
            np.array(outlets, np.uint64),
            begins_of(topic_counts),
            np.array(topics, np.uint64),
        )

    @classmethod
    def merge(cls, tables: Sequence[Self], alive: Sequence[BoolArray]) -> Self:
        """The documents of all points that are alive, in their order; each mask has a segment's points."""
        sizes = [table.count(mask) for table, mask in zip(tables, alive, strict=True)]
        kept = [np.flatnonzero(counts) for counts in sizes]
        topic_counts = [table.topic_counts() for table in tables]
        stay = [np.repeat(counts > 0, each) for counts, each in zip(sizes, topic_counts, strict=True)]

        def joined(columns: Sequence[NDArray[Any]], chosen: Sequence[NDArray[Any]]) -> NDArray[Any]:
            return np.concatenate([column[here] for column, here in zip(columns, chosen, strict=True)])

        return cls(
            joined([table.keys for table in tables], kept),
            begins_of(joined(sizes, kept)),
            joined([table.published for table in tables], kept),
            joined([table.outlets for table in tables], kept),
            begins_of(joined(topic_counts, kept)),
            joined([table.topics for table in tables], stay),
        )

    def count(self, points: BoolArray) -> Int64Array:
        """How many of these points of the segment each document has."""
        return counts_between(self.begins, points)

    def topic_counts(self) -> Int64Array:
        return np.diff(self.topic_begins, append=len(self.topics))

    def passing(self, wanted: DocumentFilter) -> BoolArray:
        passes = self.keys > wanted.after
        if wanted.through is not None:
            passes &= self.keys <= wanted.through
        if wanted.since:
            passes &= self.published >= minutes(_midnight(wanted.since))
        if wanted.until and wanted.until < date.max:
            passes &= self.published < minutes(_midnight(wanted.until + ONE_DAY))
        if wanted.outlets:
            passes &= np.isin(self.outlets, _hashes(wanted.outlets))
        if wanted.topics:
            owners = np.repeat(np.arange(len(self.keys)), self.topic_counts())
            having = np.zeros(len(self.keys), np.bool_)
            having[owners[np.isin(self.topics, _hashes(wanted.topics))]] = True
            passes &= having
        return passes

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {f"documents.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        return cls(*(arrays[f"documents.{field.name}"] for field in fields(cls)))


def minutes(time: datetime) -> int:
    """Since 1970."""
    return int(time.timestamp() // 60)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)


def _hashes(names: Iterable[str]) -> HashArray:
    return np.array([*map(hash_term, names)], np.uint64)


def begins_of(sizes: Sequence[int] | Int64Array) -> Int64Array:
    """Where each of several runs of these sizes begins."""
    sizes = np.asarray(sizes, np.int64)
    return np.cumsum(sizes) - sizes


def counts_between(begins: Int64Array, mask: BoolArray) -> Int64Array:
    """How many are marked from each beginning to the next."""
    if not len(begins):
        return np.zeros(0, np.int64)
    return np.add.reduceat(mask, begins, dtype=np.int64)
