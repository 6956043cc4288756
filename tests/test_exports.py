"""Topic exports and JSON Lines, read from bytes as they come in."""

import io
import json
import tracemalloc
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.documents import BEIJING, Document, document_id, point_id
from retrieval.exports import Refusal, parse, read
from retrieval.lines import LONGEST as LINE

HEADER = "Workflow\n科创\nicon\nSearch documents\n"
STAMP = "Jing Ji Ri Bao· 2025-08-12 22:44"


def parsed(text: str | bytes, name: str = "a.txt") -> list[Document | Refusal]:
    return list(parse(io.BytesIO(text.encode() if isinstance(text, str) else text), name))


def kept(found: list[Document | Refusal]) -> list[Document]:
    return [one for one in found if isinstance(one, Document)]


def refused(found: list[Document | Refusal]) -> list[Refusal]:
    return [one for one in found if isinstance(one, Refusal)]


def points(body: str) -> list[tuple[str, str, tuple[int, ...]]]:
    (found,) = parsed(f"{HEADER}标题\n{STAMP}\n{body}")
    assert isinstance(found, Document), found
    return [(point.section, point.text, point.citations) for point in found.points]


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
    assert "Group 4: Supply-Side Work and the Long-Run Plan" in {point.section for point in second.points}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Group 1 - A b [1] - C d [2]", [("Group 1", "A b", (1,)), ("Group 1", "C d", (2,))]),
        ("Core Insights - a - b", [("Core Insights", "a", ()), ("Core Insights", "b", ())]),
        (
            "Core Viewpoint - A b [1][2]. Group 1: Catch-up - C d [3].",
            [("Core Viewpoint", "A b.", (1, 2)), ("Group 1: Catch-up", "C d.", (3,))],
        ),
        (
            "Industry Trends - A b [1] Group 12: R&D, PE/VC & 5% Growth - C d",
            [("Industry Trends", "A b", (1,)), ("Group 12: R&D, PE/VC & 5% Growth", "C d", ())],
        ),
        (
            "Core Insights - A b [2] Industry Trends - C d [3]",
            [("Core Insights", "A b", (2,)), ("Industry Trends", "C d", (3,))],
        ),
        (
            "Core Insights - A b. Company Performance - C d.",
            [("Core Insights", "A b.", ()), ("Company Performance", "C d.", ())],
        ),
        (
            "核心观点 - 甲乙[1]。第一组:标题 - 丙丁[2]。- 戊己。第二组：标题二 - 庚辛",
            [
                ("核心观点", "甲乙。", (1,)),
                ("第一组:标题", "丙丁。", (2,)),
                ("第一组:标题", "戊己。", ()),
                ("第二组：标题二", "庚辛", ()),
            ],
        ),
        ("核心观点 - 甲乙。[1] 行业趋势 - 丙丁", [("核心观点", "甲乙。", (1,)), ("行业趋势", "丙丁", ())]),
        # neither stop nor citation, and yet the end of a point
        (
            "Group 1: 推广 - 造价会增加约25% - 山东二期并网[5]",
            [("Group 1: 推广", "造价会增加约25%", ()), ("Group 1: 推广", "山东二期并网", (5,))],
        ),
        (
            "Group 1 - Sales rose Group 2: Next - Prices fell [1]",
            [("Group 1", "Sales rose", ()), ("Group 2: Next", "Prices fell", (1,))],
        ),
        # a dash within a point
        ("Group 1 - The model - a new one - works [1].", [("Group 1", "The model - a new one - works.", (1,))]),
        ("Group 1 - In 2024 - 2025 it rose to -5% [1].", [("Group 1", "In 2024 - 2025 it rose to -5%.", (1,))]),
        (
            "Group 1 - The board (STAR Market - Shanghai) grew [1].",
            [("Group 1", "The board (STAR Market - Shanghai) grew.", (1,))],
        ),
        ("Group 1 - A b - eVTOL c [1]", [("Group 1", "A b", ()), ("Group 1", "eVTOL c", (1,))]),
        ("Group 1 - A fall to - 20 degrees [1]", [("Group 1", "A fall to - 20 degrees", (1,))]),
        # citations and stops, in any order; the stop stays
        (
            "Group 1 - A b.[1] - C d [2]. - E [3] f [4]. - 甲。[5] - 乙[6]。 - 丙。[7]。 - U.S. [8].",
            [
                ("Group 1", text, (n,)) if n else ("Group 1", text, (3, 4))
                for text, n in (
                    ("A b.", 1),
                    ("C d.", 2),
                    ("E f.", 0),
                    ("甲。", 5),
                    ("乙。", 6),
                    ("丙。", 7),
                    ("U.S.", 8),
                )
            ],
        ),
        ("Group 1 - A b [1, 2] [3],[1]. G h", [("Group 1", "A b. G h", (1, 2, 3))]),
        (
            'Group 1 - “Quote,” he said, <95% of科创债 "1+6" [1].',
            [("Group 1", '“Quote,” he said, <95% of科创债 "1+6".', (1,))],
        ),
        (
            "Group 1 - One of Xingfa Chemical Group, a firm [1] - 2–3 of 10 – so [2]",
            [("Group 1", "One of Xingfa Chemical Group, a firm", (1,)), ("Group 1", "2–3 of 10 – so", (2,))],
        ),
        (
            "A b [1]. - C d [2]. Group 1: E - F g [3]",
            [("", "A b.", (1,)), ("", "C d.", (2,)), ("Group 1: E", "F g", (3,))],
        ),
        ("Plain words and nothing else.", [("", "Plain words and nothing else.", ())]),
        ("Group 1 - Same [1] - Same [2] - Other", [("Group 1", "Same", (1,)), ("Group 1", "Other", ())]),
        ("Group 1 - A b [1]. Group 2: Nothing there", [("Group 1", "A b.", (1,))]),
    ],
)
def test_bodies(body: str, expected: list[tuple[str, str, tuple[int, ...]]]) -> None:
    assert points(body) == expected


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
        (GOOD, 1, "four header lines", ""),
        ("hello\nworld\n", 1, "four header lines", ""),
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
        ((HEADER + GOOD).encode("gbk"), 1, "UTF-8", ""),
        (f"{HEADER}{GOOD}坏\n{STAMP}\nGroup 1 - A \xff".encode("latin-1", "replace"), 5, "UTF-8", ""),
        (f"{HEADER}坏\n{STAMP}\nGroup 1 - A ".encode() + b"\xff b\n" + GOOD.encode(), 7, "UTF-8", "好"),
        (f"{HEADER}坏\n{STAMP}\nGroup 1 - ".encode() + b"x" * LINE + b"\n" + GOOD.encode(), 7, "1 MB", "好"),
        (b"x" * (3 * LINE), 1, "1 MB", ""),
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
    found = parsed(f"{HEADER}t\n{STAMP}\n".encode() + start + b"x" * (LINE - len(start)) + b"\r\n")
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
            file.write(b"x" * LINE)
    tracemalloc.start()
    (refusal,) = list(read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(refusal, Refusal)
    assert "1 MB" in refusal.message
    assert peak < 10 * LINE


FIELDS: dict[str, object] = {
    "title": "标题",
    "outlet": "Jing Ji Ri Bao",
    "published": "2025-08-12T22:44",
    "topic": "科创",
    "points": [{"section": "", "text": "A b.", "citations": [1, 2]}, {"section": "S", "text": "C - d"}],
}


def line(**changes: object) -> str:
    fields = {**FIELDS, **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not ...}) + "\n"


