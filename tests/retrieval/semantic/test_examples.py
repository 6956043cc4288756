"""Examples are encoded in the background, and can be waited for."""

import pytest

from retrieval.semantic.examples import ExampleVectors
from tests.support.encoder import Toy

EXAMPLES = [f"letters {number}" for number in range(50)]


def test_after_waiting_there_is_a_cosine_for_each() -> None:
    examples, encoder = ExampleVectors(), Toy()
    examples.wait()  # nothing is being encoded
    examples.nearness("", EXAMPLES, encoder)
    examples.wait()
    near = examples.nearness(EXAMPLES[7], EXAMPLES, encoder)
    assert near is not None
    assert near[7] == pytest.approx(max(near))
