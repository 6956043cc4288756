"""The index and the ranker against the ranking as it is written down, over 2,000 made-up questions."""

from random import Random

import numpy as np
import pytest

from retrieval.index.snapshot import Snapshot
from retrieval.language.lexicon import Alternative
from retrieval.model.documents import Document
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.search.ranker import rank
from retrieval.search.scoring import MAX_CANDIDATES
from retrieval.storage.corpus import Corpus
from tests.support.documents import analyse, document, document_keys
from tests.support.plain_ranking import plain_ranking

WORDS = [
    "export",
    "growth",
    "tariff",
    "出口",
    "增长",
    "关税",
    "steel",
    "price",
    "房价",
    "7",
    "42000000000",
    "bond",
    "rare",
]
CORPORA, QUESTIONS = 40, 50  # of each corpus


def text(random: Random) -> str:
    """The first words are the commonest."""
    return " ".join(WORDS[int(len(WORDS) * random.random() ** 2)] for _ in range(random.randint(1, 9)))


def made_up(random: Random, number: int, points: int) -> Document:
    return document(f"{text(random)} {number}", *(f"{text(random)} x{n}" for n in range(points)), minutes=number)


def names(random: Random) -> tuple[Alternative, ...]:
    phrases = {tuple(random.sample(WORDS, random.choice((1, 1, 2, 3)))) for _ in range(random.randint(1, 3))}
    return tuple(Alternative(terms, random.choice((1.0, 0.7, 0.31))) for terms in sorted(phrases))


def question(random: Random) -> AnalyzedQuery:
    concepts = [
        Concept(
            f"word {n}",
            names(random),
            random.choice((1.0, 0.7, 0.35)),
            neighbours=tuple(Alternative((word,), 0.3) for word in random.sample(WORDS, random.randint(0, 2))),
        )
        for n in range(random.randint(1, 4))
    ]
    return AnalyzedQuery(tuple(concepts), (), quantity=random.random() < 0.3)


def some(random: Random, keys: set[int], share: float) -> list[int]:
    return sorted(random.sample(sorted(keys), int(share * len(keys))))


@pytest.mark.parametrize("seed", range(CORPORA))
def test_ranked_as_it_is_written_down(seed: int) -> None:
    random = Random(seed)
    corpus = Corpus(None)
    snapshot = Snapshot.build(corpus, None)
    documents = [
        made_up(random, n, random.randint(1, 6)) for n in range(130 if seed % 10 == 0 else random.randint(2, 30))
    ]
    while documents:  # in several segments, with dead points in them
        batch, documents = documents[:40], documents[40:]
        corpus.add(batch, analyse)
        corpus.remove([one.id for one in batch[::7]])
        snapshot = snapshot.refreshed(corpus, None)
    rows = list(corpus.rows())
    points, stories = {row.point for row in rows}, {row.document for row in rows}
    most = 0
    for _ in range(QUESTIONS):
        asked = question(random)
        allowed = some(random, stories, 0.7) if random.random() < 0.3 else None
        favoured = some(random, stories, 0.3) if random.random() < 0.3 else []
        banned = some(random, points, 0.1) if random.random() < 0.3 else []
        expected = plain_ranking(rows, asked, allowed, favoured, banned)
        stories_there = document_keys(snapshot)
        shown = None if allowed is None else np.isin(stories_there, allowed)
        raised = np.isin(stories_there, favoured)
        found = rank(snapshot, asked, shown, raised, np.flatnonzero(np.isin(snapshot.keys, banned)))
        keys = snapshot.keys[found.points].tolist()
        scores = dict(zip(keys, found.scores.tolist(), strict=True))
        assert scores == pytest.approx(expected.scores, rel=1e-7)  # weights are whole multiples of a grain
        assert sorted(keys, key=lambda key: (-round(scores[key], 6), key)) == sorted(
            expected.scores, key=lambda key: (-round(expected.scores[key], 6), key)
        )
        assert keys == sorted(keys, key=lambda key: -scores[key])
        named = {key: found.named[:, n].tolist() for n, key in enumerate(keys)}
        assert named == expected.named
        most = max(most, len(keys))
    assert seed % 10 or most == MAX_CANDIDATES
    corpus.close()
