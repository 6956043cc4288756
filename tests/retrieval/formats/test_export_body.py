"""How a body falls into points."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.model.documents import Document
from tests.support.exports import HEADER, STAMP, kept, parsed, refused


def points(body: str) -> list[tuple[str, str, tuple[int, ...]]]:
    (found,) = parsed(f"{HEADER}标题\n{STAMP}\n{body}")
    assert isinstance(found, Document), found
    return [(point.section, point.text, point.citations) for point in found.points]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Group 1 - A b [1] - C d [2]", [("Group 1", "A b", (1,)), ("Group 1", "C d", (2,))]),
        ("Core Insights - a - b", [("Core Insights", "a", ()), ("Core Insights", "b", ())]),
        (
            "Group 1: Vacuum - Flow - Heat - Dry pumps sell well [1]. - Valves do not [2].",
            [
                ("Group 1: Vacuum - Flow - Heat", "Dry pumps sell well.", (1,)),
                ("Group 1: Vacuum - Flow - Heat", "Valves do not.", (2,)),
            ],
        ),
        (
            "Group 1: Chips - Memory Modules - AI Servers - Prices rose by 5% in May [1].",
            [("Group 1: Chips - Memory Modules - AI Servers", "Prices rose by 5% in May.", (1,))],
        ),
        (
            "第一组：真空 - 流量 - 热工 - 干泵在第二季度卖得很好[1]。 - 阀门卖得不好[2]。",
            [
                ("第一组：真空 - 流量 - 热工", "干泵在第二季度卖得很好。", (1,)),
                ("第一组：真空 - 流量 - 热工", "阀门卖得不好。", (2,)),
            ],
        ),
        (
            "Group 1: Trade - China - U.S. trade grew [1].",
            [("Group 1: Trade", "China - U.S. trade grew.", (1,))],
        ),
        (
            "Group 2: Supply - Demand Balance - China - U.S. trade grew [1].",
            [("Group 2: Supply - Demand Balance", "China - U.S. trade grew.", (1,))],
        ),
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


def handmade() -> list[tuple[str, list[tuple[str, str, tuple[int, ...]]]]]:
    cases = Path(__file__).with_name("bodies.txt").read_text("utf-8").strip().split("\n\n")
    return [(body, [ast.literal_eval(line) for line in said]) for body, *said in map(str.splitlines, cases)]


def test_there_are_bodies_made_by_hand() -> None:
    assert len(handmade()) > 70


@pytest.mark.parametrize(("body", "expected"), handmade())
def test_bodies_read_as_a_reader_would(body: str, expected: list[tuple[str, str, tuple[int, ...]]]) -> None:
    assert points(body) == expected


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
# without an end of its own, what is all names would be the rest of a heading: 'Group 1 - China Altay - …'
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
    stop, pattern = draw(st.sampled_from(STOPS))
    words = [
        draw(st.sampled_from(FIRST)),
        *draw(st.lists(st.sampled_from(MIDDLE), max_size=5)),
        draw(st.sampled_from(LAST if pattern != "{}" else LAST[:4])),
    ]
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
