import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.charsets import decoded
from retrieval.lines import MalformedError
from retrieval.pages import page

URL = "https://www.bjnews.com.cn/detail/1.html"
PARAGRAPHS = [
    "怀柔科学城今年新增了两个平台，面积达到三万平方米，由中科院负责运营管理。",
    "第二段说明资金来自北京市财政，总额为四十二亿元，分三年拨付给各个项目。",
    "建设实验室和数据中心等设施，并为各个团队购置仪器设备。",
]


def html(charset: str = "", date: str = "2025-07-01", more: str = "") -> str:
    return f"""<html><head>{f'<meta charset="{charset}">' if charset else ""}<title>怀柔新平台 - 新京报</title>
        <meta property="article:published_time" content="{date}"></head><body><nav><a href="/">首页</a></nav>
        <article><h1>怀柔新平台</h1><p>{PARAGRAPHS[0]}</p><h2>资金来源</h2><p>{PARAGRAPHS[1]}</p>
        <ul><li>{PARAGRAPHS[2]}</li></ul>{more}</article><footer>版权所有</footer></body></html>"""


def test_paragraphs_are_points_and_headings_sections() -> None:
    document = page(html().encode(), URL, "原始创新")
    assert (document.title, document.outlet.name, document.kind) == ("怀柔新平台", "新京报", "full")
    assert (document.url, document.topics, str(document.published)) == (URL, ("原始创新",), "2025-07-01 00:00:00+08:00")
    assert [(point.section, point.text, point.citations) for point in document.points] == [
        ("", PARAGRAPHS[0], (1,)),
        ("资金来源", PARAGRAPHS[1], (2,)),
        ("资金来源", PARAGRAPHS[2], (3,)),
    ]


@pytest.mark.parametrize(
    ("declared", "held", "server"),
    [
        ("gb2312", "gb18030", None),
        ("", "gb18030", "gbk"),
        ("", "gb18030", None),
        ("utf-8", "gb18030", None),
        ("gb2312", "utf-8", None),
        ("iso-8859-1", "utf-8", "latin-1"),
        ("", "utf-8-sig", "big5"),
        ("no-such-set", "utf-8", "nor-this"),
        ("", "utf-16", None),
    ],
)
def test_whatever_character_set_is_declared(declared: str, held: str, server: str | None) -> None:
    document = page(html(declared).encode(held), URL, "t", server)
    assert [point.text for point in document.points] == PARAGRAPHS


def test_big5() -> None:
    text = "<title>臺灣經濟</title><p>這一季的經濟成長率達到百分之三，超過了原先的預測。</p>"
    assert decoded(text.encode("big5")) == decoded(text.encode("big5"), "big5") == text


def test_one_bad_byte_spoils_nothing() -> None:
    body = html("utf-8").encode()
    at = body.index("负责".encode())
    assert PARAGRAPHS[1] in decoded(body[:at] + b"\xff" + body[at:])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no article"),
        (b"%PDF\x00\x01", "binary"),
        (b"<div>" * 100_000, "nests"),
        (b"<p>" + b"x" * (9 << 20), "larger"),
        (html(date="").encode(), "date"),
        (html(date="1066-10-14").encode(), "date"),
        (b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><p>&b;&b;</p>', "no article"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        page(body, URL, "t")


def test_without_a_topic_it_says_how_to_name_one() -> None:
    with pytest.raises(MalformedError, match="--topic"):
        page(html().encode(), URL, "")


@given(st.binary(max_size=300), st.none() | st.text(max_size=12))
@example(b"<?xml encoding='utf-7'?>", "idna")
@example(b"\xff\xfe<", None)
def test_any_bytes_are_decoded(body: bytes, charset: str | None) -> None:
    assert isinstance(decoded(body, charset), str)
