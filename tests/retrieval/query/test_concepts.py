"""Names with their weights against the same thing written plainly."""

from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.language.lexicon import Alternative
from retrieval.query.concepts import MAX_ALTERNATIVES, WeightedTerms
from tests.support.term_dictionary import build_term_dictionary

PRESENT = ["a", "b", "c", *map(str, range(30))]
VOCABULARY = build_term_dictionary(*PRESENT)
TERMS = st.lists(st.sampled_from([*PRESENT, "x", "y"]), min_size=1, max_size=2).map(tuple)
WEIGHTS = st.sampled_from([0.2, 0.5, 0.9, 1.0])
RANKED = st.dictionaries(st.lists(st.sampled_from(PRESENT), min_size=1, max_size=2).map(tuple), WEIGHTS, max_size=30)


@given(TERMS, WEIGHTS, RANKED, st.lists(st.tuples(TERMS, WEIGHTS, st.booleans()), max_size=5))
@example(("a",), 0.5, {("a",): 0.9, ("b",): 0.5}, [(("b",), 0.9, False)])
@example(("x",), 1.0, {}, [(("y",), 0.9, True), (("x", "a"), 0.9, False)])
def test_the_likeliest_that_occur_behind_the_first(
    first: tuple[str, ...],
    weight: float,
    ranked: dict[tuple[str, ...], float],
    added: list[tuple[tuple[str, ...], float, bool]],
) -> None:
    found = WeightedTerms({first: weight})
    found.add_ranked(sorted((Alternative(*name) for name in ranked.items()), key=lambda name: (-name[1], name[0])))
    best = {first: weight}
    for terms, other in ranked.items():
        best[terms] = max(other, best.get(terms, 0))
    known = {*ranked}
    for terms, other, is_present in added:
        (found.add_present if is_present else found.add)(terms, other)
        best[terms] = max(other, best.get(terms, 0))
        known |= {terms} if is_present else set()
    occurring = [name for name in best if name != first and (name in known or set(PRESENT).issuperset(name))]
    likeliest = sorted(occurring, key=lambda name: (-best[name], name))[: MAX_ALTERNATIVES - 1]
    assert found.alternatives(VOCABULARY) == tuple((name, best[name]) for name in (first, *likeliest))
