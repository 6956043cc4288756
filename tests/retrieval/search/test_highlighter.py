from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.language.lexicon import Alternative
from retrieval.language.tokenizer import stem
from retrieval.query.concepts import Concept
from retrieval.search.highlighter import Highlighter, starts_of_words

BATTERY = Concept("电池", (Alternative(("电池",), 1.0), Alternative(("batteri",), 0.9)), asked="电池")
MARKET = Concept("科创板", (Alternative(("star", "market"), 1.0), Alternative(("market",), 0.4)), asked="科创板")
STAR = Concept("star", (Alternative(("star",), 1.0),), asked="star")
UNLIKELY = Concept("坑", (Alternative(("pit",), 0.2),), asked="坑")
PHRASE = Concept("star market", (Alternative(("star", "market"), 1.0),))


@pytest.mark.parametrize(
    ("text", "concepts", "found"),
    [
        ("Batteries cost less; a battery’s life", [BATTERY], [("Batteries", "电池"), ("battery’s", "电池")]),
        ("固态电池和鋰電池", [BATTERY], [("电池", "电池"), ("電池", "电池")]),
        ("The STAR Market and the market", [MARKET], [("STAR Market", "科创板"), ("market", "科创板")]),
        ("The STAR Market", [STAR, MARKET], [("STAR Market", "科创板")]),
        ("A star. The market.", [STAR, MARKET], [("star", "star"), ("market", "科创板")]),
        ("The STAR Market", [PHRASE], [("STAR Market", "star market")]),
        ("a pit", [UNLIKELY], []),
        ("starry markets", [STAR], []),
        ("", [STAR, BATTERY], []),
        ("dying of a die", [Concept("死", (Alternative(("die",), 1.0),))], [("dying", "死"), ("die", "死")]),
        ("a star", [], []),
    ],
)
def test_the_places(text: str, concepts: list[Concept], found: list[tuple[str, str]]) -> None:
    assert [(text[m.start : m.end], m.word) for m in Highlighter.of(concepts).find(text)] == found


def test_a_figure_is_met_as_it_is_written() -> None:
    figure = Concept("12000", (Alternative(("12000",), 1.0),), asked="12,000")
    text = "Some 12,000 of 120,000."
    assert [text[m.start : m.end] for m in Highlighter.of([figure]).find(text)] == ["12,000"]


@given(st.from_regex(r"[A-Za-z]{1,3}(ing|ed|ies|s|ly)?|[a-z]{1,12}", fullmatch=True))
@example("dying")
@example("Aed")
@example("SkYlines")
@example("aed")
@example("skies")
@example("y")
def test_a_word_begins_as_its_stem_allows(word: str) -> None:
    assert word[:2] in starts_of_words([stem(word.lower())])


terms = st.sampled_from(["star", "market", "batteri", "电池", "科创板", "市", "12", "", "r&d"])
alternatives = st.builds(Alternative, st.lists(terms, min_size=1, max_size=3).map(tuple), st.floats(0.01, 1))
concepts = st.lists(
    st.builds(Concept, st.text(max_size=3), st.lists(alternatives, max_size=4).map(tuple), asked=st.none() | st.text())
)
pieces = st.sampled_from(
    ["STAR", " ", "Market", "batteries", "电池", "科創板", "1,2", "12", "R&D", "\ufdfa", "İ", "㎞", "’s"]
)


@given(st.text() | st.lists(pieces).map("".join) | st.text(max_size=4000), concepts)
def test_in_order_within_the_text_without_overlaps(text: str, concepts: list[Concept]) -> None:
    found = Highlighter.of(concepts).find(text)
    assert all(0 <= match.start < match.end <= len(text) for match in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert {match.word for match in found} <= {concept.word for concept in concepts}
