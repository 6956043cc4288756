from retrieval.runtime.cache import BoundedCache


def test_what_came_first_is_dropped() -> None:
    cache: BoundedCache[int, int] = BoundedCache(3)
    for number in range(5):
        cache[number] = number * number
    assert cache == {2: 4, 3: 9, 4: 16}


def test_what_is_there_already_drops_nothing() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    cache["a"], cache["b"] = 1, 2
    cache["a"] = 3
    assert cache == {"a": 3, "b": 2}