def test_json_lines() -> None:
    found = parsed("\ufeff" + line() + "\n" + line(url="https://ce.cn/a", published="2025-08-12T14:44:30Z"), "a.jsonl")
    first, second = kept(found)
    assert first.published == second.published == datetime(2025, 8, 12, 22, 44, tzinfo=BEIJING)
    assert second.published.isoformat() == "2025-08-12T22:44:00+08:00"
    assert (first.id, first.url, second.url) == (second.id, None, "https://ce.cn/a")
    assert [(point.section, point.text, point.citations) for point in first.points] == [
        ("", "A b.", (1, 2)),
        ("S", "C - d", ()),
    ]
    assert first.topics == ("科创",)


def test_json_and_export_give_one_document_the_same_ids() -> None:
    (export,) = kept(parsed(f"{HEADER}标题\n{STAMP}\nGroup 1 - A b."))
    (record,) = kept(parsed(line()))
    assert record.id == export.id
    assert record.points[0].id == export.points[0].id


POINT = {"section": "", "text": "A"}


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{", "not JSON"),
        ("[]\n", "object"),
        ("[" * 100_000, "nested"),
        ("9" * 5_000, "digits"),
        ('"text"', "object"),
        (line(title=""), "'title'"),
        (line(title=" \u200b\u0000"), "'title'"),
        (line(title=7), "'title'"),
        (line(outlet=None), "'outlet'"),
        (line(topic=["t"]), "'topic'"),
        (line(topic=...), "'topic'"),
        (line(published="yesterday"), "ISO 8601"),
        (line(published=1755000000), "'published'"),
        (line(published="2025-02-30T10:00"), "ISO 8601"),
        (line(published="0001-01-01T00:00:00+14:00"), "year"),
        (line(url="javascript:alert(1)"), "'url'"),
        (line(url=""), "'url'"),
        (line(url=1), "'url'"),
        (line(url="https://a.cn/\ud800"), "'url'"),
        (line(url="https://a.cn/\u202e"), "'url'"),
        (line(points=[]), "'points'"),
        (line(points={}), "'points'"),
        (line(points=["A"]), "a point"),
        (line(points=[{"section": ""}]), "'text'"),
        (line(points=[{"text": "A"}]), "'section'"),
        (line(points=[{**POINT, "section": None}]), "'section'"),
        (line(points=[{**POINT, "citations": ["1"]}]), "'citations'"),
        (line(points=[{**POINT, "citations": [True]}]), "'citations'"),
        (line(points=[{**POINT, "citations": [1.5]}]), "'citations'"),
        (line(points=[{**POINT, "citations": [10**30]}]), "'citations'"),
        (line(points=[{**POINT, "citations": 1}]), "'citations'"),
    ],
)
def test_each_bad_line_is_refused_by_itself(bad: str, says: str) -> None:
    found = parsed(f"{line()}{bad.rstrip()}\n{line(title='二')}", "a.jsonl")
    (refusal,) = refused(found)
    assert refusal.line == 2
    assert says in refusal.message
    assert [document.title for document in kept(found)] == ["标题", "二"]


