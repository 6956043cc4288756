from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.language.string_table import StringTable
from retrieval.runtime import array_file

WORDS = st.text("ab研发投 \U00020000", max_size=6) | st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(WORDS), WORDS)
@example([], "a")
@example(["a", "ab", "b", "研", "研发"], "a")
@example(["a", "a\U0010ffff", "b"], "a")
def test_as_a_sorted_list(strings: list[str], asked: str) -> None:
    table, listed = StringTable.of(strings), sorted(set(strings))
    assert [table[n] for n in range(len(table))] == listed
    assert [table.find(string) for string in listed] == list(range(len(listed)))
    assert table.find(asked) == (listed.index(asked) if asked in listed else None)
    begun = [n for n, string in enumerate(listed) if string.startswith(asked)]
    assert list(table.with_prefix(asked)) == begun


def test_mapped_from_a_file(tmp_path: Path) -> None:
    table = StringTable.of(["研发", "r&d", ""])
    array_file.write(tmp_path / "table", table.arrays("words"))
    mapped = StringTable.from_arrays("words", array_file.read(tmp_path / "table"))
    assert [mapped[n] for n in range(len(mapped))] == ["", "r&d", "研发"]
    assert mapped.find("研发") == 2
    assert mapped.find("投入") is None
