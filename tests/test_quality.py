"""What `zhidian measure` says of the questions in tests/quality must not fall, nor what a question with another name
in it gets become an answer. Words alone: the encoder is not in use here."""

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from bot.render.answer import RenderContext, hits_on_page, missing_note
from retrieval.evaluation import gold_questions
from retrieval.evaluation.gold_questions import GoldQuestion, QuestionOutcome
from retrieval.language.han import has_han
from retrieval.language.tokenizer import normalize, split_runs, stem
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document
from retrieval.model.results import Result
from retrieval.search.direct_answer import find_answer
from retrieval.search.emphasis import annotations
from retrieval.search.missing import TERM_WEIGHT

ROOT = Path(__file__).parent.parent
QUALITY = Path(__file__).parent / "quality"
VALUES = Path(__file__).parent / "retrieval/search/values.tsv"  # set, question, the value that was asked for
NOW = datetime(2026, 1, 1, 12, tzinfo=BEIJING)
CORPORA = {
    "first": (ROOT / "seeds", *sorted(QUALITY.glob("*.txt"))),
    "second": (QUALITY / "second",),
    "third": (QUALITY / "third",),
}
QUESTIONS = {"first": QUALITY, "second": QUALITY / "second", "third": QUALITY / "third"}


@dataclass(frozen=True)
class Measured:
    """A set of questions and what became of them."""

    name: str
    library: Library
    answerable: list[QuestionOutcome]
    unanswerable: list[QuestionOutcome]

    def search(self, question: str) -> Result:
        return self.library.search(question, now=NOW)


@pytest.fixture(scope="module", params=CORPORA)
def measured(
    request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Measured]:
    name: str = request.param
    folder = tmp_path_factory.mktemp(name)
    shutil.copy(data / "lexicon.bin", folder)
    shutil.copytree(data / "cache", folder / "cache")
    library = Library(folder)
    assert not library.ingest(CORPORA[name]).refused

    def search(question: str) -> Result:
        return library.search(question, now=NOW)

    asked = QUESTIONS[name]
    yield Measured(
        name,
        library,
        gold_questions.measure_questions(search, gold_questions.read_answerable(asked / "questions.tsv")),
        gold_questions.measure_questions(search, gold_questions.read_unanswerable(asked / "unanswerable.tsv")),
    )
    library.close()


@dataclass(frozen=True)
class Figure:
    """How many questions of how many, as they stood when they were last written down."""

    of: int
    right: int

    def at_least(self, floor: float) -> float:
        """Two questions fewer will do, but no less than `floor`; where that was not reached, no less than it was."""
        return min(max((self.right - 2) / self.of, floor), self.right / self.of)

    def at_most(self, ceiling: float) -> float:
        return max(min((self.right + 2) / self.of, ceiling), self.right / self.of)


# Set, kind: questions found first, among the first three and among the first ten.
FOUND = {
    "first": {"all": (140, 102, 122, 133), "zh": (60, 45, 50, 58), "en": (25, 14, 18, 21)},
    "second": {"all": (87, 63, 69, 83), "zh": (36, 28, 32, 36), "en": (15, 9, 9, 14)},
    "third": {"all": (162, 101, 136, 150), "zh": (60, 35, 51, 57), "en": (30, 21, 26, 28)},
}
# What issue 3 asks for: R@1, R@3, R@10 over all kinds, R@3 of Chinese and of English questions.
FLOORS = {"all": (0.54, 0.68, 0.84), "zh": (0.0, 0.70, 0.0), "en": (0.0, 0.55, 0.0)}
# Set: answerable ones with the verdict none, right first ones with the verdict answer, unanswerable ones with it.
VERDICTS = {
    "first": ((140, 1), (102, 78), (40, 2)),
    "second": ((87, 0), (63, 44), (37, 3)),
    "third": ((162, 4), (101, 55), (65, 7)),
}
EVERY_KIND = 0.37  # three of the eight English questions on Chinese points of the second set


