"""Answers read well, and whatever stands in the corpus, every message is one that Telegram takes."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli import chat
from bot.render import answer, keyboards
from bot.render.answer import CorpusSummary, RenderContext
from bot.render.callback_data import AnswerView
from bot.render.document import render_summary, render_topic, render_topics
from bot.render.html import clean, escape, link, paginate, single_line, truncate, utf16_len, visible_text
from bot.render.i18n import LANGUAGES, Language
from bot.render.plain_citation import plain_citation
from retrieval.model.documents import BEIJING, Document, Outlet, Point
from retrieval.model.outlets import document_links
from retrieval.model.results import Correction, Hit, Interpretation, Match, Result, Topic, UnrealDate, Verdict
from tests.support.telegram_html import InvalidError, parse

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


def result(verdict: Verdict, *documents: Document, nowhere: tuple[str, ...] = ()) -> Result:
    hits = tuple(Hit(n, 1.0, document.points[0], document) for n, document in enumerate(documents, 1))
    return Result("问题", verdict, 0.5, (), 1.0, hits, nowhere)


def style(language: Language, bot: str | None = "ZhidianBot", short: bool = False) -> RenderContext:
    return RenderContext(language, lambda document: document_links(document, bot=bot), WHEN.date(), short)


def searched(*names: str) -> CorpusSummary:
    there = [Topic(name, 10, 112, WHEN) for name in names]
    return CorpusSummary(10 * len(there), date(2024, 3, 1), date(2025, 8, 12), there)


def shown(result: Result, language: Language = "zh", bot: str | None = "ZhidianBot", **more: Any) -> str:
    return parse(answer.render_answer(result, style(language, bot), searched("原始创新", "新型储能"), **more))[0]


def test_an_answer_has_text_paragraphs_source_and_date() -> None:
    page = answer.render_answer(result("answer", document(url="https://ce.cn/1?a=1&b=2")), style("zh"), searched())
    text, entities = parse(page)
    assert text == "A point. ¶3 ¶4\n一个标题\n经济日报 · 2025-07-02 · 完整摘要"
    assert [entity.attributes["href"] for entity in entities] == [
        "https://ce.cn/1?a=1&amp;b=2".replace("&amp;", "&"),
        "https://t.me/ZhidianBot?start=d_0123456789abcdef",
    ]


def test_a_link_to_a_search_says_so_and_an_english_reader_gets_the_english_name() -> None:
    assert "一个标题 (search)\n经济日报 Economic Daily · 2025-07-02" in shown(result("answer", document()), "en")


@pytest.mark.parametrize(
    ("days", "zh", "en"),
    [
        (90, "", ""),
        (91, "3 个月前", "3 months ago"),
        (518, "17 个月前", "17 months ago"),
        (800, "2 年前", "2 years ago"),
    ],
)
def test_what_is_not_of_these_days_says_its_age(days: int, zh: str, en: str) -> None:
    today = WHEN.date() + timedelta(days)
    for language, age in zip(LANGUAGES, (zh, en), strict=True):
        how = RenderContext(language, document_links, today)
        assert answer.render_date(document(), how).partition("2025-07-02")[2].strip(" ·") == age


def test_one_title_for_several_points_of_one_document() -> None:
    found = result("answer", *map(document, "一一二二"))
    page = shown(found)
    assert page.count("一（搜索）") == page.count("（同一篇）") == 1
    page = shown(replace(found, hits=found.hits[1:]))
    assert page.count("二（搜索）") == 1


@pytest.mark.parametrize(
    ("text", "shows"), [("Its cells last.", "[一个标题] Its cells last."), ("Cells last.", "Cells last.")]
)
def test_a_point_without_its_subject_is_given_it(text: str, shows: str) -> None:
    assert shown(result("answer", document(text=text))).startswith(shows)


def test_two_more_points_are_folded_away_and_further_ones_a_page_on() -> None:
    found = result("answer", *[document(title) for title in "一二三四五六七"])
    text, entities = parse(answer.render_answer(found, style("zh"), searched()))
    [folded] = [entity for entity in entities if entity.tag == "blockquote"]
    assert "expandable" in folded.attributes
    assert "一（搜索）" not in folded.text
    assert "二（搜索）" in folded.text
    assert "三（搜索）" in folded.text
    assert "四（搜索）" not in text
    assert "四（搜索）" in shown(found, page=1)
    assert "七（搜索）" in shown(found, page=2)
    assert answer.count_pages(found, compact=False) == 3
    brief = answer.render_answer(found, style("zh", short=True), searched())
    assert "blockquote" not in brief
    assert "二（搜索）" in parse(answer.render_answer(found, style("zh", short=True), searched(), 1))[0]


def lacking(found: Result, *lacks: tuple[str, ...]) -> Result:
    return replace(found, hits=tuple(replace(hit, lacks=words) for hit, words in zip(found.hits, lacks, strict=True)))


def test_a_near_miss_says_below_the_first_point_what_is_missing() -> None:
    text = shown(lacking(result("maybe", document()), ("上海", "2023")))
    assert text.startswith("不太确定，供参考：\n\nA point.")
    assert text.endswith("完整摘要\n\n没有提到“上海”、“2023”。")
    assert shown(result("maybe", document()), "en").startswith("Not sure. The closest points:\n\nA point.")
    assert "No mention" not in shown(result("maybe", document()), "en")


def test_two_words_at_most_are_said_to_be_missing_and_none_that_a_shown_point_has() -> None:
    found = lacking(
        result("maybe", document(), document("另一个")), ("甲甲", "乙乙", "丙丙", "丁丁"), ("乙乙", "丙丙", "丁丁")
    )
    assert "没有提到“乙乙”、“丙丙”。" in shown(found)
    brief = answer.render_answer(found, style("zh", short=True), searched())
    assert "没有提到“甲甲”、“乙乙”。" in parse(brief)[0]


def test_below_an_answer_only_what_occurs_nowhere_is_missing() -> None:
    found = lacking(result("answer", document(), nowhere=("xqzfoo",)), ("上海", "xqzfoo"))
    assert "没有提到“xqzfoo”。" in shown(found)


def test_what_is_missing_is_named_as_it_was_written() -> None:
    found = replace(lacking(result("maybe", document()), ("shanghai", "r&d")), question="R&D in Shanghai?")
    assert "No mention of “Shanghai”, “R&D”." in shown(found, "en")
    found = replace(result("none", nowhere=("shanghai", "上海")), question="Shanghai 上海")
    assert "“Shanghai”, “上海”" in shown(found, "en")


@pytest.mark.parametrize(
    ("text", "word", "html"),
    [
        ("In the 14th year", "14", "In the <b>14th</b> year"),
        ("The 2025-26 season", "26", "The <b>2025-26</b> season"),
        ("It stores 20MWh.", "20", "It stores <b>20MWh</b>."),
        ("covers 100.9 square kilometers", "100.9", "covers <b>100.9 square kilometers</b>"),
        ("It costs 60 to 80 yuan.", "80", "It costs <b>60 to 80 yuan</b>."),
        ("面积约100.9平方公里。", "100.9", "面积<b>约100.9平方公里</b>。"),
    ],
)
def test_bold_never_cuts_a_number(text: str, word: str, html: str) -> None:
    at = text.index(word)
    matches = (Match(at, at + len(word), word),)
    assert answer.mark_matches(document(text=text).points[0], matches, style("en"), 900) == html


def test_the_value_that_was_asked_for_stands_alone_in_the_first_line() -> None:
    text = "Beijing's research and development investment intensity has been over 6% for six consecutive years."
    hit = Hit(1, 1.0, document(text=text).points[0], document(), matches=(Match(0, 7, "北京"),))
    sure = Result("北京的研发投入强度是多少?", "answer", 1, (), 1, (hit,))
    page = answer.render_answer(sure, style("zh"), searched())
    assert page.startswith("<b>over 6%</b>\nBeijing")
    assert page.count("<b>") == 2
    unsure = answer.render_answer(replace(sure, verdict="maybe"), style("zh"), searched())
    assert "<b>over 6%" not in unsure
    assert "<b>Beijing</b>" in unsure


def test_another_outlet_is_named_but_not_the_same_one_twice() -> None:
    other = replace(document(), outlet=Outlet("新华社", "Xin Hua She", "Xinhua"))
    hit = Hit(1, 1.0, document().points[0], document(), also=(document(), other, other))
    assert "另见：新华社" in shown(Result("问题", "answer", 1, (), 1, (hit,)))
    assert "另见" not in shown(Result("问题", "answer", 1, (), 1, (replace(hit, also=(document(),)),)))


def test_nothing_found_says_what_was_searched_and_which_words_occur_nowhere() -> None:
    assert shown(result("none", document(), nowhere=("zebra",)), "en") == (
        "I found nothing on that.\nI searched 20 summaries (2024-03-01 to 2025-08-12).\n"
        "These words occur nowhere: “zebra”\nThere are summaries on: 原始创新, 新型储能"
    )
    assert "zhidian ingest" in answer.render_answer(result("none"), style("zh"), searched())


def read(**reading: Any) -> Result:
    return Result("…", "answer", 1, (), 1, result("answer", document()).hits, reading=Interpretation(**reading))


def test_a_refused_date_is_all_that_is_said() -> None:
    refused = replace(result("none"), reading=Interpretation(unreal_dates=(UnrealDate("2025-13"),)))
    said = answer.render_answer(refused, style("en"), searched())
    assert said.startswith("I cannot read “2025-13” as a date")
    assert "date:2025-07" in said
    assert "found nothing" not in said


@pytest.mark.parametrize(
    ("reading", "shows"),
    [
        ({"outlets": ("人民日报",), "since": date(2025, 7, 1), "until": date(2025, 7, 31)}, "🔎 人民日报 · 2025-07\n"),
        ({"since": date(2025, 1, 1), "until": date(2025, 12, 31)}, "🔎 2025\n"),
        ({"since": date(2025, 6, 1)}, "🔎 2025-06-01 起\n"),
        ({"until": date(2025, 6, 1)}, "🔎 至 2025-06-01\n"),
        ({"since": date(2025, 6, 1), "until": date(2025, 6, 1)}, "🔎 2025-06-01\n"),
        ({"since": date(2025, 6, 1), "until": date(2025, 6, 3)}, "🔎 2025-06-01 至 2025-06-03\n"),
        (
            {"topics": ("原始创新",), "phrases": ("硬科技",), "excluded": ("芯片",)},
            "🔎 原始创新 · “硬科技” · 不含芯片\n",
        ),
        ({"corrections": (Correction("科创版", "科创板"),)}, "按“科创板”查找（写的是“科创版”）\n"),
        (
            {"unreal_dates": (UnrealDate("2月30日", date(2025, 2, 1), date(2025, 2, 28)),)},
            "日历上没有“2月30日”，按 2025-02 查找。\n",
        ),
        ({"truncated": True}, "（问题太长，只读了开头。）\n"),
        ({"rarest_only": True}, "（问题词太多，我只读了其中最少见的词。）\n"),
    ],
)
def test_how_a_question_was_read_stands_in_one_line(reading: dict[str, Any], shows: str) -> None:
    assert shown(read(**reading)).startswith(shows)


def test_what_was_completed_from_the_question_before_is_said() -> None:
    assert shown(result("answer", document()), inherited=True).startswith("接着上一问：问题")


def test_matched_words_are_bold_and_explained_to_a_chinese_reader() -> None:
    point = document(text="Its R&D intensity rose in Beijing.").points[0]
    matches = (Match(4, 7, "研发"), Match(8, 17, "强度"), Match(26, 33, "北京"))
    html = answer.mark_matches(point, matches, style("zh"), 900, None, "北京研发强度")
    assert html == "Its <b>R&amp;D intensity</b>〔研发强度〕 rose in <b>Beijing</b>〔北京〕."
    assert "〔" not in answer.mark_matches(point, matches, style("en"), 900, None, "R&D")
    assert "〔" not in answer.mark_matches(point, matches, style("zh"), 900)
    assert "〔研发〕" not in answer.mark_matches(point, matches, style("zh"), 900, None, "北京R&D强度")


def test_a_citation_fits_into_a_copy_button() -> None:
    for text in ("short", "😀" * 400):
        copied = plain_citation(result("answer", document("标题" * 100, text=text)).hits[0], style("zh"))
        assert len(copied) <= 256
        assert "经济日报，2025-07-02，《标题" in copied


def test_without_a_bot_the_summary_is_a_command() -> None:
    assert "/start d_0123456789abcdef" in shown(result("answer", document()), bot=None)


def test_a_summary_is_whole_and_ends_between_points() -> None:
    pages = render_summary(document(points=30, text="很长的要点。" * 60), style("zh"))
    texts = [parse(page)[0] for page in pages]
    assert len(texts) > 1
    assert sum(text.count("• 很长的要点。") for text in texts) == 30
    assert all(text.endswith("¶4") for text in texts)
    assert texts[0].startswith("一个标题（搜索）\n经济日报 · 2025-07-02 · 原始创新\n\nGroup 0: Part\n• ")
    assert sum(text.count("Group 3: Part") for text in texts) == 1


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
spans = st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70), nasty), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(corpus, min_size=1, max_size=8), nasty, spans, st.sampled_from(LANGUAGES), st.booleans(), st.booleans())
def test_any_corpus_and_any_question_give_messages_that_telegram_takes(
    documents: list[Document],
    word: str,
    marks: list[tuple[int, int, str]],
    language: Language,
    in_telegram: bool,
    short: bool,
) -> None:
    how = style(language, "ZhidianBot" if in_telegram else None, short)
    there = CorpusSummary(15, date(2000, 1, 1), date(2025, 1, 1), [Topic(word, 1, 1, WHEN)] * 15)
    matches = tuple(Match(start, end, mark) for start, end, mark in marks)
    hits = tuple(
        Hit(n, 1.0, d.points[0], d, also=tuple(documents), matches=matches) for n, d in enumerate(documents, 1)
    )
    words = (word,) * 12
    reading = Interpretation(words, words, date(2000, 1, 1), None, words, words, (Correction(word, word),) * 12, True)
    verdicts: tuple[Verdict, ...] = ("answer", "maybe", "none")
    for verdict in verdicts:
        for asked in (word, f"多少 {word}", f"when {word}"):
            found = Result(asked, verdict, 0.5, words, 1.0, hits, words, reading)
            for page in range(answer.count_pages(found, short)):
                assert parse(answer.render_answer(found, how, there, page, inherited=True))
                for row in keyboards.answer_rows(found, AnswerView(2**60, page), how, True) + keyboards.more_menu(
                    found, AnswerView(2**60, page, True, True), how, "good"
                ):
                    assert 0 < len(row) <= 3
                    assert all(button.label.strip() for button in row)
            assert all(parse(page) for page in answer.render_listing(found, there, how, 50))
    assert parse(answer.render_single(hits[0], how))
    listed = render_topic(Topic(word, 1, 1, WHEN), documents, how)
    for page_ in [
        *render_summary(documents[0], how),
        render_topics(there.topics, how),
        listed,
    ]:
        assert parse(page_)
        assert chat.render_html(page_).plain.strip()


@given(nasty)
def test_cleaned_text_has_nothing_left_that_breaks(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert escape(text).count("<") == 0
    assert visible_text(escape(text)) == cleaned
    assert "\n" not in single_line(text)


@given(nasty, st.integers(1, 50))
def test_a_cut_fits_and_says_that_something_is_gone(text: str, limit: int) -> None:
    short = truncate(single_line(text), limit)
    assert utf16_len(short) <= limit
    assert short == single_line(text) or short.endswith("…")


@given(st.lists(st.text("字😀a", min_size=1, max_size=2000), min_size=1, max_size=20))
def test_packing_keeps_every_block_and_their_order(blocks: list[str]) -> None:
    pages = list(paginate(blocks))
    assert "\n\n".join(pages) == "\n\n".join(blocks)
    assert all(utf16_len(page) <= 4096 for page in pages)


def test_packing_counts_entities() -> None:
    pages = list(paginate([link("a", "https://example.org")] * 150, separator="\n"))
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
