"""Documents to messages: which point, what is folded, what is said of the rest, and always valid Telegram HTML."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.digest.delivery_records import ToldItem
from bot.digest.digest import (
    BACKLOG_ITEMS,
    MAX_ITEMS_SHOWN,
    DigestSection,
    FoundDocument,
    cached_fingerprint,
    drop_repeated,
    group_by_story,
    pick_point,
    render_answer,
    render_digest,
    render_listing,
    render_section,
    told_items,
)
from bot.render.answer import RenderContext
from retrieval.model.documents import Document, Outlet, Point, document_id, point_id
from retrieval.model.outlets import document_links
from tests.support.subscriptions import beijing
from tests.support.telegram_html import parse

NOW = beijing("2026-07-01T07:30")
STYLE = RenderContext("zh", document_links, date(2026, 7, 1))


def document(title: str, *points: str | tuple[str, str], outlet: str = "经济日报", days: int = 0) -> Document:
    id = document_id(repr(outlet), repr(title), NOW - timedelta(days=days))
    made = [point if isinstance(point, tuple) else ("", point) for point in points]
    texts = tuple(Point(point_id(id, repr(text)), text, heading, (1,)) for heading, text in made)
    return Document(id, title, Outlet(outlet), NOW - timedelta(days=days), ("主题",), None, texts)


def shown(*documents: Document, told: list[ToldItem] | None = None) -> DigestSection:
    return render_section("topic", "主题", [FoundDocument(one) for one in documents], told or [], NOW)


def test_the_core_viewpoint_stands_for_its_document_else_the_point_richest_in_figures() -> None:
    with_core = document("甲", "共有5项3类12个平台", ("Core Viewpoint", "科技创新很重要"))
    without = document("乙", "科技很重要", "投入达到6.5%，增长12.4%，排名第3", "共有7项")
    assert pick_point(with_core, []) == with_core.points[1]
    assert pick_point(without, []) == without.points[1]


def test_what_was_told_is_told_no_second_time() -> None:
    core, other = "Beijing invested 312 billion yuan in 26 laboratories", "上海新增120家企业"
    one = document("甲", ("Core Viewpoint", core), other)
    assert (
        pick_point(one, [cached_fingerprint("In 26 laboratories Beijing has invested 312 billion yuan")])
        == one.points[1]
    )
    assert not shown(one, told=[ToldItem(one.id, "")]).items
    assert not shown(document("丙", core), told=[ToldItem("another", core)])


def test_one_story_of_several_outlets_is_one_item() -> None:
    text = "Beijing invested 312 billion yuan in 26 laboratories in 2025"
    one, other = document("甲", text), document("乙", text + ", it was said", outlet="新华社")
    [item] = shown(one, other).items
    assert item.also == (other,)
    assert "另见：新华社" in parse(render_digest([shown(one, other)], NOW.date(), STYLE)[0])[0]
    assert [told.document for told in told_items(shown(one, other))] == [one.id, other.id]


def test_an_item_says_what_is_new_who_has_it_and_when_and_links_to_it() -> None:
    one = replace(document("标题<甲>", "投入312亿元"), url="https://example.com/a?b=1&c=2")
    [page] = render_digest([shown(one)], NOW.date(), STYLE)
    text, entities = parse(page)
    assert "• 投入312亿元" in text
    assert "标题<甲> · 经济日报 · 2026-07-01" in text
    assert [entity.attributes["href"] for entity in entities if entity.tag == "a"] == [one.url]


def test_ten_documents_at_most_the_rest_is_counted() -> None:
    many = [document(f"第{n}篇", f"第{n}个项目投资{n * 37 + 11}亿元") for n in range(MAX_ITEMS_SHOWN + 7)]
    found = shown(*many)
    assert (len(found.items), found.more) == (MAX_ITEMS_SHOWN, 7)
    assert "另有 7 篇" in parse(render_digest([found], NOW.date(), STYLE)[0])[0]


def test_an_archive_that_comes_in_at_once_is_one_line_and_a_few_old_ones_are_news() -> None:
    archive = [document(f"旧{n}", f"第{n}个旧项目投资{n * 37 + 11}亿元", days=400 + n) for n in range(300)]
    fresh = document("新", "今天发布了9项措施")
    found = shown(fresh, *archive)
    assert [item.document for item in found.items] == [fresh]
    assert (found.more, found.archive) == (0, 300)
    assert parse(render_digest([found], NOW.date(), STYLE)[0])[0].count("\n• ") == 1
    few = shown(*archive[:BACKLOG_ITEMS])
    assert (len(few.items) + few.more, few.archive) == (BACKLOG_ITEMS, 0)


def test_a_document_of_two_topics_is_told_in_the_first() -> None:
    one, other = document("甲", "第一件事有11项"), document("乙", "第二件事有22项")
    first, second = drop_repeated([shown(one), shown(one, other)])
    assert [item.document for item in first.items] == [one]
    assert [item.document for item in second.items] == [other]


def test_all_points_of_a_delivery() -> None:
    many = [document(f"第{n}篇", f"第{n}个项目投资{n * 37 + 11}亿元") for n in range(40)]
    text = "\n".join(
        parse(page)[0] for page in render_listing("主题", group_by_story([FoundDocument(one) for one in many]), STYLE)
    )
    assert all(f"{n * 37 + 11}亿元" in text for n in range(40))


TEXTS = st.text(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from("<>&\"'😀\u202e\ud800\n中国")),
    min_size=1,
    max_size=900,
)


@given(
    st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=25),
    TEXTS,
    st.sampled_from(["zh", "en"]),
    st.integers(0, 9),
    st.integers(0, 500),
)
def test_whatever_comes_in_goes_out_as_valid_html(
    documents: list[tuple[str, str, str]], subject: str, language: str, silent: int, archive: int
) -> None:
    made = [document(title, (heading, text), outlet="x" + title) for title, heading, text in documents]
    found = render_section("question", subject, [FoundDocument(one) for one in made], [], NOW)
    style = RenderContext("zh" if language == "zh" else "en", document_links, NOW.date())
    sections = [found, DigestSection("topic", subject, archive=archive, silent=silent)]
    for page in render_digest(sections, NOW.date(), style) if any(sections) else []:
        parse(page)
    for item in found.items:
        parse(render_answer(item, subject, style))
