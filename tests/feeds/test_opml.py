import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.opml import Outline, read_opml, write_opml
from feeds.source import SourceError


def test_the_folder_around_a_feed_is_its_topic() -> None:
    opml = b"""<opml><body><outline text="Chips"><outline xmlUrl="https://a.example/f"/></outline>
        <outline xmlUrl="https://b.example/f"/><outline xmlUrl="file:///etc/passwd"/></body></opml>"""
    assert [(one.url, one.topic) for one in read_opml(opml)] == [
        ("https://a.example/f", "Chips"),
        ("https://b.example/f", ""),
    ]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        (
            '<opml><body><outline text="R&D"><outline xmlUrl="http://a.example/f?a=1&b=2"/></outline></body></opml>',
            "?a=1&b=2",
        ),
        ('\n<?xml version="1.0"?><opml version="1.0"><body><outline xmlUrl="http://a.example/f"/></body></opml>', ""),
        ('<opml><body><outline xmlUrl="feed://a.example/f"/></body></opml>', ""),
        ('<opml><body><outline xmlUrl="feed:http://a.example/f"/></body></opml>', ""),
        ('<opml><body><outline xmlurl="http://a.example/f"/></body></opml>', ""),
        ('<opml><body><outline XMLURL=" http://a.example/f "/></body></opml>', ""),
        ('<opml><body><outline text="a&nbsp;b" xmlUrl="http://a.example/f"/></body></opml>', ""),
        ('<opml><body><outline text="a" xmlUrl="http://a.example/f"></body></opml>', ""),
        ('<OPML><BODY><OUTLINE xmlUrl="http://a.example/f"/></BODY></OPML>', ""),
        ('\ufeff<opml><body><outline text="a\x0b" xmlUrl="http://a.example/f"/></body></opml>', ""),
        ('<!DOCTYPE opml SYSTEM "x.dtd"><opml><body><outline xmlUrl="http://a.example/f"/></body></opml>', ""),
    ],
)
def test_slips_of_exporters_are_forgiven(written: str, url: str) -> None:
    assert [one.url for one in read_opml(written.encode())] == [f"http://a.example/f{url}"]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "no OPML"),
        ("<html><body>x</body></html>", "no OPML"),
        ("<opml>", "no feed"),
        ('<opml><body><outline text="a" url="x"/></body></opml>', "no feed"),
        ('<!DOCTYPE x [<!ENTITY a "aa">]><opml/>', "entities"),
    ],
)
def test_what_holds_no_feeds_is_refused(written: str, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        list(read_opml(written.encode()))


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12)
outlines = st.builds(
    Outline,
    words.map(lambda word: f"https://a.example/{word}"),
    words,
    words,
    st.integers(300, 86_400),
    st.just("") | words,
)


@given(st.lists(outlines, min_size=1, max_size=5))
def test_what_is_written_is_read_again(written: list[Outline]) -> None:
    by_topic = sorted(written, key=lambda one: [other.topic for other in written].index(one.topic))
    assert list(read_opml(write_opml(written).encode())) == by_topic
