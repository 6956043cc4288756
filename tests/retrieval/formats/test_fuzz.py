from tests.support.fuzz_inputs import fuzzed


def test_whatever_comes_in_is_read_or_refused() -> None:
    assert fuzzed(20, seed=2025)
