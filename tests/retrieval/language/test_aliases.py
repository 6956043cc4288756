"""The operator's glossary: both directions, at once, whatever the file holds."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.aliases import Aliases, parse
from retrieval.language.tokenizer import normalize
from retrieval.library import Library

NOW = datetime(2025, 11, 20, tzinfo=UTC)
EXPORT = """Workflow
医药
icon
Search documents
创新药出海再提速
Zheng Quan Shi Bao· 2025-07-14 00:26
Core Viewpoint - Licensing deals set a record [1]. - 3SBio sold the rights to one antibody for $1.25 billion [2]. - \
石药集团与海外药企签下合作[3]。
"""


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("三生制药 = 3SBio = 1530.HK", ("三生制药", "3sbio", "1530.hk")),
        ("三生制药\t3SBio", ("三生制药", "3sbio")),
        ("懷柔＝Huairou", ("怀柔", "huairou")),
        ("# 三生制药 = 3SBio", ()),
        ("3SBio", ()),
        ("", ()),
    ],
)
def test_a_line(line: str, names: tuple[str, ...]) -> None:
    assert parse(line) == names


def test_takes_effect_at_once_and_in_both_directions(fresh: Path) -> None:
    (fresh / "export.txt").write_text(EXPORT, "utf-8")
    library = Library(fresh)
    library.ingest([fresh / "export.txt"])

    def first(question: str) -> str:
        hits = library.search(question, now=NOW).hits
        return hits[0].point.text if hits else ""

    assert "3SBio" not in first("1530.HK")
    (fresh / "aliases.tsv").write_text("三生制药 = 3SBio = 1530.HK\n石药集团 = CSPC = 1093.HK\n", "utf-8")
    assert "3SBio" in first("1530.HK")
    assert "3SBio" in first("三生制药卖了什么")
    assert "石药集团" in first("news of 1093.HK")
    (fresh / "aliases.tsv").unlink()
    assert "石药集团" not in first("1093.HK")
    library.close()


def test_a_line_is_added_once_and_taken_out_by_any_of_its_names(tmp_path: Path) -> None:
    path = tmp_path / "aliases.tsv"
    path.write_text("# ours\n石药集团 = CSPC", "utf-8")
    aliases = Aliases(path)
    assert aliases.add("三生制药 = 3SBio") == aliases.add("3SBio=三生制药")[::-1] == ("三生制药", "3sbio")
    assert path.read_text("utf-8") == "# ours\n石药集团 = CSPC\n三生制药 = 3SBio\n"
    assert aliases.remove(" cspc ") == [("石药集团", "cspc")]
    assert aliases.remove("cspc") == []
    assert path.read_text("utf-8") == "# ours\n三生制药 = 3SBio\n"
    assert [found.names for found in aliases.find("cspc 3sbio")] == [("三生制药", "3sbio")]


@given(st.binary(max_size=200), st.text(max_size=50))
def test_any_file_and_text(tmp_path_factory: pytest.TempPathFactory, content: bytes, text: str) -> None:
    path = tmp_path_factory.mktemp("aliases") / "aliases.tsv"
    path.write_bytes(content)
    text = normalize(text.encode("utf-8", "replace").decode())
    for alias in Aliases(path).find(text):
        assert text[alias.start : alias.end] in alias.names
