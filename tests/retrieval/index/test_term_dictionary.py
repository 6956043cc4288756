"""The term dictionary against the same thing written plainly."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.index.term_dictionary import TermDictionary, TermTable
from retrieval.language.lexicon import Alternative

TERMS = st.frozensets(st.text("ab研发\U00020000", max_size=4), max_size=8)


@given(st.lists(TERMS, max_size=3), TERMS, st.text("ab研", max_size=3), st.integers(0, 4))
@example([frozenset()], frozenset(), "", 4)
@example([frozenset(["ab", "abb", "b"])], frozenset(["abb"]), "ab", 4)
def test_as_written_plainly(lists: list[frozenset[str]], dead: frozenset[str], prefix: str, longest: int) -> None:
    tables, listed = list(map(TermTable.of, lists)), frozenset().union(*lists)
    hashes = [np.sort(table.hashes) for table in tables]
    for gone in (frozenset[str](), dead):
        terms = TermDictionary(tables, hashes, frozenset(listed - gone).__contains__ if gone else None)
        found = [term for term in sorted(listed - gone) if term.startswith(prefix) and len(term) <= longest]
        assert terms.with_prefix(prefix, longest) == found
        assert terms.present(listed | dead) == listed - gone
        assert (prefix in terms) == (prefix in listed - gone)
        names = [Alternative((term, "a"), 0.5) for term in sorted(listed)]
        assert terms.living(names) == [
            name for name in names if gone.isdisjoint(name.terms) and ("a" in listed or not gone)
        ]
