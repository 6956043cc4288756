import pytest

from retrieval.index.characters import points_with_characters
from retrieval.index.snapshot import Snapshot
from retrieval.storage.corpus import Corpus
from tests.support.documents import analyse, document


@pytest.mark.parametrize(
    ("characters", "points"),
    [
        ("潜江", [1, 2, 5]),
        ("江塘", [1, 2, 5]),
        ("塘", [1, 2, 5]),
        ("苹果", [3, 4]),
        ("潜果", []),
        ("鸽", []),
        ("江价", [2]),
    ],
)
def test_points_with_all_characters_in_whatever_terms(characters: str, points: list[int]) -> None:
    corpus = Corpus(None)
    corpus.add([document("A", "潜江 塘", "潜 江塘 价"), document("苹 果", "静宁", "价", minutes=1)], analyse)
    snapshot = Snapshot.build(corpus, None)
    corpus.add([document("B", "塘 江 潜", minutes=2)], analyse)
    assert points_with_characters(snapshot.refreshed(corpus, None), characters) == points
    corpus.close()


def test_side_by_side_is_for_the_text_to_say() -> None:
    corpus = Corpus(None)
    corpus.add([document("静宁苹果", "潜江塘边", "塘 江 潜"), document("B", "x", topic="虾价", minutes=1)], analyse)
    assert corpus.is_written("江塘", [1, 2])
    assert not corpus.is_written("江塘", [2])
    assert not corpus.is_written("塘江", [1, 2])
    assert corpus.is_written("宁苹", [1])
    assert corpus.is_written("虾价", [])
    assert corpus.is_written("济日", [])  # an outlet
    corpus.close()
