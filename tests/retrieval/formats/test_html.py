import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.formats.encoding import decode
from retrieval.formats.html import _depth, parse_page
from retrieval.formats.text_lines import MalformedError

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
    document = parse_page(html().encode(), URL, "原始创新")
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
    document = parse_page(html(declared).encode(held), URL, "t", server)
    assert [point.text for point in document.points] == PARAGRAPHS


def test_big5() -> None:
    text = "<title>臺灣經濟</title><p>這一季的經濟成長率達到百分之三，超過了原先的預測。</p>"
    assert decode(text.encode("big5")) == decode(text.encode("big5"), "big5") == text


def test_one_bad_byte_spoils_nothing() -> None:
    body = html("utf-8").encode()
    at = body.index("负责".encode())
    assert PARAGRAPHS[1] in decode(body[:at] + b"\xff" + body[at:])


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
        parse_page(body, URL, "t")


HEADING, FIRST = "<h1>怀柔新平台</h1>", f"<p>{PARAGRAPHS[0]}</p>"
UNDATED = html(date="")


@pytest.mark.parametrize(
    ("written", "time"),
    [
        (html(date="2025-07-01T23:30:00Z"), "2025-07-02 07:30"),
        (UNDATED.replace(FIRST, "<p>2025年7月1日 08:05 来源：新京报</p>" + FIRST), "2025-07-01 08:05"),
        (UNDATED.replace(FIRST, '<span class="time">2025-07-01 08:05</span>' + FIRST), "2025-07-01 08:05"),
    ],
)
def test_when_an_article_was_published(written: str, time: str) -> None:
    document = parse_page(written.encode(), URL, "t")
    assert f"{document.published:%Y-%m-%d %H:%M}" == time
    assert [point.text for point in document.points] == PARAGRAPHS


@pytest.mark.parametrize(
    "aside",
    [
        "<p>该项目自2019年3月5日开工建设，于2020年完工，目前运行良好，效益显著，得到各方的好评。</p>",
        "<aside><ul><li><a href=/x>另一篇报道</a> 2024-02-03</li></ul></aside>",
        "<footer>Copyright © 2019-2023</footer>",
    ],
)
def test_a_date_that_is_not_the_article_s_is_not_taken_for_it(aside: str) -> None:
    with pytest.raises(MalformedError, match="no date"):
        parse_page(UNDATED.replace("</article>", f"</article>{aside}").encode(), URL, "t")


CHALLENGE = "<p>Please enable JavaScript and cookies to continue. Checking your browser before you go on.</p>"


def only(paragraph: str) -> str:
    body = html()
    return body[: body.index(FIRST)] + paragraph + "</article></body></html>"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (html(more='<script type="application/ld+json">{"isAccessibleForFree": false}</script>'), "paywall"),
        (only(CHALLENGE), "JavaScript"),
        (only("<p>本文为会员专享内容，您还可以阅读百分之十，登录后阅读全文，支持好的报道和作者。</p>"), "subscription"),
        (only("<p>We use cookies and ask you to accept all cookies before you visit this site.</p>"), "cookies"),
        ("<html><body><div id=root></div><noscript>x</noscript></body></html>", "scripts"),
        (only("<p>この記事は、日本の経済についてのもので、中国語でも英語でもありません。</p>"), "neither"),
        (
            only("<p>Новый фонд получил сорок два миллиарда юаней за три года.</p>").replace(
                "<html>", "<html lang=ru>"
            ),
            "neither",
        ),
        (
            only("<p>Le fonds a reçu quarante-deux milliards de yuans.</p>").replace("<html>", "<html lang=fr-FR>"),
            "neither",
        ),
    ],
)
def test_what_stands_where_an_article_should_is_none(written: str, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        parse_page(written.encode(), URL, "t")


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("https://www.bjnews.com.cn/detail/7.html", "https://www.bjnews.com.cn/detail/7.html"),
        ("https://m.bjnews.com.cn/detail/7.html", "https://m.bjnews.com.cn/detail/7.html"),
        ("https://www.people.com.cn/7.html", URL),
        ("https://www.bjnews.com.cn/", URL),
    ],
)
def test_the_address_that_a_page_says_is_its_own_where_it_is_of_its_site(said: str, url: str) -> None:
    body = html().replace("<head>", f'<head><link rel="canonical" href="{said}">')
    document = parse_page(body.encode(), f"{URL}?utm_source=rss" if url != URL else URL, "t")
    assert (document.url, document.outlet.name) == (url, "新京报")


def test_a_tag_without_an_end_is_looked_through_once() -> None:
    assert _depth("<" + "a" * 300_000) == 0


def test_without_a_topic_it_says_how_to_name_one() -> None:
    with pytest.raises(MalformedError, match="--topic"):
        parse_page(html().encode(), URL, "")


@given(st.binary(max_size=300), st.none() | st.text(max_size=12))
@example(b"<?xml encoding='utf-7'?>", "idna")
@example(b"\xff\xfe<", None)
def test_any_bytes_are_decoded(body: bytes, charset: str | None) -> None:
    assert isinstance(decode(body, charset), str)
