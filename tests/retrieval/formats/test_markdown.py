from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.formats import markdown
from retrieval.formats.text_lines import MalformedError

FRONT = """---
title: 怀柔: 新平台
outlet: Jing Ji Ri Bao
published: 2025-07-01T23:30:00+00:00
topic: 原始创新
url: https://example.org/1
---
"""
WHOLE = FRONT.replace("怀柔: ", "怀柔")


def test_headings_are_sections_and_paragraphs_and_items_points() -> None:
    body = "# Money\nA *b* [c](http://x)\nd.\n\n- one `x`\n- two\n\n## Sites\n\n> quoted\n"
    document = markdown.parse_document((WHOLE + body).encode())
    assert [(point.section, point.text) for point in document.points] == [
        ("Money", "A b c d."),
        ("Money", "one x"),
        ("Money", "two"),
        ("Sites", "quoted"),
    ]
    assert (document.title, document.outlet.name, document.topics) == ("怀柔新平台", "经济日报", ("原始创新",))
    assert (str(document.published), document.url, document.kind) == (
        "2025-07-02 07:30:00+08:00",
        "https://example.org/1",
        "summary",
    )


def test_what_names_no_topic_is_of_the_one_given() -> None:
    written = WHOLE.replace("topic: 原始创新\n", "kind: full\n") + "A point."
    document = markdown.parse_document(written.encode(), "储能")
    assert (document.topics, document.kind) == (("储能",), "full")


def test_a_day_is_its_beginning_in_beijing() -> None:
    written = WHOLE.replace("2025-07-01T23:30:00+00:00", "2025-07-01") + "A point."
    assert str(markdown.parse_document(written.encode()).published) == "2025-07-01 00:00:00+08:00"


@pytest.mark.parametrize(
    ("written", "line", "reason"),
    [
        ("# No front matter", 1, "expected front matter"),
        ("---\n- a\n- b\n---\nA point.", 1, "expected front matter"),
        (FRONT + "A point.", 2, "not YAML"),
        (WHOLE, 1, "no paragraph"),
        (WHOLE.replace("topic: 原始创新\n", "") + "A point.", 1, "'topic'"),
        (WHOLE.replace("2025-07-01T23:30:00+00:00", "yesterday") + "A point.", 1, "ISO 8601"),
        (WHOLE.replace("https://", "ftp://") + "A point.", 1, "'url'"),
        (WHOLE.replace("topic:", "kind: short\ntopic:") + "A point.", 1, "'kind'"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_line_and_reason(written: str, line: int, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason) as refused:
        markdown.parse_document(written.encode())
    assert refused.value.line == line


@given(st.binary(max_size=200), st.text(max_size=200))
@example(b"---\n&a [*a]\n---\n", "")
@example(b"---\n{{{\n---\n", "> " * 90)
def test_anything_is_read_or_refused(front: bytes, body: str) -> None:
    for written in (front, WHOLE.encode() + body.encode("utf-8", "replace"), WHOLE.encode()[:-4] + front + b"\n---\nx"):
        with suppress(MalformedError):
            assert markdown.parse_document(written, "t").points
