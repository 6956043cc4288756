"""The one value that was asked for; values.tsv has those that stand above right points of tests/quality, as read."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.figures import find_figures, whole_figure
from retrieval.language.people import find_people
from retrieval.language.places import find_places
from retrieval.model.results import Match
from retrieval.search.asked_value import value_kinds
from retrieval.search.direct_answer import AnsweringPoint, find_value


def value(question: str, text: str, *words: str) -> str | None:
    matches = [Match(text.index(word), text.index(word) + len(word), word) for word in words]
    span = find_value(question, AnsweringPoint(text, matches))
    return text[slice(*span)] if span else None


AREA = "Huairou Science City covers 100.9 square kilometers, of which 68.2 square kilometers are in Huairou."


@pytest.mark.parametrize(
    ("question", "text", "words", "found"),
    [
        ("怀柔科学城有多大?", AREA, ("Huairou", "Science City"), "100.9 square kilometers"),
        (
            "怀柔科学城有多大?",
            "怀柔科学城规划面积100.9平方公里，其中怀柔68.2平方公里。",
            ("怀柔科学城",),
            "100.9平方公里",
        ),
        (
            "How many firms are there?",
            "The zone has over 120 listed firms of this kind.",
            ("zone", "firms"),
            "over 120 listed firms",
        ),
        (
            "审批缩短到多少天?",
            "Review was shortened from 60 working days to 30 working days.",
            ("Review",),
            "30 working days",
        ),
        ("票价多少钱?", "Tickets cost 60 to 80 yuan.", ("Tickets",), "60 to 80 yuan"),
        ("什么时候量产?", "Mass production starts in March 2027.", ("Mass production",), "March 2027"),
        ("占比多少?", "The share was 12%, against 9% a year earlier.", ("share",), "12%"),
        # nothing, where two fit alike, two things are asked for, or it stands in the question
        ("要多少钱?", "It costs 5 yuan or 6 yuan.", (), None),
        ("来了多少游客、花了多少钱?", "Visitors spent 147 billion yuan.", ("Visitors",), None),
        ("为什么贵了好几倍?", "It costs four times as much.", ("costs",), None),
        ("比网约车便宜多少?", "Riders pay 1.9 yuan, a ride-hailing car charges 2.4 yuan.", ("ride-hailing",), None),
        ("花了60元吗，还是多少钱?", "It cost 60 yuan.", ("cost",), None),
        ("谁牵头?", "It cost 60 yuan.", ("cost",), None),
        ("5G多少钱?", "The 3SBio deal used 5G sets.", ("5G",), None),
    ],
)
def test_the_value_is_of_what_is_asked_for(question: str, text: str, words: tuple[str, ...], found: str | None) -> None:
    assert value(question, text, *words) == found


WITH_PARTS = (
    "Huairou Science City covers an area of 100.9 square kilometers, with 68.2 square kilometers in Huairou and "
    "32.7 square kilometers in Miyun."
)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("怀柔科学城有多大?", "100.9 square kilometers"),
        ("怀柔科学城在怀柔有多大?", "68.2 square kilometers"),
        ("怀柔科学城在密云有多大?", "32.7 square kilometers"),
    ],
)
def test_a_part_of_a_name_asks_for_nothing_by_itself(question: str, found: str) -> None:
    whole, parts = "Huairou Science City", {"怀柔": "in Huairou", "密云": "Miyun"}
    matches = [Match(0, len(whole), "怀柔科学城")]
    for word, name in parts.items():
        if word in question:
            end = WITH_PARTS.index(name) + len(name)
            matches.append(Match(end - len(name.split()[-1]), end, word))
    span = find_value(question, AnsweringPoint(WITH_PARTS, matches))
    assert span
    assert WITH_PARTS[slice(*span)] == found


def counted(question: str, text: str, *words: str, **known: tuple[str, ...]) -> str | None:
    """`words` are word=name-in-the-text, or the same in both; `known` are fields of AnsweringPoint."""
    pairs = [word.partition("=")[::2] if "=" in word else (word, word) for word in words]
    matches = [Match(text.index(name), text.index(name) + len(name), word) for word, name in pairs]
    span = find_value(question, AnsweringPoint(text, matches, **known))
    return text[slice(*span)] if span else None


@pytest.mark.parametrize(
    ("question", "text", "words", "known", "found"),
    [
        # the value is of the thing that is counted
        ("How many transfer reviews failed?", "The transfer limit is below 280 cycles.", ("transfer",), {}, None),
        ("How many reviews failed?", "In all, 15 reviews failed.", ("reviews", "failed"), {}, "15 reviews"),
        (
            "昌平的大装置建成了几个？",
            "Changping has nearly 40 listed companies.",
            ("昌平=Changping",),
            {"names": ("昌平",)},
            None,
        ),
        (
            "怀柔有多少项重大科技设施?",
            "Huairou opened 16 scientific facility platforms.",
            ("怀柔=Huairou", "设施=facility"),
            {"uncovered": ("重大", "科技")},
            None,
        ),
        ("有多少名球员入选?", "他以136次擒杀成为球员领袖。", ("球员",), {}, None),
        ("爆发了多少次瘟疫？", "瘟疫爆发22 次，造成50,000人死亡。", ("瘟疫", "爆发"), {}, "22 次"),
        ("全国建成几个数据空间?", "可信数据空间让企业合作，全国已建成63个。", ("数据空间", "建成"), {}, "63个"),
        ("有多少人离开?", "They owe money to 211 creditors.", ("离开=owe",), {}, "211 creditors"),
        ("有多少人离开?", "They owe money to 211 banks.", ("离开=owe",), {}, None),
        # of one unit, of the name that was asked for, of one of two
        ("存一度电放回多少度?", "一年可发电5亿千瓦时。", ("电",), {}, None),
        (
            "How many sacks did Jared Allen have?",
            "Jared Allen leads, beside Kony Ealy, who had 5 sacks.",
            ("jared=Jared", "allen=Allen", "sacks"),
            {"names": ("jared", "allen")},
            None,
        ),
        (
            "Anju 跟 Lujiang 平均住多久？",
            "Anju's tenants stay for 27 months, Lujiang's for 15 months.",
            ("anju=Anju", "lujiang=Lujiang", "住=stay"),
            {},
            None,
        ),
        ("亦庄的基金多大?", "It is 42 billion.", ("基金=It",), {"names": ("亦庄",), "missing": ("亦庄",)}, None),
        ("净利润下滑了多少?", "Revenue was 1.12 billion yuan, while net profit slipped.", ("下滑=slipped",), {}, None),
        ("广东有几家滑雪场?", "滑雪场共有48家，广东最多。", ("广东", "滑雪场"), {"names": ("广东",)}, None),
        (
            "How many assessments were turned down?",
            "They did 298 assessments, and 15 of them were turned down.",
            ("assessments", "turned", "down"),
            {},
            None,
        ),
        ("How many industries?", "The lists now cover 17 industries.", ("industries",), {}, "17 industries"),
        (
            "全国有多少食堂",
            "Canteens number 83,000 nationwide, yet one in five has shut.",
            ("食堂=Canteens", "全国=nationwide"),
            {},
            "83,000",
        ),
        ("关门的比例是多少", "22% of the rice is thrown away.", ("米=rice",), {"uncovered": ("关门",)}, None),
        ("平均年龄多大", "平均年龄51岁，来自农村的占七成以上。", ("平均", "年龄"), {}, "51岁"),
        (
            "拆迁涉及多少租客",
            "The demolition covers 1.9 million square meters.",
            ("拆迁=demolition",),
            {"uncovered": ("租客",)},
            None,
        ),
        ("太原查出多少处漏点", "太原查出暗漏2630处，一年少漏水1900万立方米", ("太原", "查出"), {}, None),
        ("收入增长了多少", "Its first-half revenue was 1.12 billion yuan, up 24%.", ("收入=revenue",), {}, "24%"),
        ("How many rounds?", "It was spread over 148 rounds.", ("rounds",), {}, "148 rounds"),
        # whole figures, and nothing beside the kind that is asked for
        ("多少家?", "Sales grew in the first half of 2025.", ("家=Sales",), {}, None),
        ("多少家?", "The zone grew in the second half.", ("家=zone",), {}, None),
        ("什么时候涨的?", "Sales grew in the first half of 2025.", ("涨=grew",), {}, "the first half of 2025"),
        (
            "贵阳哪年成立?",
            "Guiyang grew in 2025, with plain data sets as best sellers.",
            ("贵阳=Guiyang", "成立=sets"),
            {"names": ("贵阳",)},
            None,
        ),
        (
            "What share of trains is electric?",
            "Electric trains make up 70%, while diesel trains share the other 30%.",
            ("electric=Electric", "trains", "share"),
            {},
            "70%",
        ),
        ("其余占多少比例?", "柴油车占其余30%。", ("柴油车", "占"), {}, "30%"),
        ("还剩几秒？", "比赛还剩 3 分 08 秒。", ("还剩",), {}, None),
        ("什么时候最高？", "在2005到2010年间达到最高。", ("最高",), {}, "2005到2010年间"),
        ("占人口几成？", "Some two-thirds of the population left.", ("人口=population",), {}, "two-thirds"),
        ("从哪一年代起？", "1955年签约。", ("签约",), {}, None),
        # persons and places
        ("交易所的总裁是谁?", "Exchange president Luo Tingxi spoke.", ("总裁=president",), {}, "Luo Tingxi"),
        ("谁说机器省力?", "护理员王春桃说，机器省力。", ("机器", "省力"), {}, "王春桃"),
        ("who runs the bureau?", "All quiet, said Gao Mingche, who runs it.", ("runs",), {}, "Gao Mingche"),
        ("which economist is for it?", "Economist Fang Zeyuan is for it.", ("economist=Economist",), {}, "Fang Zeyuan"),
        ("谁买走了豆子?", "Chains bought the beans, said Dao Yuxiang.", ("豆子=beans",), {}, None),
        ("谁是总裁?", "President Luo Tingxi met manager Ma Shenglin.", ("总裁=President",), {}, None),
        ("谁牵头，什么时候?", "Manager Ma Shenglin leads.", ("牵头=leads",), {}, None),
        ("电站在哪里?", "The station is near Ordos.", ("电站=station",), {}, "Ordos"),
        ("电站在哪个省?", "湖北应城的电站。", ("电站",), {}, "湖北"),
        ("哪座城市报销?", "Only Qingdao refunds it.", ("报销=refunds",), {}, "Qingdao"),
        ("哪个省报销?", "Only Qingdao refunds it.", ("报销=refunds",), {}, None),
        ("还差在哪里?", "The machine from Harbin needs power.", ("差=needs",), {}, None),
        ("Where is the plant?", "The plant moved from Harbin to Hefei.", ("plant",), {}, None),
        ("哈尔滨的工厂在哪里?", "The plant of Harbin is large.", ("哈尔滨=Harbin", "工厂=plant"), {}, None),
    ],
)  # fmt: skip
def test_the_value_belongs_to_the_thing_asked_for(
    question: str, text: str, words: tuple[str, ...], known: dict[str, tuple[str, ...]], found: str | None
) -> None:
    assert counted(question, text, *words, **known) == found


texts = st.lists(
    st.sampled_from(
        ["over", "6%", " ", "100.9", "平方公里", "to", "约", "2025-26", "14th", "yuan", "，", "3SBio", "July 3"]
    )
    | st.text(max_size=6)
).map("".join)


@given(texts)
def test_figures_are_in_order_and_disjoint(text: str) -> None:
    figures = find_figures(text)
    assert all(0 <= one.start < one.end <= len(text) for one in figures)
    assert all(one.end <= other.start for one, other in pairwise(figures))


@given(texts, st.integers(0, 30), st.integers(1, 10))
def test_a_whole_figure_holds_its_part_and_no_digit_is_left_at_its_ends(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    if start < end:
        first, last = whole_figure(text, start, end)
        assert first <= start
        assert last >= end


@given(st.text())
def test_any_question(question: str) -> None:
    assert value_kinds(question) is not None


NAME_PIECES = ("professor ", "Wang Li", " says ", "，", "经理", "王春桃", "说", "、", " ", "在", "约翰·埃尔维")
PLACE_PIECES = ("海淀区", "Inner Mongolia", " Province", "哈尔滨", "市")
named = st.lists(st.sampled_from(NAME_PIECES + PLACE_PIECES) | st.text(max_size=4)).map("".join)


@given(named)
def test_people_and_places_are_in_order_and_disjoint(text: str) -> None:
    places = [(one.start, one.end) for one in find_places(text)]
    for spans in (find_people(text), places):
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
