import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.formats.html import parse_page
from retrieval.formats.page_layout import MAX_PAGE_POINT_CHARS, lay_out, split_paragraph
from retrieval.formats.text_lines import clean

URL = "https://www.bjnews.com.cn/detail/1.html"
TITLE = "怀柔新平台"
LINES = [
    f"平台第{n}批用户来自高校和企业，将在七月进入实验室，开展材料和生命科学方面的研究，预计持续三年。"
    for n in range(14)
]


def page(content: str, title: str = f"<h1>{TITLE}</h1>") -> bytes:
    return f"""<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{TITLE}</title>
        <meta property="article:published_time" content="2025-07-01T08:00:00+08:00"></head>
        <body><div class="nav"><a href="/">首页</a> <a href="/a">财经新闻频道的更多文章</a></div>{title}{content}
        <div class="footer">版权所有 <a href="/x">关于我们</a></div></body></html>""".encode()


def each(form: str) -> str:
    return "".join(form.format(line) for line in LINES)


LAYOUTS = {
    "p": f"<article>{each('<p>{}</p>')}</article>",
    "sections with spans": f"<div id=js_content style='opacity: 0'>{each('<section><span>{}</span></section>')}</div>",
    "nested sections": f"<div>{each('<section><section><p><span>{}</span></p></section></section>')}</div>",
    "sections with text": f"<div>{each('<section>{}</section>')}</div>",
    "br in p": f"<article><p>{'<br>'.join(LINES)}</p></article>",
    "br in span": f"<article><p><span style='x'>{'<br/>'.join(LINES)}</span></p></article>",
    "br in div": f"<div id='zoom'>{'<br><br>　　'.join(LINES)}</div>",
    "br and a heading in div": f"<div id='zoom'><h2>{TITLE}</h2>　　{'<br>'.join(LINES)}</div>",
    "br in font in a cell": f"<table><tr><td><font>{'<br>&nbsp;&nbsp;'.join(LINES)}</font></td></tr></table>",
    "rows": f"<table><tbody>{each('<tr><td>{}</td></tr>')}</tbody></table>",
    "a table in a table": f"<table><tr><td><table><tr><td>{'<br>'.join(LINES)}</td></tr></table></td></tr></table>",
    "divs": f"<div>{each('<div>{}</div>')}</div>",
    "text between blocks": f"<div>{LINES[0]}<p>{'</p><p>'.join(LINES[1:])}</p></div>",
    "bold lines": f"<div>{each('<strong>{}</strong><br>')}</div>",
    "center": f"<center>{'<br>'.join(LINES)}</center>",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lines_are_points_however_a_page_is_laid_out(layout: str) -> None:
    document = parse_page(page(LAYOUTS[layout]), URL, "t")
    assert document.title == TITLE
    assert [point.text for point in document.points] == LINES


def test_the_title_in_a_cell_is_no_point() -> None:
    content = f"<table><tr><td><b>{TITLE}</b></td></tr><tr><td>{'<br>'.join(LINES)}</td></tr></table>"
    document = parse_page(page(content, title=""), URL, "t")
    assert [point.text for point in document.points] == LINES


def test_a_page_of_one_block_is_cut_into_sentences() -> None:
    document = parse_page(page(f"<div id='zoom'>{''.join(LINES)}</div>"), URL, "t")
    assert "".join(point.text for point in document.points) == "".join(LINES)
    assert all(20 <= len(point.text) <= MAX_PAGE_POINT_CHARS for point in document.points)


@pytest.mark.parametrize("content", ["<p>a</p>", "", "<ul><li><a href=/>x</a><br></ul>", "<p>eins<br>zwei</p>"])
def test_what_needs_no_division_is_left_alone(content: str) -> None:
    assert lay_out(f"<html><body>{content}</body></html>") == f"<html><body>{content}</body></html>"


@given(st.text("怀柔平台。！？；，、”』abcd .,!'\"\u3000", max_size=3000))
def test_pieces_are_short_and_lose_nothing(text: str) -> None:
    text = clean(text)
    pieces = list(split_paragraph(text))
    assert all(len(piece) <= MAX_PAGE_POINT_CHARS for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)
