from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.lexicon import Alternative
from retrieval.query.concepts import AnalyzedQuery, Concept
from retrieval.search.long_question import MAX_CONCEPTS, MAX_UNMET_CONCEPTS, keep_rarest


def reading(asked: list[str | None]) -> AnalyzedQuery:
    concepts = [Concept(f"c{n}", (Alternative((f"c{n}",), 1.0),), asked=word) for n, word in enumerate(asked)]
    return AnalyzedQuery(tuple(concepts), (), quantity=False)


@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 90).map(str)), st.integers(0, 5)), max_size=200))
def test_words_stay_whole_and_in_order(concepts: list[tuple[str | None, int]]) -> None:
    whole, counts = reading([word for word, _ in concepts]), [count for _, count in concepts]
    kept = keep_rarest(whole, lambda given: [counts[int(one.word[1:])] for one in given])
    assert (kept is whole) == (len(concepts) <= MAX_CONCEPTS)
    assert len(kept.concepts) <= MAX_CONCEPTS
    numbers = [int(one.word[1:]) for one in kept.concepts]
    assert numbers == sorted(set(numbers))
    gone = {one.asked for one in whole.concepts} - {None} if kept is not whole else set()
    assert not (gone - set(kept.words)) & set(kept.words)
    for word in kept.words:
        assert [one for one in kept.concepts if one.asked == word] == [
            one for one in whole.concepts if one.asked == word
        ]


def test_the_rarest_of_those_that_occur_stay_and_a_few_that_do_not() -> None:
    size = 3 * MAX_CONCEPTS
    whole = reading([f"w{n}" for n in range(size)])
    counts = [0 if n < MAX_CONCEPTS else size - n for n in range(size)]
    kept = keep_rarest(whole, lambda _: counts)
    unmet = MAX_UNMET_CONCEPTS
    expected = [*range(unmet), *range(size - (MAX_CONCEPTS - unmet), size)]
    assert [int(one.word[1:]) for one in kept.concepts] == expected
