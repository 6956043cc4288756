"""What an overview and a comparison show, over the topics of tests/quality."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from bot.conversation.comparison import compare, labelled_hits
from bot.conversation.listing import OVERVIEW_POINTS, find_documents
from bot.conversation.request import Request
from bot.conversation.request_grammar import parse_comparison, parse_request
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from tests.conftest import ROOT
from tests.support.stories import ingest, story

NOW = datetime(2025, 11, 20, 9, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def library(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("listing")
    shutil.copy(data / "lexicon.bin", folder)
    shutil.copytree(data / "cache", folder / "cache")
    library = Library(folder)
    library.ingest(sorted((ROOT / "tests" / "quality").glob("*.txt")))
    yield library
    library.close()


@pytest.mark.parametrize("subject", ["compressed air storage", "压缩空气储能"])
def test_an_overview_of_one_document_shows_three_points_of_it(library: Library, subject: str) -> None:
    items = find_documents(library, Request("overview", subject), NOW).items
    assert {item.document.title[:6] for item in items} == {"压缩空气储能"}
    assert len({item.point.id for item in items}) == OVERVIEW_POINTS


@pytest.mark.parametrize("subject", ["energy storage", "储能"])
def test_a_part_of_a_topic_s_name_in_either_language_lists_the_topic(library: Library, subject: str) -> None:
    assert find_documents(library, Request("news", subject), NOW).topic == "新型储能"


def test_a_topic_with_quotation_marks_in_its_name_is_listed(fresh: Path, tmp_path: Path) -> None:
    name = 'the "new" steel'
    (tmp_path / "lexicon.bin").write_bytes((fresh / "lexicon.bin").read_bytes())
    with closing(Library(tmp_path)) as library:
        ingest(library, tmp_path, [story("Mills", "Output fell by 3%.", topic=name), story("Rice", "It grew.")])
        listing = find_documents(library, Request("news", name), NOW)
    assert listing.topic == name
    assert [item.document.title for item in listing.items] == ["Mills"]


def test_news_leaves_out_documents_that_share_one_word(library: Library) -> None:
    items = find_documents(library, Request("news", "data elements"), NOW).items
    assert items
    assert all("数据" in item.document.title for item in items)


@pytest.mark.parametrize("subject", ["宁德时代", "国轩高科"])
def test_a_subject_of_which_no_point_has_anything_is_not_listed(library: Library, subject: str) -> None:
    assert not find_documents(library, Request("news", subject), NOW).items


@pytest.mark.parametrize(
    "said", ["9月份的冰雪新闻", "2025年9月的冰雪有什么新闻", "冰雪9月有什么新闻", "2025年9月的冰雪新闻"]
)
def test_a_month_before_a_subject_stands_for_its_days(library: Library, said: str) -> None:
    request = parse_request(said)
    assert request
    assert request.subject == "冰雪"
    published = [item.document.published for item in find_documents(library, request, NOW).items]
    assert published
    assert all((day.year, day.month) == (2025, 9) for day in published)


def test_a_publisher_s_short_name_finds_its_namesake(library: Library) -> None:
    items = find_documents(library, Request("news", outlet="Xinhua"), NOW).items
    assert {item.document.outlet.name for item in items} == {"新华网"}


def test_a_side_with_nothing_on_what_is_compared_has_no_point(library: Library) -> None:
    request = Request("compare", "数据交易", sides=("贵阳", "火星"))
    sides = compare(library, request, NOW, "贵阳和火星谁的数据交易多")
    assert [bool(hit) for _, hit in labelled_hits(sides)] == [True, False]


def test_a_point_that_names_both_sides_but_not_what_is_compared_stands_for_neither(library: Library) -> None:
    request = Request("compare", "雪", sides=("哈尔滨", "阿勒泰"))
    first, second = labelled_hits(compare(library, request, NOW, "哈尔滨跟阿勒泰哪个雪更好"))
    assert (first[0], second[0]) == ("哈尔滨", "阿勒泰")
    assert first[1]
    assert second[1]
    assert "Altay" not in first[1].point.text
    assert "Harbin" not in second[1].point.text


def test_below_a_point_on_both_sides_stands_what_each_has_of_its_own(library: Library) -> None:
    request = Request("compare", "冰雪课", sides=("黑龙江", "吉林"))
    shown = labelled_hits(compare(library, request, NOW, "黑龙江和吉林哪个冰雪课多"))
    assert [name for name, _ in shown] in (["黑龙江 · 吉林"], ["黑龙江 · 吉林", "吉林"])
    assert shown[0][1]
    assert "93%、88%" in shown[0][1].point.text


@pytest.mark.parametrize(
    ("said", "sides", "subject"),
    [
        ("吉林和新疆哪个雪场多", ("吉林", "新疆"), "雪场"),
        ("内蒙古和甘肃哪个补贴高", ("内蒙古", "甘肃"), "补贴"),
        ("昌平和怀柔比哪个大", ("昌平", "怀柔"), ""),
        ("北京跟湖北谁更厉害", ("北京", "湖北"), ""),
    ],
)
def test_what_is_compared_may_stand_behind_which(said: str, sides: tuple[str, str], subject: str) -> None:
    request = parse_comparison(said)
    assert request
    assert (request.sides, request.subject) == (sides, subject)


def test_one_point_for_both_sides_is_shown_once_with_both_names(library: Library) -> None:
    request = Request("compare", "", sides=("哈尔滨", "阿勒泰"))
    [(name, hit)] = labelled_hits(compare(library, request, NOW, "哈尔滨和阿勒泰排第几"))
    assert name == "哈尔滨 · 阿勒泰"
    assert hit is not None
