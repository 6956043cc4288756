"""Questions against small corpora, through `Library` as the bot asks."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count, product
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.model.results import Correction, Interpretation, Result
from retrieval.search.long_question import MAX_CONCEPTS
from retrieval.search.pipeline import MAX_POINTS, MAX_QUESTION_CHARS
from tests.support.stories import Story, ingest, story

NOW = datetime(2025, 10, 15, 12, tzinfo=BEIJING)

STORIES = [
    story(
        "怀柔科学城向全球开放",
        "Huairou has opened 16 scientific platforms to researchers from abroad.",
        "Non-consensus projects are picked by recommendation instead of expert review.",
        "The guidance fund of Changping has grown to 42 billion yuan.",
        outlet="Jing Ji Ri Bao",
        published="2025-07-15T08:00",
    ),
    story(
        "科创板改革",
        "Unprofitable enterprises may go public on the STAR Market under the new standard.",
        "The CSRC will let private equity funds leave sooner.",
        outlet="证券时报",
        published="2025-06-20T09:30",
    ),
    story(
        "消费券怎么发",
        "Quasi-cash vouchers raise what households spend in restaurants.",
        "杭州的餐饮消费券一块钱能带动四块六的花销。",
        outlet="人民日报",
        published="2025-07-02T07:00",
        topic="消费",
    ),
    story(
        "低空与储能",
        "深圳的无人机企业去年交付了三万架飞机。",
        "甘肃独立储能电站的容量电费为每千瓦330元。",
        "Black phosphorus is produced in volume at a plant in Wuhan.",
        outlet="第一财经",
        published="2025-10-08T10:00",
        topic="储能",
    ),
    story(
        "Pipelines abroad",
        "Drug makers sold rights to their pipelines for $45.5 billion from January to May 2025.",
        "脑机接口的临床试验审批缩短到30个工作日。",
        outlet="新京报",
        published="2024-12-30T23:50",
        topic="医药",
    ),
]


@pytest.fixture(scope="module")
def home(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Makes data folders with a dictionary in them; see `opened`."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copy(data / "lexicon.bin", folder)
    shutil.copytree(data / "cache", folder / "cache")
    return folder


def opened(home: Path, name: str) -> Library:
    folder = home / name
    folder.mkdir()
    (folder / "lexicon.bin").hardlink_to(home / "lexicon.bin")
    shutil.copytree(home / "cache", folder / "cache")
    return Library(folder)


@pytest.fixture(scope="module")
def news(home: Path) -> Iterator[Library]:
    library = opened(home, "news")
    ingest(library, home, STORIES)
    yield library
    library.close()


def first(result: Result) -> str:
    return result.hits[0].point.text if result.hits else ""


@pytest.mark.parametrize(
    ("question", "gold"),
    [
        # Chinese for an English point, and the reverse
        ("怀柔对国外的研究者开放了多少个平台？", "16 scientific platforms"),
        ("昌平的政府引导基金规模多大？", "42 billion yuan"),
        ("准现金消费券有什么用？", "Quasi-cash vouchers"),
        ("武汉能量产黑磷吗？", "Black phosphorus"),
        ("How many aircraft did Shenzhen's drone firms deliver?", "三万架"),
        ("capacity price of stand-alone storage in Gansu", "每千瓦330元"),
        ("How long does approval of brain-computer interface trials take?", "30个工作日"),
        # traditional characters
        ("懷柔開放了多少個平臺？", "16 scientific platforms"),
        ("甘肅獨立儲能的容量電費", "每千瓦330元"),
        # toneless pinyin, joined and split; names in pinyin
        ("huai rou kai fang ping tai", "16 scientific platforms"),
        ("heilin neng liangchan ma", "Black phosphorus"),
        ("changping fund", "42 billion yuan"),
        # slips of either language
        ("科创版对未盈利企业开放了吗", "Unprofitable enterprises"),
        ("privte equty funds", "private equity"),
        ("quasi-cash vochers", "Quasi-cash vouchers"),
        # negation
        ("未盈利的公司能上市吗", "Unprofitable enterprises"),
        ("非共识项目怎么选出来", "Non-consensus projects"),
        # numbers and dates in both scripts
        ("哪个基金有四百二十亿元", "42 billion yuan"),
        ("which fund has 42 billion", "42 billion yuan"),
        ("药企把管线卖了455亿美元", "$45.5 billion"),
        ("三十个工作日", "30个工作日"),
        # mixtures, glued and not
        ("CSRC对PE退出有什么政策", "The CSRC"),
        ("Gansu的储能price", "每千瓦330元"),
        ("科創板 unprofitable", "Unprofitable enterprises"),
    ],
)
def test_finds(news: Library, question: str, gold: str) -> None:
    result = news.search(question, now=NOW)
    assert gold in first(result)
    assert result.verdict != "none"


def test_what_was_corrected_is_said(news: Library) -> None:
    assert news.search("科创版", now=NOW).reading.corrections == (Correction("科创版", "科创板"),)
    assert news.search("科创板", now=NOW).reading.corrections == ()


def test_a_correction_is_written_as_the_point_writes_it(news: Library) -> None:
    result = news.search("scientific platfroms of Huairou", now=NOW)
    assert result.reading.corrections == (Correction("platfroms", "platforms"),)


@pytest.mark.parametrize(
    "question", ["funds of Changping in 2031", "深圳的无人机 platforms", "gansu 储能", "2025年7月"]
)
def test_hits_that_are_not_shown_are_not_marked(news: Library, question: str) -> None:
    few = [news.search(question, now=NOW, shown=shown) for shown in (0, 1, 2)]
    whole = news.search(question, now=NOW)
    for marked, result in zip((1, 1, 2), few, strict=True):
        bare = tuple(replace(hit, matches=(), lacks=()) for hit in whole.hits[marked:])
        expected = replace(whole, hits=whole.hits[:marked] + bare, milliseconds=result.milliseconds)
        assert result == expected
    again = news.search(question, now=NOW, shown=1)
    assert again == replace(whole, milliseconds=again.milliseconds)


def test_a_correction_is_written_as_a_point_writes_it_that_is_not_marked(home: Path) -> None:
    with closing(opened(home, "unmarked")) as library:
        points = "怀柔的科学平台有16个。", "Platforms abroad are fewer."
        ingest(library, home, [story("怀柔", *points), *STORIES[1:]], "unmarked.jsonl")
        question = "怀柔 scientific platfroms"
        few, whole = (library.search(question, now=NOW, shown=shown) for shown in (1, None))
        assert few.reading.corrections == whole.reading.corrections == (Correction("platfroms", "platforms"),)


WORD_FOR_WORD = [
    story(
        "芯片",
        'A plant tests its driving chip "Star One".',
        "One more firm, one of many, is on the STAR Market: star investors, star firms.",
        "A slow market in one bull year: market prices, bull prices, slow prices.",
        'It takes a "slow bull" market.',
    ),
    story("Bonds", "The issuance of科创债 is a crucial step.", "Technology innovation is technology and innovation."),
    story("公司消息", "单票收入在六月获得2亿元融资。", "武汉新芯在六月获得3亿元融资。", "乾县在六月获得5亿元融资。"),
    story("Prices", "The firm Kefan sells 2,000 cells.", "It cut prices by a tenth.", "Sales fell.", section="Trade"),
]


@pytest.fixture(scope="module")
def literal(home: Path) -> Iterator[Library]:
    library = opened(home, "literal")
    ingest(library, home, WORD_FOR_WORD)
    yield library
    library.close()


@pytest.mark.parametrize(
    ("question", "gold"),
    [
        ("Star One", "Star One"),
        ("STAR ONE", "Star One"),
        ("科创债", "科创债"),
        ("科创债有什么作用", "科创债"),
        ("慢牛", "slow bull"),
        ("单票收入", "单票收入"),
        ("武汉新芯融资多少", "武汉新芯"),
        ("乾县", "乾县"),
        ("2,000", "2,000"),
    ],
)
def test_what_stands_there_word_for_word_is_first(literal: Library, question: str, gold: str) -> None:
    result = literal.search(question, now=NOW)
    assert gold in first(result)
    assert result.reading.corrections == ()


def test_what_stands_there_word_for_word_is_an_answer(literal: Library) -> None:
    for question in ("Star One", "科创债", "单票收入", "乾县", "2,000"):
        result = literal.search(question, now=NOW)
        assert (result.verdict, result.missing) == ("answer", ()), question


def test_a_point_that_refers_back_is_found_by_what_it_refers_to(literal: Library) -> None:
    hits = literal.search("Did Kefan cut prices?", now=NOW).hits
    assert hits[0].point.text == "It cut prices by a tenth."


def test_what_is_met_is_marked(news: Library) -> None:
    hit = news.search("怀柔的平台", now=NOW).hits[0]
    assert {hit.point.text[match.start : match.end] for match in hit.matches} >= {"Huairou", "platforms"}


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ('"private equity"', {"科创板改革"}),
        ('funds "PRIVATE  EQUITY"', {"科创板改革"}),
        ('"equity private" funds', set()),
        ('"drug maker"', set()),  # whole words: the point has drug makers
        ('"獨立儲能" 电站', {"低空与储能"}),
        ("基金 昌平 outlet:人民日报", set()),
        ("vouchers outlet:People's Daily", {"消费券怎么发"}),
        ("vouchers 人民日报", {"消费券怎么发"}),
        ("platforms Jing Ji Ri Bao", {"怀柔科学城向全球开放"}),
        ("platforms 2025年7月", {"怀柔科学城向全球开放"}),
        ("platforms date:2024", set()),
        ("topic:储能 深圳", {"低空与储能"}),
        ("深圳 topic:医药", set()),
    ],
)
def test_filters(news: Library, question: str, titles: set[str]) -> None:
    assert {hit.document.title for hit in news.search(question, now=NOW).hits} == titles


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("储能", ["低空与储能"]),
        ("2025年7月", ["怀柔科学城向全球开放", "消费券怎么发"]),
        ("人民日报", ["消费券怎么发"]),
        ("last week", ["低空与储能"]),
        ("outlet:新京报 2024", ["Pipelines abroad"]),
        ("2023", []),
    ],
)
def test_filters_alone_list_the_newest_first(news: Library, question: str, titles: list[str]) -> None:
    result = news.search(question, now=NOW)
    assert [hit.document.title for hit in result.hits] == titles
    assert result.verdict == ("answer" if titles else "none")
    assert result.missing == ()


def test_what_filters_is_said(news: Library) -> None:
    result = news.search('"private equity" -drug outlet:证券时报 topic:科创 2025年6月', now=NOW)
    assert result.reading == Interpretation(
        outlets=("证券时报",),
        topics=("科创",),
        since=date(2025, 6, 1),
        until=date(2025, 6, 30),
        excluded=("drug",),
        phrases=("private equity",),
    )


def test_the_same_words_are_told_by_the_clock(news: Library) -> None:
    titles = [
        [hit.document.title for hit in news.search("上周", now=NOW + timedelta(weeks=weeks)).hits] for weeks in (0, 1)
    ]
    assert titles == [["低空与储能"], []]


@pytest.mark.parametrize(
    ("question", "excluded", "gone"),
    [
        ("基金 -昌平", ("昌平",), "Changping"),
        ("fund -Changping", ("Changping",), "Changping"),
        ("电站 -储能", ("储能",), "储能电站"),
        ("volume -phosphorus", ("phosphorus",), "phosphorus"),
        ("drug -管线", ("管线",), "pipelines"),
        ("消费券 -杭州", ("杭州",), "杭州"),
        ("vouchers -Hangzhou", ("Hangzhou",), "杭州"),
    ],
)
def test_excluded_by_any_of_its_names(news: Library, question: str, excluded: tuple[str, ...], gone: str) -> None:
    texts = [hit.point.text for hit in news.search(question, now=NOW).hits]
    with_it = [hit.point.text for hit in news.search(question.partition(" -")[0], now=NOW).hits]
    assert any(gone in text for text in with_it)
    assert not any(gone in text for text in texts)
    assert news.search(question, now=NOW).reading.excluded == excluded


@pytest.mark.parametrize("question", ["", " \n\t", "???", "多少", "what is it", "的了吗", "how much is that", "\x00"])
def test_nothing_asked_finds_nothing(news: Library, question: str) -> None:
    result = news.search(question, now=NOW)
    assert (result.verdict, result.confidence, result.hits, result.missing) == ("none", 0.0, (), ())


@pytest.mark.parametrize("question", ["芯片", "chips", "", "2025年7月", "经济日报", '"a" -b', "上海 芯片 topic:科创"])
def test_of_an_empty_corpus_nothing(home: Path, question: str) -> None:
    library = opened(home, f"empty-{abs(hash(question))}")
    result = library.search(question, now=NOW)
    library.close()
    assert (result.verdict, result.confidence, result.hits) == ("none", 0.0, ())


def test_missing_and_nowhere(news: Library) -> None:
    result = news.search("怀柔 量子 杭州 platforms spaceship", now=NOW)
    assert "Huairou" in first(result)
    assert set(result.missing) == {"量子", "杭州", "spaceship"}
    assert set(result.nowhere) == {"量子", "spaceship"}


def test_of_a_question_with_very_many_words_the_rarest_are_read(news: Library) -> None:
    many = " ".join(point.text for document in news.recent(-1) for point in document.points)
    result = news.search(f"怀柔科学城有多大 {many}", now=NOW)
    assert result.reading.rarest_only
    assert "怀柔" in "".join(result.words)
    assert len(result.words) <= MAX_CONCEPTS
    assert not news.search("怀柔科学城有多大", now=NOW).reading.rarest_only


def test_a_question_is_cut_where_it_says(news: Library) -> None:
    asked = "怀柔的平台 "
    whole, cut = (
        asked.ljust(MAX_QUESTION_CHARS, "，"),
        asked.ljust(MAX_QUESTION_CHARS, "，") + " Black phosphorus Wuhan",
    )
    assert not news.search(whole, now=NOW).reading.truncated
    assert news.search(cut, now=NOW).reading.truncated
    assert news.search(cut, now=NOW).hits == news.search(whole, now=NOW).hits


@pytest.mark.parametrize("k", [0, 1, 3, 50])
def test_no_more_than_were_asked_for(news: Library, k: int) -> None:
    hits = news.search("基金 平台 项目 fund", k, now=NOW).hits
    assert [hit.rank for hit in hits] == list(range(1, min(k, 5) + 1))
    assert hits == news.search("基金 平台 项目 fund", now=NOW).hits[:k]


def test_never_more_than_a_reader_can_want(home: Path) -> None:
    library = opened(home, "many")
    plants = ["".join(letters) for letters in product("bdfgk", "aeiou", "lmnprst")][: 2 * MAX_POINTS]
    ingest(library, home, [story("Grid", *(f"The {plant} grid has {n * n} poles." for n, plant in enumerate(plants)))])
    assert (
        len(library.search("grid", MAX_POINTS, now=NOW).hits)
        == len(library.search("grid", 1000, now=NOW).hits)
        == MAX_POINTS
    )
    library.close()


PIECES = [
    *("怀柔", "科创版", "未", "储能", "的", "huai rou ", "Beijing's ", "privte ", "R&D ", "420亿", "50%", "2025年7月"),
    *(
        '"',
        "“",
        "”",
        "-",
        " -",
        "outlet:",
        "topic:",
        "date:",
        "经济日报",
        "上周",
        "😀",
        "\x00",
        "\ud83d",
        "\u202e",
        "\n",
    ),
]
questions = (
    st.text(max_size=100)
    | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
    | st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(lambda pieces: ("".join(pieces) * 500)[:4000])
)


@given(questions)
@example("\ud800" * 4000)
@example("-" * 4000)
@example('"' * 4000)
@example("9" * 4000)
@example("huai rou " * 450)
def test_any_question(news: Library, question: str) -> None:
    result = news.search(question, now=NOW)
    assert result.question == question
    assert 0 <= result.confidence <= 1
    assert result.reading.truncated == (len(question) > MAX_QUESTION_CHARS)
    assert all(hit.score > 0 for hit in result.hits)
    scores = [hit.score for hit in result.hits]
    assert scores == sorted(scores, reverse=True)
    assert [hit.rank for hit in result.hits] == list(range(1, len(scores) + 1))
    assert set(result.nowhere) <= set(result.missing)


Ranking = list[tuple[str, float, tuple[str, ...]]]
Judgement = tuple[str, float, tuple[str, ...]]


def ranking(library: Library, question: str) -> Ranking:
    return [
        (hit.point.id, hit.score, tuple(document.id for document in hit.also))
        for hit in library.search(question, now=NOW).hits
    ]


def judged(library: Library, question: str) -> Judgement:
    result = library.search(question, now=NOW)
    return result.verdict, result.confidence, result.missing


ENGLISH = [
    story(f"Story {n}", *points, outlet=outlet, published=f"2025-0{n % 3 + 6}-1{n}T08:00")
    for n, (outlet, *points) in enumerate(
        [
            (
                "经济日报",
                "The fund grew to 42 billion yuan.",
                "Batteries cost 80 yuan.",
                "Batteries cost 80 yuan in all.",
            ),
            ("证券时报", "The fund of Changping has grown to 42 billion yuan.", "A plant makes batteries."),
            ("人民日报", "A plant makes batteries.", "Drones carry mail."),
            ("新京报", "Drones carry mail.", "A fund buys drones."),
        ]
    )
]
ASKED = ["which fund has 42 billion", "batteries of a plant", "changping drones", "fund", "storge of mail -fund"]


@pytest.fixture(scope="module")
def in_order(home: Path) -> list[tuple[Ranking, Judgement]]:
    library = opened(home, "in-order")
    ingest(library, home, ENGLISH)
    told = [(ranking(library, question), judged(library, question)) for question in ASKED]
    library.close()
    return told


NUMBERS = count()


@settings(max_examples=12)
@given(st.permutations(ENGLISH), st.integers(1, 4))
def test_the_order_of_ingestion_is_no_matter(
    home: Path, in_order: list[tuple[Ranking, Judgement]], order: list[Story], cut: int
) -> None:
    library = opened(home, f"permuted-{next(NUMBERS)}")
    for n, some in enumerate([order[:cut], order[cut:]]):
        if some:
            ingest(library, home, some, f"{n}.jsonl")
        library.search("fund", now=NOW)  # the index grows with what comes later
    assert [(ranking(library, question), judged(library, question)) for question in ASKED] == in_order
    library.close()


@pytest.fixture(scope="module")
def kettles(home: Path) -> Iterator[Library]:
    """Newer ones than those of the last August, and older ones of an August before it."""
    library = opened(home, "months")
    days = {"Red": "2024-08-01T08:00", "Blue": "2025-08-03T08:00", "Green": "2025-10-02T08:00"}
    ingest(library, home, [story(f"{c} one", f"{c} kettles whistle.", published=day) for c, day in days.items()])
    yield library
    library.close()


@pytest.mark.parametrize("year", [2025, 2026, 2028])
@pytest.mark.parametrize("question", ["kettles August", "水壶 8月", "third quarter kettles"])
def test_a_date_without_a_year_raises_the_last_one_with_documents_and_drops_none(
    kettles: Library, question: str, year: int
) -> None:
    result = kettles.search(question, now=NOW.replace(year=year, month=11))
    assert [hit.document.title for hit in result.hits] == ["Blue one", "Green one", "Red one"]
    assert (result.reading.since, result.reading.until) == (None, None)


@pytest.mark.parametrize("year", [2025, 2026, 2028])
def test_alone_it_shows_the_last_one_with_documents(kettles: Library, year: int) -> None:
    result = kettles.search("8月", now=NOW.replace(year=year, month=11))
    assert [hit.document.title for hit in result.hits] == ["Blue one"]
    assert result.reading.since == date(2025, 8, 1)


@pytest.mark.parametrize(
    ("line", "question", "named"),
    [
        ("绿壶一号=Green kettles", "绿壶一号会响吗?", "绿壶一号"),
        ("GKX=Green kettles", "Do GKX whistle?", "gkx"),
        ("響壺=kettles", "響壺 Green", "响壶"),
        ("Zarpo=水壶=kettles", "Zarpo 绿", "zarpo"),
    ],
)
def test_what_a_point_has_by_an_alias_is_not_missing(kettles: Library, line: str, question: str, named: str) -> None:
    before = kettles.search(question, now=NOW)
    names = kettles.aliases.add(line)
    assert len(names) > 1
    after = kettles.search(question, now=NOW)
    kettles.aliases.remove(names[0])
    assert "kettles" in first(after)
    assert named not in {word for hit in after.hits for word in hit.lacks}
    assert named not in after.missing + after.nowhere
    assert named in before.missing or before.verdict != "answer", "the alias changes nothing"


def test_equal_scores_stand_newest_first_then_by_id(home: Path) -> None:
    library = opened(home, "equal")
    kettles = {"Red": "2025-08-01T08:00", "Blue": "2025-08-03T08:00", "Green": "2025-08-02T08:00"}
    kettles |= dict.fromkeys(["White", "Black", "Grey", "Brown"], "2025-08-02T08:00")
    ingest(library, home, [story(f"{c} one", f"{c} kettles whistle.", published=day) for c, day in kettles.items()])
    hits = library.search("kettles", now=NOW).hits
    assert len({hit.score for hit in hits}) == 1
    told = [(-hit.document.published.timestamp(), hit.document.id) for hit in hits]
    assert len(told) == len(kettles)
    assert told == sorted(told)
    library.close()


def test_the_order_of_ingestion_is_no_matter_in_chinese(home: Path, news: Library) -> None:
    other = opened(home, "reversed")
    for n, one in enumerate(reversed(STORIES)):
        ingest(other, home, [one], f"{n}.jsonl")
        other.search("储能", now=NOW)
    for question in ["怀柔的平台", "科创版 未盈利", "基金 fund", "消费券 -杭州", "2025年7月", "gansu chuneng"]:
        assert ranking(other, question) == ranking(news, question)
        assert judged(other, question) == judged(news, question)
    other.close()


def test_the_same_question_at_the_same_time_has_the_same_answer(home: Path, news: Library) -> None:
    again = Library(home / "news")
    for question in ["上周", "怀柔的平台", "科创版", "fund", "基金 人民日报说"]:
        results = [library.search(question, now=NOW) for library in (news, news, again)]
        told = [replace(result, milliseconds=0) for result in results]
        assert told[0] == told[1] == told[2]
    again.close()


def test_a_revised_document_is_found_by_what_it_says_now(home: Path) -> None:
    library = opened(home, "revised")
    ingest(library, home, [story("Storage", "The plant has 300 turbines."), story("Mail", "Drones carry mail.")])
    assert "300 turbines" in first(library.search("turbines", now=NOW))
    ingest(library, home, [story("Storage", "The plant has 450 cooks.")])
    assert library.search("turbines", now=NOW).hits == ()
    assert library.search("turbines", now=NOW).nowhere == ("turbines",)
    assert [hit.point.text for hit in library.search("plant", now=NOW).hits] == ["The plant has 450 cooks."]
    assert library.search("cooks", now=NOW).nowhere == ()
    library.close()


def test_a_revised_corpus_ranks_as_a_fresh_one(home: Path) -> None:
    revised, fresh = opened(home, "revised-again"), opened(home, "fresh-again")
    ingest(revised, home, [story("Story 0", "Quite other words.", published="2025-06-10T08:00"), *ENGLISH[1:]])
    revised.search("fund", now=NOW)
    for library in (revised, fresh):
        ingest(library, home, ENGLISH)
    for question in ASKED:
        assert ranking(revised, question) == ranking(fresh, question)
    revised.close()
    fresh.close()


VERSIONS = [
    story(
        "储能半年报",
        "Installed storage reached 103.6 GW at the end of August, 41% above the close of 2024.",
        "Storage of 2.42 hours is the mean, up from 2.28 hours.",
        outlet="证券时报",
        published="2025-09-20T08:00",
    ),
    story(
        "储能装机",
        "Installed storage stood at 103.6 GW as of August 31, a rise of 41% from the end of 2024.",
        "A typical station now stores 2.42 hours, against 2.28 hours before.",
        outlet="人民日报",
        published="2025-09-21T08:00",
    ),
    story("成本", "Storage cost 0.43 yuan in the second quarter.", published="2025-09-22T08:00"),
]


@pytest.fixture(scope="module")
def versions(home: Path) -> Iterator[Library]:
    library = opened(home, "versions")
    ingest(library, home, VERSIONS)
    yield library
    library.close()


def test_one_story_is_one_hit_with_the_others_behind_it(versions: Library) -> None:
    hits = versions.search("installed storage at the end of August 103.6 GW", now=NOW).hits
    assert "103.6 GW" in hits[0].point.text
    told = {hits[0].document.title, *(document.title for document in hits[0].also)}
    assert told == {"储能半年报", "储能装机"}
    assert sum("103.6 GW" in hit.point.text for hit in hits) == 1
    assert ["103.6 GW" in text for text in hits[0].folded] == [True]
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


@pytest.mark.parametrize("outlet", ["证券时报", "人民日报"])
def test_the_outlet_asked_for_tells_the_story(versions: Library, outlet: str) -> None:
    for question in (f"{outlet}说八月底装机103.6 GW的储能", f"installed storage 103.6 GW outlet:{outlet}"):
        assert versions.search(question, now=NOW).hits[0].document.outlet.name == outlet


UNSEEN_STORIES = [
    story("软连字符", "The semi\u00adcon\u00adduc\u00adtor plant in Ningbo makes 30,000 wa\u00adfers a month."),
    story("零宽", "宁\u200d波\u200c的存\u200d储器产\u00ad线每月生产五万片。"),
    story("异体选择符", "葛\U000e0100洲坝集团在六月签约八十亿元。"),
    story("部首", "⻓江经济带的⻋企和⺠营企业在第二季度投资了八十亿元。"),
    story("圆圈零", "二○二六年的目标是新建算力中心十座。", topic="算\u200b力"),
]


@pytest.fixture(scope="module")
def unseen(home: Path) -> Iterator[Library]:
    library = opened(home, "unseen")
    ingest(library, home, UNSEEN_STORIES, "unseen.jsonl")
    yield library
    library.close()


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("semiconductor wafers Ningbo", "软连字符"),
        ("semi\u00adcon\u00adductor wa\u200bfers Ning\u2060bo", "软连字符"),
        ("宁波存储器产线", "零宽"),
        ("宁\u200b波存\u200d储器\ufe0f产线", "零宽"),
        ("葛洲坝集团签约金额", "异体选择符"),
        ("长江 车企", "部首"),
        ("⻓江 ⻋企", "部首"),
        ("2026年新建多少算力中心", "圆圈零"),
        ("二○二六年新建多少算力中心", "圆圈零"),
        ("topic:算力 目标", "圆圈零"),
        ("date:2025年8\u200d月 二○二六年的目标", "圆圈零"),
    ],
)
def test_unseen_characters_do_not_matter(unseen: Library, question: str, title: str) -> None:
    result = unseen.search(question, now=NOW)
    assert (result.verdict, result.hits[0].document.title) == ("answer", title)


def test_a_highlight_covers_the_unseen_characters_in_it(unseen: Library) -> None:
    [hit, *_] = unseen.search("宁波存储器产线", now=NOW).hits
    assert "存\u200d储器" in {hit.point.text[match.start : match.end] for match in hit.matches}
