"""Faithfulness over points of tests/quality, with errors that the double of the model plants into true translations."""

import asyncio
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

import pytest

from bot.language_model.answer_composer import AnswerComposer
from bot.language_model.budget import ModelBudget, budget_migrations
from bot.language_model.client import ModelClient
from bot.language_model.health import ModelHealth
from bot.language_model.translation_store import TranslationStore, translation_migrations
from bot.language_model.translator import Translator
from bot.render.composed import Composable
from bot.render.i18n import Language
from retrieval.language.lexicon import Lexicon
from retrieval.storage.store import Store
from tests.conftest import ROOT
from tests.support.model_server import ModelServer

MAX_LOST_SHARE = 0.05
PARTS = ("chosen",)
PLANTED = 100
NOW = datetime(2026, 11, 29, tzinfo=UTC)
# Names in the translations, each line of a kind: one is planted in place of another.
CHINESE_NAMES = """
美国 韩国 俄罗斯 马来西亚 比利时 越南
格尔木 北京 上海 浙江 广东 林州 常州 深圳 珠海 黑龙江 三亚 青岛 广西 成都 宁波 东莞 广州 重庆 天津 沈阳 洛阳 柳州 桂林 \
保山 普洱 南京 利雅得 新疆 潜江 孟连 杭州 舟山 湖北 武汉 清远 苏州 阿布扎比 鲁汶 海珠 安吉 阿勒泰
郝佳宁 冯志浩 杜雅琴 陈博远 陆清河 方泽远 农玉桥 刀玉香 闵秋实 华志远 罗静雯 唐素英 钟玉兰 宁淑华 蒋悦然
千云气象（Qianyun_Weather） 北风户外（Beifeng_Outdoor） 东维动力（Dongwei_Power） 猎宇光学（Lieyu_Optics） \
灵枢（Lingshu） 平行智行（Pingxing_Zhixing） 嘉和服务（Jiahe_Services） 星海（Xinghai） 三生制药（3SBio） \
龙育种业（Longyu_Seeds） 青木咖啡（Qingmu_Coffee） 云朵（Yunduo） 安居租赁（Anju_Rental）
"""
ENGLISH_NAMES = """
Gansu Ningxia Hebei Jiuquan Shaoxing Changsha Zhejiang Sichuan Chengdu Hangzhou Hongqiao Dancheng Heilongjiang Hailun \
Zhengzhou Wuhan Jinshui Henan Shenzhen Taiyuan
Yuchi_Tao He_Minzhi
"""


def kinds(written: str) -> list[list[str]]:
    return [[name.replace("_", " ") for name in line.split()] for line in written.strip().splitlines()]


NAMES = {"zh": kinds(CHINESE_NAMES), "en": kinds(ENGLISH_NAMES)}


@dataclass(frozen=True)
class TrueTranslation:
    part: str
    language: Language
    point: str
    text: str


