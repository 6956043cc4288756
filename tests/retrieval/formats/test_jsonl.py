"""Documents from JSON, a line each."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.model.documents import BEIJING, Document
from tests.support.exports import HEADER, STAMP, encodable, kept, parsed, refused

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


def test_a_point_needs_no_more_than_its_text() -> None:
    (document,) = kept(parsed(line(points=[{"text": "A b."}]), "a.jsonl"))
    assert [(point.section, point.text, point.citations) for point in document.points] == [("", "A b.", ())]


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
        (line(points=[{**POINT, "section": 1}]), "'section'"),
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


def test_null_in_an_optional_field_is_as_if_left_out() -> None:
    without = kept(parsed(line(url=..., points=[{"text": "A"}])))
    null = kept(parsed(line(url=None, kind=None, points=[{"text": "A", "section": None, "citations": None}])))
    assert null == without
    assert [(point.section, point.citations) for point in null[0].points] == [("", ())]


@pytest.mark.parametrize("field", ["title", "outlet", "published", "topic", "points"])
def test_null_in_a_needed_field_is_refused(field: str) -> None:
    (refusal,) = refused(parsed(line(**{field: None})))
    assert f"'{field}'" in refusal.message


def test_what_no_text_should_hold_is_cleaned_away() -> None:
    dirty = '"\\u0000a\\ud800b\\u001b[31m\\n\\u202e c\\t😀\\ud83d\\ude00"'
    (found,) = kept(
        parsed(line(title="DIRTY", points=[{"section": "DIRTY", "text": "DIRTY"}]).replace('"DIRTY"', dirty))
    )
    assert found.title == found.points[0].text == found.points[0].section == "ab[31m c 😀😀"


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
