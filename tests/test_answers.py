"""Answers read well, and whatever stands in the corpus, every message is one that Telegram takes."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers, terminal
from bot.answers import Style
from bot.catalogue import LANGUAGES, Language, say_in
from bot.markup import clean, cut, escape, line, link, pack, units, visible
from retrieval.documents import BEIJING, Document, Outlet, Point
from retrieval.outlets import links
from retrieval.results import Hit, Reading, Result, Topic, Verdict
from tests.telegram_html import InvalidError, parse

WHEN = datetime(2025, 7, 2, 9, 30, tzinfo=BEIJING)
ECONOMIC_DAILY = Outlet("经济日报", "Jing Ji Ri Bao", "Economic Daily")

nasty = st.one_of(
    st.text(max_size=60),
    st.text("<>&\"'/ab\x00\n\t\ud800\udfff\u202e\u200f\u2028😀[]¶", max_size=60),
    st.sampled_from(
        ["<b>", "</b>", "&lt;", "&amp", "😀" * 4000, "字" * 5000, "<" * 5000, "", " ", "\ud83d", "a\n\n• b"]
    ),
)


def document(title: str = "一个标题", url: str | None = None, points: int = 1, text: str = "A point.") -> Document:
    return Document(
        "0123456789abcdef",
        title,
        ECONOMIC_DAILY,
        WHEN,
        ("原始创新",),
        url,
        tuple(Point(f"{n:016x}", text, f"Group {n // 3}: Part", (3, 4)) for n in range(points)),
    )


def result(
    verdict: Verdict, *documents: Document, missing: tuple[str, ...] = (), nowhere: tuple[str, ...] = ()
) -> Result:
    hits = tuple(Hit(n, 1.0, document.points[0], document) for n, document in enumerate(documents, 1))
    return Result("问题", verdict, 0.5, missing, 1.0, hits, nowhere)


def style(language: Language, bot: str | None = "ZhidianBot") -> Style:
    return Style(language, lambda document: links(document, bot=bot))


def test_an_answer_has_number_text_paragraphs_source_and_date() -> None:
    [page] = answers.answer(result("answer", document(url="https://ce.cn/1?a=1&b=2")), [], style("zh"))
    text, entities = parse(page)
    assert text == "1. A point. ¶3 ¶4\n一个标题\n经济日报 · 2025-07-02 · 全文摘要"
    assert [entity.attributes["href"] for entity in entities] == [
        "https://ce.cn/1?a=1&amp;b=2".replace("&amp;", "&"),
        "https://t.me/ZhidianBot?start=d_0123456789abcdef",
    ]


def test_a_link_to_a_search_says_so_and_an_english_reader_gets_the_english_name() -> None:
    [page] = answers.answer(result("answer", document()), [], style("en"))
    text, entities = parse(page)
    assert "一个标题 (search)\n经济日报 Economic Daily · 2025-07-02" in text
    assert entities[0].text == "一个标题 (search)"


def test_three_points_at_most_and_none_but_in_an_answer() -> None:
    documents = [document(title) for title in "一二三四"]
    [page] = answers.answer(result("answer", *documents), [], style("zh"))
    assert "3. A point." in page
    assert "4. A point." not in page
    [page] = answers.answer(result("none", *documents), [], style("zh"))
    assert "A point." not in page


def test_a_near_miss_is_hedged_and_says_what_is_missing() -> None:
    [page] = answers.answer(result("maybe", document(), missing=("上海", "2023")), [], style("zh"))
    assert parse(page)[0].startswith("不太确定：最接近的要点没有提到“上海”、“2023”。\n\n1. A point.")
    [page] = answers.answer(result("maybe", document()), [], style("en"))
    assert parse(page)[0].startswith("Not sure. The closest points:\n\n1. A point.")


def test_nothing_found_says_so_with_the_words_and_the_topics() -> None:
    there = [Topic("原始创新", 10, 112, WHEN), Topic("新型储能", 8, 90, WHEN)]
    [page] = answers.answer(result("none", nowhere=("zebra",)), there, style("en"))
    assert parse(page)[0] == (
        "I found nothing on that.\nThese words occur nowhere: “zebra”\nThere are summaries on: 原始创新, 新型储能"
    )
    [page] = answers.answer(result("none"), [], style("zh"))
    assert "zhidian ingest" in page


def test_a_cut_question_is_told() -> None:
    found = Result("…", "answer", 1, (), 1, result("answer", document()).hits, reading=Reading(truncated=True))
    assert "only its beginning" in answers.answer(found, [], style("en"))[0]


def test_without_a_bot_the_summary_is_a_command() -> None:
    [page] = answers.answer(result("answer", document()), [], style("zh", bot=None))
    assert "/start d_0123456789abcdef" in page


def test_a_summary_is_whole_and_ends_between_points() -> None:
    pages = answers.summary(document(points=30, text="很长的要点。" * 60), style("zh"))
    texts = [parse(page)[0] for page in pages]
    assert len(texts) > 1
    assert sum(text.count("• 很长的要点。") for text in texts) == 30
    assert all(text.endswith("¶4") for text in texts)
    assert texts[0].startswith("一个标题（搜索）\n经济日报 · 2025-07-02 · 原始创新\n\nGroup 0: Part\n• ")
    assert sum(text.count("Group 3: Part") for text in texts) == 1


def test_a_summary_of_a_thousand_points_does_not_flood_the_chat() -> None:
    pages = answers.summary(document(points=1000, text="很长的要点。" * 60), style("en"))
    shown = sum(parse(page)[0].count("• ") for page in pages)
    assert len(pages) == answers.SUMMARY_MESSAGES
    assert f"{1000 - shown} more points" in pages[-1]


corpus = st.builds(
    lambda title, outlet, english, text, section, topic, url, count: Document(
        "0123456789abcdef",
        title,
        Outlet(outlet, None, english),
        WHEN,
        (topic,),
        url,
        tuple(Point(f"{n:016x}", text, section, (n, 10**9)) for n in range(count)),
    ),
    nasty,
    nasty,
    st.none() | nasty,
    nasty,
    nasty,
    nasty,
    st.none() | nasty | nasty.map("https://example.org/".__add__),
    st.integers(1, 5),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(corpus, min_size=1, max_size=4), nasty, st.sampled_from(LANGUAGES), st.booleans())
def test_any_corpus_and_any_question_give_messages_that_telegram_takes(
    documents: list[Document], word: str, language: Language, in_telegram: bool
) -> None:
    how = style(language, "ZhidianBot" if in_telegram else None)
    there = [Topic(word, 1, 1, WHEN)] * 15
    hits = tuple(Hit(n, 1.0, d.points[0], d, also=tuple(documents)) for n, d in enumerate(documents, 1))
    verdicts: tuple[Verdict, ...] = ("answer", "maybe", "none")
    for verdict in verdicts:
        found = Result(word, verdict, 0.5, (word,) * 12, 1.0, hits, (word,) * 12, Reading(truncated=True))
        pages = answers.answer(found, there, how)
        assert len(pages) == 1 or len(hits) > 3
        assert all(parse(page) for page in pages)
    for page in [*answers.summary(documents[0], how), *answers.topics(there, say_in(language))]:
        assert parse(page)
        assert terminal.paint(page).plain.strip()


@given(nasty)
def test_cleaned_text_has_nothing_left_that_breaks(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert escape(text).count("<") == 0
    assert visible(escape(text)) == cleaned
    assert "\n" not in line(text)


@given(nasty, st.integers(1, 50))
def test_a_cut_fits_and_says_that_something_is_gone(text: str, limit: int) -> None:
    short = cut(line(text), limit)
    assert units(short) <= limit
    assert short == line(text) or short.endswith("…")


@given(st.lists(st.text("字😀a", min_size=1, max_size=2000), min_size=1, max_size=20))
def test_packing_keeps_every_block_and_their_order(blocks: list[str]) -> None:
    pages = list(pack(blocks))
    assert "\n\n".join(pages) == "\n\n".join(blocks)
    assert all(units(page) <= 4096 for page in pages)


def test_packing_counts_entities() -> None:
    pages = list(pack([link("a", "https://example.org")] * 150, separator="\n"))
    assert [len(parse(page)[1]) for page in pages] == [100, 50]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://", "https:// x", "x", "https://e.org/" + "a" * 3000, "http:///x", None]
)
def test_what_is_no_address_for_a_phone_stays_text(address: str | None) -> None:
    assert link("label", address) == "label"


@pytest.mark.parametrize(
    "wrong", ["<b>", "a < b", "AT&T", "<b></i>", "&nbsp;", "<p>x</p>", "  ", "a" * 4097, "<a>x</a>"]
)
def test_the_double_is_strict(wrong: str) -> None:
    with pytest.raises(InvalidError):
        parse(wrong)