@pytest.mark.parametrize("kind", ["all", "zh", "en"])
def test_what_is_found(measured: Measured, kind: str) -> None:
    row = next(row for row in gold_questions.recall_rows(measured.answerable) if row.kind == kind)
    questions, *found = FOUND[measured.name][kind]
    least = [Figure(questions, n).at_least(floor) for n, floor in zip(found, FLOORS[kind], strict=True)]
    assert row.questions == questions
    assert all(share >= floor for share, floor in zip((row.r1, row.r3, row.r10), least, strict=True)), (row, least)


def test_no_kind_is_left_behind(measured: Measured) -> None:
    behind = {row.kind for row in gold_questions.recall_rows(measured.answerable) if row.r3 < EVERY_KIND} - {"pinyin"}
    assert not behind


def test_verdicts(measured: Measured) -> None:
    none, right, wrong = (Figure(*figure) for figure in VERDICTS[measured.name])
    whole, first = (
        gold_questions.verdict_shares(measured.answerable)[0],
        gold_questions.first_rank_verdicts(measured.answerable),
    )
    unanswerable = gold_questions.verdict_shares(measured.unanswerable)[0]
    assert whole.none <= none.at_most(0.05)
    assert first.answer >= right.at_least(0.60)
    assert unanswerable.answer <= wrong.at_most(0.10)


def test_no_header_names_what_a_shown_point_has(measured: Measured) -> None:
    """Neither as it is written nor by a name of the glossary or of a first sense."""
    style = RenderContext("zh", lambda _: (), NOW.date())
    for outcome in (*measured.answerable, *measured.unanswerable):
        result = measured.search(outcome.gold.question)
        note, shown = missing_note(result, style), hits_on_page(result, 0, compact=False)
        named = re.findall("“(.*?)”", note)
        assert len(named) <= 2, note
        for word in named:
            assert len(word) > 1, note
            called = [(normalize(word),), *names_of(word, measured.library)]
            for hit in shown:
                text = normalize(f"{hit.document.title} {hit.point.section} {hit.point.text}")
                stems = {stem(run) for _, run in split_runs(text)}
                for name in called:
                    assert not all(term in (text if has_han(term) else stems) for term in name), (note, name, text)


def names_of(word: str, library: Library) -> list[tuple[str, ...]]:
    """The terms of each other name that the glossary or a first sense gives the word."""
    root = normalize(word) if has_han(word) else stem(normalize(word))
    return [other.terms for other in library.lexicon.alternatives(root) if other.weight >= TERM_WEIGHT]


def test_glosses_are_right(measured: Measured) -> None:
    """At least 97 of 100 that are printed were judged right, at most three stand in a point, and none is new."""
    lines = (QUALITY / "glosses.tsv").read_text("utf-8").splitlines()
    judged = {(source, gloss): verdict for verdict, source, gloss in (line.split("\t") for line in lines)}
    assert len(judged) >= 200
    assert sum(verdict == "right" for verdict in judged.values()) >= 0.97 * len(judged)
    unread = 0
    for outcome in (*measured.answerable, *measured.unanswerable):
        result = measured.search(outcome.gold.question)
        if result.hits and result.verdict != "none":
            hit = result.hits[0]
            notes = annotations(hit.matches, hit.point.text, result.question)
            assert len(notes) <= 3
            glosses = {gloss for _, gloss in judged}
            unread += sum(word not in glosses for _, word in notes)
    assert unread <= 5  # a change of the order brings others; read them, and write them down


def test_the_values_in_the_first_line_are_right(measured: Measured) -> None:
    """Above right points: each was read, none is another one, few are new, and most are there with words alone."""
    lines = (line.split("\t") for line in VALUES.read_text("utf-8").splitlines())
    read = {question: value for name, question, value in lines if name == measured.name}
    printed = {}
    for outcome in measured.answerable:
        result = measured.search(outcome.gold.question)
        if outcome.rank == 1 and (span := find_answer(result)):
            printed[outcome.gold.question] = result.hits[0].point.text[slice(*span)]
    again = printed.keys() & read.keys()
    assert {question: printed[question] for question in again} == {question: read[question] for question in again}
    assert len(again) >= 0.7 * len(read)
    assert len(printed) - len(again) <= 3  # a change of the order brings others; read them, and write them down


