"""Topic exports as files: documents, lines, refusals."""

import tracemalloc
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.formats import reader
from retrieval.formats.reader import Refusal, read
from retrieval.formats.text_lines import MAX_LINE_BYTES, Line
from retrieval.model.documents import BEIJING, document_id, point_id
from tests.support.exports import HEADER, STAMP, encodable, kept, parsed, refused


@pytest.mark.parametrize(
    ("path", "documents", "count"),
    [
        ("seeds/原始创新.txt", 10, 112),
        ("tests/quality/冰雪经济.txt", 8, 87),
        ("tests/quality/数据要素.txt", 8, 86),
        ("tests/quality/新型储能.txt", 8, 85),
    ],
)
def test_the_exports_at_hand(path: str, documents: int, count: int) -> None:
    found = list(read(Path(path)))
    assert refused(found) == []
    assert (len(found), sum(len(document.points) for document in kept(found))) == (documents, count)
    assert {document.topics for document in kept(found)} == {(Path(path).stem,)}
    for document in kept(found):
        assert document.url is None
        assert document.id == document_id(document.outlet.name, document.title, document.published)
        for point in document.points:
            assert point.id == point_id(document.id, point.text)
            assert "[" not in point.text
            assert " - " not in point.text


def test_a_document_whole() -> None:
    first, second, *_ = kept(list(read(Path("seeds/原始创新.txt"))))
    assert first.title == "因时顺势推动传统产业转型升级"
    assert (first.outlet.name, first.outlet.pinyin) == ("经济日报", "Jing Ji Ri Bao")
    assert first.published.isoformat() == "2025-08-12T22:44:00+08:00"
    assert first.points[0].section == "Core Viewpoint"
    assert first.points[0].citations == (1, 2)
    assert "Group 4: Supply-Side Reform and Long-Term Growth" in {point.section for point in second.points}


@pytest.mark.parametrize("dot", ["·", " · ", "・", " • ", "·  "])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n  \n"])
def test_lines_may_look_otherwise(dot: str, end: str) -> None:
    lines = ["Workflow", "科创", "icon", "Search documents"]
    lines += ["Group 5· 标题 - [1]", f"Jing Ji Ri Bao{dot}2025-8-2 9:05", "Group 1 - A b [1]"] * 2
    lines[7] = "Another"
    text = "\ufeff" + end.join(lines)
    first, second = kept(parsed(text))
    assert (first.title, second.title) == ("Group 5· 标题 - [1]", "Another")
    assert first.published == datetime(2025, 8, 2, 9, 5, tzinfo=BEIJING)
    assert first.outlet.name == "经济日报"


def test_exports_joined_without_a_newline() -> None:
    one = f"{HEADER}甲\n{STAMP}\nGroup 1 - A b [1]"
    found = parsed(one + one.replace("科创", "储能").replace("甲", "乙"))
    assert [(document.title, document.topics) for document in kept(found)] == [("甲", ("科创",)), ("乙", ("储能",))]
    assert kept(found)[0].points[0].text == "A b"


GOOD = f"好\n{STAMP}\nGroup 1 - A b [1]\n"


@pytest.mark.parametrize(
    ("text", "line", "says", "titles"),
    [
        (f"{HEADER}{GOOD}坏\n没有日期\nGroup 1 - C d [1]\n{GOOD.replace('好', '二')}", 8, "Outlet· YYYY-MM-DD", "好二"),
        (f"{HEADER}坏\nCe· 2025-13-40 10:00\nGroup 1 - C d [1]\n{GOOD}", 6, "2025-13-40", "好"),
        (f"{HEADER}坏\nCe· 0001-01-01 10:00\nGroup 1 - C d [1]\n{GOOD}", 6, "0001-01-01", "好"),
        (f"{HEADER}坏\n· 2025-08-12 10:00\nGroup 1 - C d [1]\n{GOOD}", 6, "outlet", "好"),
        (f"{HEADER}坏\n{STAMP}\n{GOOD}", 6, "body is missing", "好"),
        (f"{HEADER}坏\n{STAMP}\n[1][2].\n{GOOD}", 7, "no point", "好"),
        (f"{HEADER}{GOOD}{STAMP}\nGroup 1 - C d [1]\n{GOOD.replace('好', '二')}", 8, "title is missing", "好二"),
        (f"{HEADER}{GOOD}尾\n", 8, "expected a title", "好"),
        (f"{HEADER}前\n后\n{GOOD}", 5, "expected a title", "好"),
        (f"{HEADER}", 1, "expected a title", ""),
        (f"Workflow\nicon\nSearch documents\n{GOOD}", 1, "topic", ""),
        (f"Workflow\nicon\nSearch documents\n坏\n{GOOD[2:]}{HEADER}{GOOD}", 1, "topic", "好"),
        (GOOD, 1, "plain text", ""),
        ("hello\nworld\n", 1, "plain text", ""),
        (f"{GOOD}{HEADER}{GOOD}", 1, "four header lines", "好"),
        ("", 1, "empty", ""),
        ("\ufeff\n \r\n\n", 1, "empty", ""),
        ("\u200b", 1, "empty", ""),
    ],
)
def test_refusals_say_where_and_what_and_the_rest_is_kept(text: str, line: int, says: str, titles: str) -> None:
    found = parsed(text)
    (refusal,) = refused(found)
    assert (refusal.file, refusal.line) == ("a.txt", line)
    assert says in refusal.message
    assert str(refusal).startswith(f"a.txt:{line}: ")
    assert "".join(document.title for document in kept(found)) == titles


