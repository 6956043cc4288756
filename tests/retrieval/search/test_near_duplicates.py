from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.formats import reader
from retrieval.index.fingerprint_table import FingerprintTable
from retrieval.language.fingerprints import TextFingerprint, fingerprint
from retrieval.model.documents import BEIJING, Document, Point, document_id, point_id
from retrieval.model.outlets import outlet
from retrieval.model.results import Hit
from retrieval.search.found_point import FoundPoint
from retrieval.search.near_duplicates import LOOSE_PART, _likely_pairs, _likeness, are_near_duplicates, fold
from retrieval.search.told_hits import tell_hits

ROOT = Path(__file__).parents[3]
PAIRS = [line.split("\t") for line in (ROOT / "tests/quality/pairs.tsv").read_text("utf-8").splitlines()]
NOON = datetime(2025, 7, 14, 12, tzinfo=BEIJING)
DEAL = "In the first half of 2025 Huajing Etch booked orders of 7.92 billion yuan, 41% more than a year before."
RETOLD = "Huajing Etch took orders worth 7.92 billion yuan from January to June, a rise of 41%."
TRADE = "The city's foreign trade was hit hardest in textiles."

pair_or_not = st.one_of(st.sampled_from([text for _, _, one, _, other in PAIRS for text in (one, other)]), st.text())


def hit(text: str, printed: str = "经济日报", title: str = "", published: datetime = NOON, rank: int = 1) -> FoundPoint:
    source = outlet(printed)
    document = Document(
        document_id(source.name, title, published), title, source, published, ("topic",), None, points=()
    )
    return FoundPoint(rank, 1 / rank, document, Point(point_id(document.id, text), text, "", ()), rank - 1)


def exported(file: str) -> list[FoundPoint]:
    documents = [found for found in reader.read(ROOT / file) if isinstance(found, Document)]
    points = [(document, point) for document in documents for point in document.points]
    return [FoundPoint(rank, 1 / rank, document, point, rank - 1) for rank, (document, point) in enumerate(points, 1)]


def folded(found: Sequence[FoundPoint], preferred: Collection[str] = (), k: int | None = None) -> list[Hit]:
    """The stories as they are told."""
    stories = fold(found, preferred=preferred, k=k)
    return list(tell_hits(stories, [True] * len(stories), (), lambda _: ()))


def stories(hits: Sequence[FoundPoint]) -> dict[str, int]:
    """Text to the rank of the hit that stands for it."""
    return {text: hit.rank for hit in folded(hits) for text in (hit.point.text, *hit.folded)}


def test_labelled_pairs_are_found_and_lookalikes_not_confused() -> None:
    assert {line[0] for line in PAIRS} == {"pair", "lookalike"}
    told = {file: stories(exported(file)) for file in {line[1] for line in PAIRS}}
    assert all(line[1] == line[3] for line in PAIRS)
    wrong = [
        (label, one, other)
        for label, file, one, _, other in PAIRS
        if (told[file][one] == told[file][other]) != (label == "pair")
    ]
    assert wrong == []


def test_two_points_by_themselves() -> None:
    """Without their documents some pairs share too little; no lookalike may be the same for that."""
    found = [label for label, _, one, _, other in PAIRS if are_near_duplicates(fingerprint(one), fingerprint(other))]
    assert "lookalike" not in found
    assert len(found) >= 50


