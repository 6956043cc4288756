from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from retrieval.language.dictionary_table import IS_CHINESE, IS_LONG, IS_NAME, IS_NOUN, DictionaryTable, Headword
from retrieval.language.han import has_han
from retrieval.language.term_hash import hash_term
from retrieval.runtime.array_file import DamagedFileError, write

TERMS = st.sampled_from(["a", "ab", "b", "r&d", "研", "研发", "发", "5g"])
PHRASES = st.lists(TERMS, min_size=1, max_size=3).map(" ".join)
HEADWORDS = st.lists(
    st.builds(
        Headword,
        PHRASES,
        st.integers(0, 10**6),
        st.booleans(),
        st.booleans(),
        st.none() | st.sampled_from(["yan", "yanfa", "fa"]),
        st.dictionaries(PHRASES, st.integers(1, 1000), max_size=4).map(
            lambda others: sorted(others.items(), key=lambda other: (-other[1], other[0]))
        ),
    ),
    unique_by=lambda head: head.term,
).map(lambda heads: {head.term: head for head in sorted(heads, key=lambda head: head.term)})
SPELLINGS = st.dictionaries(
    st.sampled_from(["yan", "yanfa", "wu"]), st.dictionaries(PHRASES, st.integers(0, 9), min_size=1, max_size=3)
)


@given(HEADWORDS, SPELLINGS, st.frozensets(TERMS))
@example({}, {}, frozenset())
@example({}, {"yan": {"研": 1}}, frozenset())
def test_as_the_headwords_it_was_made_of(
    heads: dict[str, Headword], spellings: dict[str, dict[str, int]], there: frozenset[str]
) -> None:
    table = DictionaryTable.of("1", heads.values(), spellings)
    phrases = [table.phrases[n] for n in range(len(table.phrases))]
    named = {other for head in heads.values() for other, _ in head.alternatives}
    assert phrases == sorted({*heads, *named, *(word for words in spellings.values() for word in words)})
    for number, phrase in enumerate(phrases):
        head = heads.get(phrase)
        assert table.headword(phrase) == (number if head else None)
        assert table.has(phrase, IS_NAME) == bool(head and head.name)
        assert table.has(phrase, IS_NOUN) == bool(head and head.noun)
        others = [phrases[other] for other in table.others[table.span(number)].tolist()]
        weighted = list(zip(others, table.weights[table.span(number)].tolist(), strict=True))
        assert weighted == list(head.alternatives if head else ())
        assert table.terms_of(number) == tuple(phrase.split())
        sound = table.sounds.item(number)
        assert (table.letters[sound] if sound >= 0 else None) == (head.sound if head else None)
    first = [phrase.split()[0] for phrase in phrases]
    assert ((table.flags & IS_CHINESE) > 0).tolist() == [has_han(term) for term in first]
    assert ((table.flags & IS_LONG) > 0).tolist() == [len(term) > 1 for term in first]
    pieces = list("".join(phrases))
    for start, headwords in enumerate(table.joined_headwords(pieces, 3)):
        joined = ["".join(pieces[start:end]) for end in (start + 3, start + 2) if end <= len(pieces)]
        assert headwords == [word for word in joined if word in heads]
    words = " ".join(phrases).split()
    side_by_side = {" ".join(words[start : start + count]) for start in range(len(words)) for count in (2, 3)}
    assert table.joined_phrases(words, 3) == {phrase for phrase in side_by_side if " " in phrase and phrase in heads}
    assert table.complete(_present(there)).tolist() == [there.issuperset(phrase.split()) for phrase in phrases]
    for letters in ("yan", "yanfa", "wu"):
        ranked = sorted(spellings.get(letters, {}).items(), key=lambda word: (-word[1], word[0]))
        assert table.spelling(letters) == ranked


def test_saved_and_mapped(tmp_path: Path) -> None:
    heads = [Headword("a", 7, name=True, alternatives=[("研 发", 500)]), Headword("研", sound="yan")]
    DictionaryTable.of("1", heads, {"yan": {"研": 3}}).save(path := tmp_path / "lexicon.bin")
    table = DictionaryTable.load(path)
    assert table.fingerprint == "1"
    assert [table.phrases[n] for n in table.others.tolist()] == ["研 发"]
    assert table.spelling("yan") == [("研", 3)]


def test_an_array_file_of_something_else_is_damaged(tmp_path: Path) -> None:
    write(path := tmp_path / "lexicon.bin", {"keys": np.zeros(3)})
    with pytest.raises(DamagedFileError, match="fingerprint"):
        DictionaryTable.load(path)


def _present(terms: frozenset[str]) -> Callable[[NDArray[np.uint64]], NDArray[np.bool_]]:
    hashes = np.array(sorted(map(hash_term, terms)), np.uint64)
    return lambda asked: np.isin(asked, hashes)
