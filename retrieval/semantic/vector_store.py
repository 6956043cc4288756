"""The vectors of points in corpus.db, made once for each id and section: points without one come out, vectors go in."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from retrieval.language.han import count_han
from retrieval.runtime.cache import BoundedCache
from retrieval.semantic.encoder import Encoder, Matrix
from retrieval.storage.schema import open_corpus
from retrieval.storage.sqlite import immediately

PASSAGE_RECIPE = "title heading text"  # what a passage is made of; another recipe makes other vectors
GROUP_HEADING = re.compile(r"^(?:Group ?\d+|第[一二三四五六七八九十百\d]+(?:组|部分))\s*[:：]?\s*")
CHINESE_SHARE = (
    0.3  # share of Chinese characters from which a point counts as Chinese: names and terms stand in English ones
)
MAX_PASSAGE_CHARS = 1000  # characters of a point that are encoded: points are a fifth of that
PAGE_VECTORS = 5_000  # vectors in memory at once while all are read, 10 MB
MAX_CACHED_QUESTIONS = 1_000  # 2 MB
HUB_NEIGHBORS = 10  # of a point among the generic questions; their mean says how near it is to any question


@dataclass(frozen=True, slots=True)
class VectorCursor:
    """How far a reader of the vectors has come: the last vector, the last point and the last tombstone."""

    vector: int = 0
    point: int = 0
    tombstone: int = 0


@dataclass(frozen=True, slots=True)
class PendingPoint:
    """A point without a vector."""

    key: int
    id: str
    section: str
    title: str
    text: str

    @property
    def passage(self) -> str:
        return f"{self.title} {GROUP_HEADING.sub('', self.section)} {self.text}"[:MAX_PASSAGE_CHARS]

    @property
    def chinese(self) -> bool:
        return count_han(self.text) > CHINESE_SHARE * len(self.text)


@dataclass(frozen=True, slots=True)
class PointVector:
    """A point's vector; `number` is the vector's own, and never used twice. `hubness` is as of `hubness()`."""

    point: int
    id: str
    number: int
    chinese: bool
    hubness: float
    vector: bytes


class VectorStore:
    """Those of one encoder, safe for threads. Opens a corpus that is there a second time; close it."""

    def __init__(self, path: Path, encoder: Encoder) -> None:
        self.path = path
        self._db = open_corpus(path)
        self._lock = threading.RLock()
        self.encoder = encoder
        self.name = f"{encoder.name}; {PASSAGE_RECIPE}; {_digest()}"
        self._generic_vectors: Matrix | None = None
        self._questions: BoundedCache[str, Matrix] = BoundedCache(MAX_CACHED_QUESTIONS)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def missing(self) -> int:
        """How many points have none."""
        sql = """SELECT count(*) FROM points p WHERE NOT EXISTS (
            SELECT 1 FROM vectors v WHERE v.encoder = ? AND v.id = p.id AND v.section = p.section)"""
        with self._lock:
            return int(self._db.execute(sql, [self.name]).fetchone()[0])

    def lacking(self, limit: int, before: int | None = None) -> list[PendingPoint]:
        """The newest points that have none, of those with a key below `before`."""
        sql = """SELECT p.key, p.id, p.section, d.title, p.text FROM points p JOIN documents d ON d.key = p.document
            WHERE (:before IS NULL OR p.key < :before) AND NOT EXISTS (
                SELECT 1 FROM vectors v WHERE v.encoder = :encoder AND v.id = p.id AND v.section = p.section)
            ORDER BY p.key DESC LIMIT :limit"""
        with self._lock:
            rows = self._db.execute(sql, {"encoder": self.name, "limit": limit, "before": before}).fetchall()
        return [PendingPoint(*row) for row in rows]

    def put(self, points: Sequence[PendingPoint], vectors: Sequence[Matrix]) -> None:
        """A vector is a matrix of one row."""
        rows = [
            (self.name, one.id, one.section, one.chinese, float(hubs), vector.astype(np.float16).tobytes())
            for one, vector in zip(points, vectors, strict=True)
            for hubs in hubness(vector, self.generic_vectors())
        ]
        sql = "INSERT OR IGNORE INTO vectors (encoder, id, section, chinese, hubness, vector) VALUES (?, ?, ?, ?, ?, ?)"
        with self._lock, immediately(self._db):
            self._db.conn.executemany(sql, rows)

    def prune(self) -> None:
        """Forget the vectors of points that are gone, and of other encoders: for when none is missing."""
        with self._lock, immediately(self._db):
            self._db.execute("DELETE FROM vectors WHERE encoder <> ?", [self.name])
            self._db.execute("""DELETE FROM vectors WHERE NOT EXISTS (
                SELECT 1 FROM points p WHERE p.id = vectors.id AND p.section = vectors.section)""")

    def question_vector(self, question: str) -> Matrix:
        """One row; kept for pages, and for standing questions that are asked again after each change."""
        vector = self._questions.get(question)
        if vector is None:
            vector = self._questions[question] = self.encoder.encode([question])
        return vector

    def generic_vectors(self) -> Matrix:
        """The vectors of the generic questions; takes 0.2 s the first time, but only when vectors are made."""
        with self._lock:
            if self._generic_vectors is None:
                self._generic_vectors = self.encoder.encode(generic_questions())
            return self._generic_vectors

    @contextmanager
    def state(self) -> Iterator[VectorCursor]:
        """How far there is to come; what this thread reads in the block is of that state."""
        with self._lock, self._db.atomic():
            row = self._db.execute("""SELECT coalesce((SELECT max(number) FROM vectors), 0),
                coalesce((SELECT max(key) FROM points), 0), coalesce((SELECT max(seq) FROM tombstones), 0)""")
            yield VectorCursor(*row.fetchone())

    def since(self, seen: VectorCursor) -> Iterator[list[PointVector]]:
        """What is new, in pages: new vectors, and new points whose vector was there before."""
        sql = """SELECT p.key, p.id, v.number, v.chinese, v.hubness, v.vector FROM {}
            ON v.encoder = :encoder AND v.id = p.id AND v.section = p.section WHERE {}"""
        points = sql.format("points p JOIN vectors v", "p.key > :point")
        # CROSS JOIN: SQLite would walk through all points, in order not to sort
        vectors = sql.format("vectors v CROSS JOIN points p", "v.number > :vector")
        rows = self._db.execute(
            f"{points} ORDER BY p.key" if seen.point == 0 else f"{vectors} UNION {points} ORDER BY 1",
            {"encoder": self.name, "vector": seen.vector, "point": seen.point},
        )
        while page := rows.fetchmany(PAGE_VECTORS):
            yield [PointVector(*row) for row in page]

    def placed(self, points: Sequence[int]) -> list[PointVector]:
        """The vectors of these points, by ascending key."""
        sql = """SELECT p.key, p.id, v.number, v.chinese, v.hubness, v.vector FROM points p JOIN vectors v
            ON v.encoder = ? AND v.id = p.id AND v.section = p.section
            WHERE p.key IN (SELECT value FROM json_each(?)) ORDER BY p.key"""
        with self._lock:
            rows = self._db.execute(sql, [self.name, json.dumps(list(points))]).fetchall()
        return [PointVector(*row) for row in rows]

    def gone(self, seen: VectorCursor) -> list[int]:
        """The keys of points deleted since, ascending."""
        sql = "SELECT point FROM tombstones WHERE seq > ? ORDER BY point"
        return [key for (key,) in self._db.execute(sql, [seen.tombstone])]


def hubness(vectors: Matrix, generic_vectors: Matrix) -> Matrix:
    """How near each vector is to any question: the mean of its HUB_NEIGHBORS highest cosines with generic questions.

    Hubs are near to everything (Radovanović et al. 2010, JMLR 11); CSLS subtracts this (Conneau et al. 2018, arXiv
    1710.04087).
    """
    nearest: Matrix = np.sort(vectors @ generic_vectors.T, axis=1)[:, -HUB_NEIGHBORS:]
    return np.asarray(nearest.mean(axis=1), np.float32)


@cache
def generic_questions() -> tuple[str, ...]:
    text = files("retrieval.semantic").joinpath("generic_questions.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if not line.startswith("#"))


def _digest() -> str:
    return hashlib.sha256("\n".join(generic_questions()).encode()).hexdigest()[:8]