def true_translations() -> list[TrueTranslation]:
    lines = (ROOT / "tests/quality/translations.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    languages: dict[str, Language] = {one: one for one in get_args(Language)}
    return [TrueTranslation(part, languages[language], point, text) for part, language, point, text in rows]


def with_wrong_number(one: TrueTranslation, chance: random.Random) -> str | None:
    """One digit of a figure is another."""
    places = [match.start() for match in re.finditer(r"\d", one.text)]
    if not places:
        return None
    at = chance.choice(places)
    figure = re.compile(r"[\d.,]*\d")
    while True:
        text = f"{one.text[:at]}{chance.choice('123456789')}{one.text[at + 1 :]}"
        if set(figure.findall(text)) - set(figure.findall(one.text)):
            return text


def with_wrong_name(one: TrueTranslation, chance: random.Random) -> str | None:
    """A name is another one of its kind, which the translation does not have."""
    found = [(name, kind) for kind in NAMES[one.language] for name in kind if name in one.text]
    if not found:
        return None
    name, kind = chance.choice(found)
    other = chance.choice([another for another in kind if another not in one.text])
    return one.text.replace(name, other)


def planted(
    plant: Callable[[TrueTranslation, random.Random], str | None], part: str
) -> Iterator[tuple[TrueTranslation, str]]:
    chance = random.Random(19)
    rows = [one for one in true_translations() if one.part == part]
    count = 0
    while count < PLANTED:
        one = chance.choice(rows)
        if wrong := plant(one, chance):
            count += 1
            yield one, wrong


class Modelled:
    """Translator and composer before the double, which says what `says` has for a point."""

    def __init__(self, server: ModelServer, lexicon: Lexicon) -> None:
        self.said = ""
        server.says = lambda _system, _user: self.said
        budget = ModelBudget(Store(None, budget_migrations), 10_000, 10_000_000)
        self.client = ModelClient(server.url, "double", "", None, budget)
        self._lexicon, self._requests = lexicon, asyncio.Semaphore(1)

    async def translation(self, one: TrueTranslation, said: str) -> str | None:
        """What a reader is shown."""
        self.said = said
        store = TranslationStore(Store(None, translation_migrations), "double")
        health = ModelHealth(lambda _: None, lambda: NOW)
        translator = Translator(self.client, store, self._lexicon, health, self._requests, lambda: NOW)
        await asyncio.gather(*await translator.start([one.point], one.language))
        shown = translator.known([one.point], one.language).get(one.point)
        store.close()
        return shown

    async def sentence(self, one: TrueTranslation, said: str, *others: str) -> str:
        self.said = said
        health = ModelHealth(lambda _: None, lambda: NOW)
        composer = AnswerComposer(self.client, self._lexicon, health, self._requests, lambda: NOW)
        shown = ""
        async for sentences in composer.compose(Composable("?", (one.point, *others), one.language)):
            shown = " ".join(sentence.text for sentence in sentences)
        return shown


@pytest.mark.parametrize("part", PARTS)
async def test_true_translations_are_shown(part: str, server: ModelServer, lexicon: Lexicon) -> None:
    model = Modelled(server, lexicon)
    rows = [one for one in true_translations() if one.part == part]
    lost = [one.text for one in rows if await model.translation(one, one.text) is None]
    await model.client.close()
    assert rows
    assert len(lost) <= MAX_LOST_SHARE * len(rows), lost


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("plant", [with_wrong_number, with_wrong_name])
async def test_every_planted_error_of_a_translation_is_caught(
    plant: Callable[[TrueTranslation, random.Random], str | None], part: str, server: ModelServer, lexicon: Lexicon
) -> None:
    model = Modelled(server, lexicon)
    shown = [wrong for one, wrong in planted(plant, part) if await model.translation(one, wrong)]
    await model.client.close()
    assert not shown, f"{len(shown)} of {PLANTED} were shown"


@pytest.mark.parametrize("part", PARTS)
async def test_every_planted_error_of_a_composed_sentence_is_caught(
    part: str, server: ModelServer, lexicon: Lexicon
) -> None:
    """Without its number, with the number of another point, with a wrong number or a wrong name."""
    model, chance = Modelled(server, lexicon), random.Random(20)
    rows = [one for one in true_translations() if one.part == part]
    shown: list[str] = []
    for one in (chance.choice(rows) for _ in range(PLANTED)):
        if await model.sentence(one, one.text):
            shown.append(f"uncited: {one.text}")
    for plant in (with_wrong_number, with_wrong_name):
        for one, wrong in planted(plant, part):
            if await model.sentence(one, cited(wrong)):
                shown.append(wrong)
    for one, _ in planted(with_wrong_number, part):
        if await model.sentence(one, cited(one.text, 2), "Nothing of this is said here."):
            shown.append(f"another point: {one.text}")
    await model.client.close()
    assert not shown, f"{len(shown)} of {4 * PLANTED} were shown"


@pytest.mark.parametrize("part", PARTS)
async def test_true_sentences_are_shown(part: str, server: ModelServer, lexicon: Lexicon) -> None:
    model = Modelled(server, lexicon)
    rows = [one for one in true_translations() if one.part == part]
    lost = [one.text for one in rows if not await model.sentence(one, cited(one.text))]
    await model.client.close()
    assert len(lost) <= MAX_LOST_SHARE * len(rows), lost


async def test_only_the_first_two_sentences_are_read(server: ModelServer, lexicon: Lexicon) -> None:
    model = Modelled(server, lexicon)
    one = TrueTranslation("", "zh", "Beijing's R&D intensity has been over 6% for six consecutive years", "")
    true = "北京研发投入强度连续六年超过6%[1]。"
    assert await model.sentence(one, f"a[1]。{true}") == true.replace("[1]", "")
    assert not await model.sentence(one, f"a[1]。b[1]。{true}")
    await model.client.close()


def cited(text: str, number: int = 1) -> str:
    """As one sentence with its citation before the mark."""
    body = re.sub(r"[。.]$", "", text)
    body = re.sub(r"[。；！？](?=.)", "，", re.sub(r"[.;!?](?= )", ",", body))
    return f"{body}[{number}]{'.' if body.isascii() else '。'}"