@pytest.mark.parametrize(
    ("content", "line", "says", "titles"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", 1, "binary", ""),
        ((HEADER + GOOD).encode("utf-16"), 1, "binary or UTF-16", ""),
        ((HEADER + GOOD).encode("gbk"), 2, "UTF-8", ""),
        (f"{HEADER}{GOOD}坏\n{STAMP}\nGroup 1 - A \xff".encode("latin-1", "replace"), 5, "UTF-8", ""),
        (f"{HEADER}坏\n{STAMP}\nGroup 1 - A ".encode() + b"\xff b\n" + GOOD.encode(), 7, "UTF-8", "好"),
        (f"{HEADER}坏\n{STAMP}\nGroup 1 - ".encode() + b"x" * MAX_LINE_BYTES + b"\n" + GOOD.encode(), 7, "1 MB", "好"),
        (b"x" * (3 * MAX_LINE_BYTES), 1, "1 MB", ""),
    ],
    ids=["binary", "utf-16", "gbk", "latin-1", "one bad byte", "one long line", "nothing but a long line"],
)
def test_bytes_that_are_no_text(content: bytes, line: int, says: str, titles: str) -> None:
    found = parsed(content)
    (refusal,) = refused(found)
    assert refusal.line == line
    assert says in refusal.message
    assert "".join(document.title for document in kept(found)) == titles


def test_a_line_of_the_greatest_length_is_kept() -> None:
    start = b"Group 1 - "
    found = parsed(f"{HEADER}t\n{STAMP}\n".encode() + start + b"x" * (MAX_LINE_BYTES - len(start)) + b"\r\n")
    assert refused(found) == []


def test_a_body_that_goes_on_below() -> None:
    found = parsed(f"{HEADER}t\n{STAMP}\nGroup 1 - A b [1]\n- C d [2]\nGroup 2: E\n- F g\n{GOOD}")
    first, second = kept(found)
    assert [(point.section, point.text) for point in first.points] == [
        ("Group 1", "A b"),
        ("Group 1", "C d"),
        ("Group 2: E", "F g"),
    ]
    assert second.title == "好"


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (refusal,) = list(read(tmp_path / "missing.txt"))
    assert isinstance(refusal, Refusal)
    assert "No such file" in refusal.message


def test_a_line_of_200_mb_is_not_held(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"x" * MAX_LINE_BYTES)
    tracemalloc.start()
    (refusal,) = list(read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(refusal, Refusal)
    assert "1 MB" in refusal.message
    assert peak < 10 * MAX_LINE_BYTES


PIECES = st.sampled_from(
    [
        *HEADER.splitlines(),
        "\n",
        "\n",
        STAMP,
        "· 2025-02-30 10:00",
        "Group 1",
        "Group 1: ",
        " - ",
        "- ",
        "[1]",
        "[1,2]. ",
        "。",
        "第一组：",
        "Core Viewpoint",
        "(",
        "“",
        "5",
        "a",
        "\ufeff",
        "\u2028",
        "\r",
        '{"title":',
        "{}",
        "\\ud800",
    ]
)


@given(st.one_of(st.binary(), st.text().map(str.encode), st.lists(PIECES).map(lambda parts: "".join(parts).encode())))
@example(f"{HEADER}t\n{STAMP}\n{STAMP}\n{STAMP}".encode())
@example(f"Workflow\nWorkflow\n{HEADER}Workflow\n{STAMP}\nicon".encode())
def test_whatever_comes_in_is_read_or_refused(content: bytes) -> None:
    for name in ("a.txt", "a.jsonl"):
        found = parsed(content, name)
        assert found
        for document in kept(found):
            assert document.title
            assert document.points
            assert document.topics != ("",)
            assert encodable(document)
        for refusal in refused(found):
            assert 1 <= refusal.line <= content.count(b"\n") + 1
            assert refusal.message


def test_a_body_of_many_lines_is_joined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is counted in characters that are put together: a line at a time, it grew with the square."""
    joined = 0

    def counting(line: Line, **fields: Any) -> Line:
        nonlocal joined
        joined += len(fields.get("text", ""))
        return replace(line, **fields)

    monkeypatch.setattr(reader, "replace", counting)
    body = "- a\n" * 100_000
    [document] = kept(parsed(f"{HEADER}甲\n{STAMP}\nCore Viewpoint - b\n{body}"))
    assert {point.text for point in document.points} == {"a", "b"}
    assert joined <= 2 * len(body)


def test_a_body_that_is_too_long_is_refused() -> None:
    [refused] = parsed(f"{HEADER}甲\n{STAMP}\nCore Viewpoint - b\n" + "- a\n" * 400_000)
    assert isinstance(refused, Refusal)
    assert "longer than 1 MB" in refused.message