SAME = [
    (DEAL, RETOLD),
    (
        "7月份，全国居民消费价格指数（CPI）同比上涨0.3%，环比上涨0.4%",
        "国家统计局数据显示，7月CPI环比上涨0.4%，比上年同期上涨0.3%",
    ),
    (
        "The exchange closed deals of 2.46 billion yuan in half a year, 37% more.",
        "上半年交易所成交24.6亿元，同比增长37%",
    ),
    ("北京大兴机场今年旅客吞吐量突破5000万人次", "今年以来，大兴机场旅客吞吐量已超5000萬人次"),
]
OTHERS = [
    ("Consumer prices rose 0.3% year on year in July", "Consumer prices rose 0.3% year on year in June"),
    (
        "Retail sales in Shandong grew 5.2% in the first half of 2025",
        "Retail sales in Henan grew 5.2% in the first half of 2025",
    ),
    ("Huawei plans to build 100,000 charging piles by 2027", "Tesla plans to build 100,000 charging piles by 2027"),
    (
        "BYD sold 344,296 vehicles in July, up 0.6% from a year earlier",
        "Geely sold 237,717 vehicles in July, up 58% from a year earlier",
    ),
    ("Investment in Hubei reached 42 billion yuan in 2024", "Hubei will invest 42 billion yuan in 2026"),
    ("上海市上半年地区生产总值增长5.1%", "北京市上半年地区生产总值增长5.1%"),
    ("贵州茅台上半年营收893.89亿元，同比增长9.10%", "五粮液上半年营收527.71亿元，同比增长4.19%"),
    ("Orders came to 7.92 billion yuan.", "成交892亿元"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_paraphrases_share_figures_and_names(one: str, other: str) -> None:
    assert are_near_duplicates(fingerprint(one), fingerprint(other))


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_the_same_sentence_about_something_else(one: str, other: str) -> None:
    assert not are_near_duplicates(fingerprint(one), fingerprint(other))


def test_a_story_is_kept_at_its_best_rank_with_the_others_behind() -> None:
    hits = [hit(TRADE, rank=1), hit(DEAL, "新京报", rank=2), hit(RETOLD, "人民日报", rank=3)]
    first, second = folded(hits)
    assert (first.rank, first.also, first.folded) == (1, (), ())
    assert (second.rank, second.point.text) == (2, DEAL)
    assert second.also == (hits[2].document,)
    assert second.folded == (RETOLD,)
    assert folded(hits, k=1) == [first]


def test_the_outlet_asked_for_represents_the_story() -> None:
    hits = [hit(DEAL, "新京报", rank=1), hit(TRADE, rank=2), hit(RETOLD, "Ren Min Ri Bao", rank=3)]
    first, second = folded(hits, preferred={"人民日报"})
    assert (first.point.text, first.folded) == (RETOLD, (DEAL,))
    assert second.point.text == TRADE


def test_an_outlet_that_prints_twice_is_one_witness() -> None:
    hits = [
        hit(DEAL, "证券时报", "早报"),
        hit(RETOLD, "Zheng Quan Shi Bao", "晚报"),
        hit(RETOLD, "Xin Jing Bao"),
        hit(RETOLD, "新京报", "转载"),
    ]
    (told,) = folded(hits)
    assert len(told.also) == 3
    assert {document.outlet for document in told.also} == {outlet("证券时报"), outlet("新京报")}


def test_a_document_that_repeats_itself_is_no_other_document() -> None:
    (told,) = folded([hit(DEAL, title="a"), hit(RETOLD, title="a")])
    assert (told.also, told.folded) == ((), (RETOLD,))


def test_versions_of_one_story_need_less_in_common() -> None:
    half = "Rural residents pay half price, and families on the minimum allowance pay nothing."
    villagers = "Villagers are charged half, while households on basic living allowances are exempt."
    staff = "The number of care institutions rose to 11,700, and their staff to 412,000."
    carers = "There are 11,700 approved institutions employing 412,000 carers."
    others = [hit(text, "新京报") for text in (RETOLD, carers, villagers)]
    assert len(folded([hit(half), others[2]])) == 2
    assert len(folded([hit(text) for text in (DEAL, staff, half)] + others)) == 3
    long_after = [hit(text, "新京报", published=NOON + timedelta(days=30)) for text in (RETOLD, carers, villagers)]
    assert len(folded([hit(text) for text in (DEAL, staff, half)] + long_after)) == 4


def test_nothing_to_fold() -> None:
    assert folded([]) == []
    assert [found.folded for found in folded([hit("的"), hit("", title="b")])] == [(), ()]


@given(pair_or_not, pair_or_not)
def test_same_is_reflexive_and_symmetric(one: str, other: str) -> None:
    assert are_near_duplicates(fingerprint(one), fingerprint(one))
    assert are_near_duplicates(fingerprint(one), fingerprint(other)) == are_near_duplicates(
        fingerprint(other), fingerprint(one)
    )


@given(pair_or_not)
def test_what_is_written_of_a_trace_is_read_as_it_was(text: str) -> None:
    assert TextFingerprint.from_text(fingerprint(text).to_text()) == fingerprint(text)


tellers = st.builds(hit, pair_or_not, st.sampled_from(["新京报", "Xin Jing Bao", "证券时报"]), st.sampled_from("ab"))


@given(st.lists(tellers, unique_by=lambda hit: hit.point.id), st.sampled_from([(), ("新京报",)]))
def test_fold_keeps_every_hit_once_and_in_order(hits: list[FoundPoint], preferred: tuple[str, ...]) -> None:
    told = folded(hits, preferred=preferred)
    assert [found.rank for found in told] == list(range(1, len(told) + 1))
    kept = [text for found in told for text in (found.point.text, *found.folded)]
    assert sorted(kept) == sorted(hit.point.text for hit in hits)
    if not preferred:
        order = [hit.point.id for hit in hits]
        leads = [order.index(found.point.id) for found in told]
        assert leads == sorted(leads)
    assert folded(hits, preferred=preferred) == told


@given(st.lists(tellers, unique_by=lambda hit: hit.point.id))
def test_no_pair_that_is_alike_is_passed_over(found: list[FoundPoint]) -> None:
    """Also with the little that versions of one story have in common, where two of their points are alike."""
    prints = [fingerprint(one.point.text) for one in found]
    likely = {
        frozenset(pair)
        for pair in _likely_pairs(found, FingerprintTable.of(one.to_text() for one in prints).shared_weights())
    }
    alike = [
        {i, j}
        for i, j in combinations(range(len(found)), 2)
        if prints[i] != fingerprint("") and are_near_duplicates(prints[i], prints[j])
    ]
    assert likely.issuperset(map(frozenset, alike))
    versions = Counter(frozenset(found[i].document.id for i in pair) for pair in alike)
    for i, j in combinations(range(len(found)), 2):
        like = _likeness(prints[i], prints[j])
        if versions[frozenset((found[i].document.id, found[j].document.id))] >= 2 and like.part >= LOOSE_PART:
            assert frozenset((i, j)) in likely