# What a question may name, in either language. One of a class stands in for another.
CITIES = """
北京 Beijing; 上海 Shanghai; 广州 Guangzhou; 深圳 Shenzhen; 成都 Chengdu; 重庆 Chongqing; 天津 Tianjin; 武汉 Wuhan;
杭州 Hangzhou; 南京 Nanjing; 苏州 Suzhou; 青岛 Qingdao; 厦门 Xiamen; 合肥 Hefei; 哈尔滨 Harbin; 贵阳 Guiyang;
昆明 Kunming; 沈阳 Shenyang; 大连 Dalian; 长沙 Changsha; 郑州 Zhengzhou; 宁波 Ningbo; 怀柔 Huairou; 昌平 Changping;
海淀 Haidian; 亦庄 Yizhuang; 浦东 Pudong; 格尔木 Golmud; 鄂尔多斯 Ordos; 阿勒泰 Altay; 张家口 Zhangjiakou;
禾木 Hemu; 酒泉 Jiuquan; 大同 Datong; 绍兴 Shaoxing; 腾冲 Tengchong; 巴马 Bama; 舟山 Zhoushan; 安吉 Anji;
康定 Kangding; 香港 Hong Kong
"""
PROVINCES = """
湖北 Hubei; 福建 Fujian; 甘肃 Gansu; 广西 Guangxi; 贵州 Guizhou; 吉林 Jilin; 四川 Sichuan; 河南 Henan; 海南 Hainan;
云南 Yunnan; 山东 Shandong; 江苏 Jiangsu; 浙江 Zhejiang; 广东 Guangdong; 内蒙古 Inner Mongolia; 新疆 Xinjiang;
陕西 Shaanxi; 江西 Jiangxi
"""
COUNTRIES = (
    "日本 Japan; 美国 America; 德国 Germany; 韩国 South Korea; 印度 India; 法国 France; 巴西 Brazil; 意大利 Italy"
)
FIRMS = """
中科创星 CAS Star; 宁德时代 CATL; 比亚迪 BYD; 华为 Huawei; 腾讯 Tencent; 大疆 DJI; 百度 Baidu; 小米 Xiaomi;
美团 Meituan; 雪岭旅游 Snow Ridge; 松鹤旅居 Pine Crane; 中芯国际 SMIC
"""
PEOPLE = "熊彼特 Schumpeter; 柯兹纳 Kirzner; 凯恩斯 Keynes; 哈耶克 Hayek; 马斯克 Musk"
YEARS = "2013; 2015; 2018; 2019; 2022; 2024; 2026; 2030; 2035"
CLASSES = [
    [tuple(name.strip().split(" ", 1)) for name in names.split(";")]
    for names in (CITIES, PROVINCES, COUNTRIES, FIRMS, PEOPLE, YEARS)
]
OTHERS = 4  # names put in for each that a question has


def exchanges(judged: GoldQuestion, documents: Iterable[Document]) -> Iterator[str]:
    """The question with each of its names exchanged for others of the same class that the gold points have not."""
    gold = [
        f"{document.title} {document.published.year} {point.section} {point.text}"
        for document in documents
        for point in document.points
        if any(substring in point.text for substring in judged.gold)
    ]
    for names in CLASSES:
        for name in names:
            for written in name:
                if not (at := mention(written, judged.question)):
                    continue
                start = names.index(name)
                elsewhere = [
                    other
                    for other in names[start + 1 :] + names[:start]
                    if not any(mention(spelt, text) for spelt in other for text in [*gold, judged.question])
                ]
                language = name.index(written)
                for other in elsewhere[:OTHERS]:
                    yield judged.question[: at.start()] + other[language] + judged.question[at.end() :]


def mention(name: str, text: str) -> re.Match[str] | None:
    return re.search(rf"(?<![a-z\d]){re.escape(name)}(?![a-z\d])" if name.isascii() else name, text, re.IGNORECASE)


def test_another_name_is_not_answered(measured: Measured) -> None:
    documents = measured.library.recent(1000)
    asked = [question for outcome in measured.answerable for question in exchanges(outcome.gold, documents)]
    answered = [question for question in asked if measured.search(question).verdict == "answer"]
    assert len(asked) > 60
    assert len(answered) <= 0.10 * len(asked), f"{len(answered)} of {len(asked)}: {answered}"