def test_what_no_text_should_hold_is_cleaned_away() -> None:
    dirty = '"\\u0000a\\ud800b\\u001b[31m\\n\\u202e c\\t😀\\ud83d\\ude00"'
    (found,) = kept(
        parsed(line(title="DIRTY", points=[{"section": "DIRTY", "text": "DIRTY"}]).replace('"DIRTY"', dirty))
    )
    assert found.title == found.points[0].text == found.points[0].section == "ab[31m c 😀😀"


FIRST = ["China", "R&D", "PE/VC", "科创债", "“反内卷”", "$45.5", "“1+6”", "Supply-Side", "北京"]
MIDDLE = [
    "of",
    "issuance of科创债",
    "-5%",
    "<95%",
    "Group",
    "2025–26",
    "and",
    "Catch-up",
    "U.S.",
    "(STAR)",
    "it's",
    "·",
]
LAST = ["growth", "technology", "25%", "万亿元", "A-share", "Altay"]
STOPS = [
    ("", "{}"),
    ("", "{} [1]"),
    ("", "{}[1][23]"),
    (".", "{} [1]."),
    (".", "{}.[1]"),
    (".", "{}."),
    ("。", "{}。[1]"),
    ("。", "{}[1]。"),
    (".", "{} [1][2]."),
    ("?", "{}? [4]"),
]
HEADINGS = [
    "Group 1",
    "Group 2: Supply-Side & R&D",
    "第一组:标题",
    "第二组：反内卷",
    "Group 10: 扩张速度",
    "Industry Trends",
]


@st.composite
def statement(draw: st.DrawFn) -> tuple[str, str]:
    """A point's text, and the text as an export prints it."""
    words = [
        draw(st.sampled_from(FIRST)),
        *draw(st.lists(st.sampled_from(MIDDLE), max_size=5)),
        draw(st.sampled_from(LAST)),
    ]
    stop, pattern = draw(st.sampled_from(STOPS))
    return " ".join(words) + stop, pattern.format(" ".join(words))


@st.composite
def body(draw: st.DrawFn) -> tuple[list[tuple[str, str]], str]:
    said: dict[str, str] = {}
    printed = []
    opening = st.sampled_from(["Core Viewpoint", "Core Insights", "核心观点", *HEADINGS])
    headings = [draw(opening), *draw(st.lists(st.sampled_from(HEADINGS), max_size=3))]
    for heading in headings:
        group = draw(st.lists(statement(), min_size=1, max_size=4))
        for text, _ in group:
            said.setdefault(text, heading)
        printed.append(" - ".join([heading, *(raw for _, raw in group)]))
    return [(section, text) for text, section in said.items()], " ".join(printed)


@given(st.lists(st.tuples(st.sampled_from(["标题", "A· 2025", "Group 1: x - y"]), body()), min_size=1, max_size=4))
def test_what_is_printed_is_read(printed: list[tuple[str, tuple[list[tuple[str, str]], str]]]) -> None:
    text = HEADER + "\n".join(f"{title}\n{STAMP}\n{body}" for title, (_, body) in printed)
    found = parsed(text)
    assert refused(found) == []
    assert [document.title for document in kept(found)] == [title for title, _ in printed]
    for document, (_, (said, _)) in zip(kept(found), printed, strict=True):
        assert [(point.section, point.text) for point in document.points] == said


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


def encodable(document: Document) -> bytes:
    texts = [text for point in document.points for text in (point.section, point.text)]
    return "".join([document.title, document.outlet.name, *document.topics, document.url or "", *texts]).encode()


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


def anything() -> st.SearchStrategy[object]:
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("2025-08-12T22:44"))
    return st.recursive(
        leaves, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=5
    )


@given(
    st.dictionaries(st.sampled_from([*FIELDS, "url"]), anything()),
    st.dictionaries(st.sampled_from(list(POINT)), anything()),
)
def test_json_of_any_shape_is_read_or_refused(fields: dict[str, object], point: dict[str, object]) -> None:
    for changes in (fields, {"points": [{**POINT, **point}]}):
        (found,) = parsed(line(**changes), "a.jsonl")
        if isinstance(found, Document):
            assert encodable(found)
            assert all(point.text for point in found.points)
