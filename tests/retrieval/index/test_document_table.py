"""Filters by columns of the index against the same filters in SQL."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.index import snapshot as module
from retrieval.index.fingerprint_table import FingerprintTable
from retrieval.index.segment import Segment
from retrieval.index.snapshot import Snapshot
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING, Document, document_id
from retrieval.model.outlets import outlet
from retrieval.storage.corpus import Corpus
from tests.support.documents import analyse, document, document_keys, matching

OUTLETS, TOPICS = ["经济日报", "新京报", "Reuters"], ["储能", "科创", "trade"]
# about midnight in Beijing, of a year with summer time too
TIMES = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes),
    st.sampled_from([datetime(1988, 7, 1, tzinfo=BEIJING), datetime(2025, 12, 31, 23, tzinfo=BEIJING)]),
    st.integers(-3_000, 3_000),
)
DAYS = st.one_of(st.none(), st.sampled_from([date.min, date.max]), TIMES.map(datetime.date))
FILTERS = st.builds(
    DocumentFilter,
    st.lists(st.sampled_from([*OUTLETS, "nobody"]), max_size=2).map(tuple),
    st.lists(st.sampled_from([*TOPICS, "nothing"]), max_size=2).map(tuple),
    DAYS.filter(lambda day: day != date.min),
    DAYS,
    st.integers(0, 6),
    st.one_of(st.none(), st.integers(0, 9)),
)
STEPS = st.tuples(
    st.integers(0, 7),
    TIMES,
    st.sampled_from(OUTLETS),
    st.lists(st.sampled_from(TOPICS), unique=True, max_size=3),
    st.lists(st.sampled_from("xyz"), min_size=1, max_size=3, unique=True),
    st.booleans(),
)


def made_up(number: int, time: datetime, name: str, topics: list[str], texts: list[str]) -> Document:
    one = document(f"T{number}", *texts)
    id = document_id(name, one.title, time)
    return replace(one, id=id, outlet=outlet(name), published=time, topics=tuple(topics))


@given(st.lists(STEPS, min_size=1, max_size=15), st.lists(FILTERS, min_size=1, max_size=20))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_filters_let_the_same_documents_pass(steps: list[tuple[object, ...]], filters: list[DocumentFilter]) -> None:
    corpus = Corpus(None)
    snapshot = Snapshot.build(corpus, None)
    for *made, removed in steps:
        one = made_up(*made)  # type: ignore[arg-type]
        if removed:
            corpus.remove([one.id])
        else:
            corpus.add([one], analyse)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "MIN_SEGMENT_TEXTS", 3)
            snapshot = snapshot.refreshed(corpus, None)
        snapshot = snapshot.compacted() if removed else snapshot
    masks = [part.whole_mask(mask) for part, mask in zip(snapshot.segments, snapshot.alive, strict=True)]
    alive = np.concatenate([np.zeros(0, np.bool_), *masks])
    backwards = np.flatnonzero(alive)[::-1]
    keys = snapshot.keys[backwards].tolist()
    traces = corpus.traces(keys)
    found, expected = snapshot.fingerprints_of(backwards.tolist()), FingerprintTable.of(traces[key] for key in keys)
    assert [array.tolist() for array in found.arrays().values()] == [
        array.tolist() for array in expected.arrays().values()
    ]
    for wanted in filters:
        passing = snapshot.documents_passing(wanted)
        bounds = snapshot.bounds.tolist()
        here = [n for n in np.flatnonzero(passing).tolist() if alive[bounds[n] : bounds[n + 1]].any()]
        assert document_keys(snapshot)[here].tolist() == matching(corpus, wanted)
        assert snapshot.has_documents(wanted) == bool(matching(corpus, wanted))
        for limit in (1, 3):
            latest = corpus.newest(snapshot.latest_documents(wanted, limit), limit)
            assert latest == corpus.newest(matching(corpus, wanted), limit)
        points = snapshot.keys[snapshot.points_of(passing) & alive].tolist()
        assert points == [row.point for row in corpus.rows() if row.document in matching(corpus, wanted)]
    corpus.close()


def test_columns_are_read_as_they_were_written(tmp_path: Path) -> None:
    corpus = Corpus(None)
    times = [datetime(2025, 12, 31, 16, n, tzinfo=UTC).astimezone(BEIJING) for n in range(3)]
    corpus.add([made_up(n, time, "新京报", TOPICS[:n], ["x", "y"]) for n, time in enumerate(times)], analyse)
    part = Segment.of(corpus.rows())
    part.save(tmp_path / "one.part")
    read = Segment.load(tmp_path / "one.part", 0)
    assert part.documents.topic_counts().tolist() == [0, 1, 2]
    for name, column in part.documents.arrays().items():
        assert np.array_equal(read.documents.arrays()[name], column), name
    corpus.close()


def test_nothing_passes_where_nothing_is() -> None:
    assert not Snapshot().has_documents(DocumentFilter())
    assert not len(Snapshot().points_of(Snapshot().documents_passing(DocumentFilter(topics=("储能",)))))
