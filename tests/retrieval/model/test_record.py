"""What goes from process to process arrives as it was."""

import pickle
from datetime import UTC, datetime

from retrieval.model.documents import Document, Outlet, Point
from retrieval.model.results import Correction, Hit, Interpretation, Match, Result


def test_a_result_survives_the_pipe() -> None:
    point = Point("1", "a text", "", (1, 2))
    document = Document("2", "title", Outlet("新京报"), datetime(2025, 1, 2, tzinfo=UTC), ("topic",), None, (point,))
    hit = Hit(1, 0.5, point, document, also=(document,), matches=(Match(0, 1, "a", sure=False),), near=False)
    reading = Interpretation(corrections=(Correction("a", "b"),), truncated=True)
    result = Result("?", "maybe", 0.25, ("x",), 1.0, (hit,), reading=reading)
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    assert again.hits[0].document is again.hits[0].also[0]
