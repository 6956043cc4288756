"""A Chinese and an English point that state the same, by true translations and by what only looks like one."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from retrieval.language.fingerprints import fingerprint
from retrieval.language.han import is_chinese
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import Tokenizer
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.search.hit_fingerprints import HitFingerprints
from retrieval.search.language_versions import BilingualNames, VectorsOf, find_language_pairs
from retrieval.search.shown_version import show_in
from retrieval.semantic.loader import load_encoder
from tests.support.stories import ingest, story

ROOT = Path(__file__).parents[3]
LINES = (ROOT / "tests/quality/translations.tsv").read_text("utf-8").splitlines()
TRANSLATIONS = [tuple(line.split("\t")[2:4]) for line in LINES if not line.startswith("#")]
LEAST_FOUND, LEAST_FOUND_BY_FIGURES = 0.75, 0.2  # of the translations, some of which share no figure

PLACES = {"北京": "Beijing", "广东": "Guangdong", "湖北": "Hubei", "美国": "the United States", "德国": "Germany"}
ORDERS = (
    "{zh}企业上半年签下163吉瓦时的海外储能订单，均价下降19%。",
    "Firms of {en} signed 163 GWh of overseas storage orders, prices fell by 19%.",
)
NOW = datetime(2025, 10, 15, 12, tzinfo=BEIJING)
NEAR = 0.6  # a cosine of versions

ENGLISH = "Robotaxis in Chongqing complete 1.83 million rides a week and 19.5 hours a day."
CHINESE_TOO = "重庆的无人出租车一周完成183万单，每天在路上19.5小时。"


@pytest.fixture
def names(lexicon: Lexicon, words: Tokenizer) -> BilingualNames:
    return BilingualNames(words.segment, lexicon)


@pytest.fixture(scope="module")
def encode(data: Path) -> Callable[[list[str]], np.ndarray]:
    encoder = load_encoder("on", data / "cache")
    assert encoder
    return encoder.encode


def found_pairs(texts: list[str], vectors: VectorsOf | None, names: BilingualNames) -> set[tuple[str, str]]:
    pairs = find_language_pairs(texts, HitFingerprints.of_texts(texts), vectors, names)
    return {(texts[one], texts[other]) for one, other in pairs}


def test_translations_are_found_and_nothing_else(
    names: BilingualNames, encode: Callable[[list[str]], np.ndarray]
) -> None:
    """Points of five corpora and translations of them by hand: whatever is no translation is another statement."""
    texts = list(dict.fromkeys(text for pair in TRANSLATIONS for text in pair))
    true = {(one, other) if is_chinese(one) else (other, one) for one, other in TRANSLATIONS}
    rows = encode(texts)
    found = found_pairs(texts, lambda at: rows[list(at)], names)
    assert len(found & true) >= LEAST_FOUND * len(true)
    assert [pair for pair in sorted(found - true) if not told_twice(pair, true)] == []
    by_figures = found_pairs(texts, None, names)
    assert len(by_figures & true) >= LEAST_FOUND_BY_FIGURES * len(true)
    assert [pair for pair in sorted(by_figures - true) if not told_twice(pair, true)] == []


def told_twice(pair: tuple[str, str], true: set[tuple[str, str]]) -> bool:
    """Versions of one story have the same point in other words: then both have a figure, or more, and no other."""
    chinese, english = pair
    return any(
        fingerprint(one).figures == fingerprint(chinese).figures != set() for one, other in true if other == english
    )


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("other", PLACES)
def test_another_place_is_another_statement(place: str, other: str, names: BilingualNames) -> None:
    texts = [ORDERS[0].format(zh=place), ORDERS[1].format(en=PLACES[other])]
    assert bool(found_pairs(texts, lambda at: np.full((len(at), 1), NEAR**0.5), names)) == (place == other)


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("2024年销量增长31%。", "Sales grew by 31% in 2025."),
        ("8月销量增长31%。", "Sales grew by 31% in July."),
        ("销量增长31%，达到420万辆。", "Sales grew by 31% to 5.2 million cars."),
    ],
)
def test_another_year_month_or_figure_is_another_statement(chinese: str, english: str, names: BilingualNames) -> None:
    assert not found_pairs([chinese, english], lambda at: np.full((len(at), 1), NEAR**0.5), names)


@pytest.fixture
def robotaxis(fresh: Path, tmp_path: Path) -> Iterator[Library]:
    stories = [
        story("无人出租车上路", CHINESE_TOO, outlet="新华网"),
        story("Robotaxis arrive", ENGLISH, outlet="第一财经", published="2025-08-13T08:00"),
        story("别的", "江苏的港口去年吞吐了3亿吨货物。", "A museum in Xi'an sold out.", outlet="新京报"),
    ]
    with closing(Library(fresh)) as library:
        ingest(library, tmp_path, stories)
        yield library


@pytest.mark.parametrize(
    ("question", "shown", "other"),
    [
        ("重庆的无人出租车一周跑多少单？", CHINESE_TOO, ENGLISH),
        ("How many rides do robotaxis in Chongqing complete a week?", ENGLISH, CHINESE_TOO),
    ],
)
def test_the_version_in_the_language_of_the_question_is_shown(
    question: str, shown: str, other: str, robotaxis: Library
) -> None:
    result = robotaxis.search(question, now=NOW)
    assert result.hits[0].point.text == shown
    assert [hit.point.text for hit in result.hits[0].versions] == [other]
    assert other in result.hits[0].folded
    assert [document.id for document in result.hits[0].also] == [result.hits[0].versions[0].document.id]
    assert [hit.rank for hit in result.hits] == list(range(1, len(result.hits) + 1))
    assert other not in [hit.point.text for hit in result.hits]


def test_the_other_version_is_shown_to_whoever_reads_that_language(robotaxis: Library) -> None:
    result = robotaxis.search("How many rides do robotaxis in Chongqing complete a week?", now=NOW)
    chinese = show_in(result, chinese=True)
    assert chinese.hits[0].point.text == CHINESE_TOO
    assert chinese.hits[0].matches
    assert not set(chinese.missing) - set(result.missing)
    assert (chinese.verdict, chinese.confidence) == (result.verdict, result.confidence)
    again = show_in(chinese, chinese=False)
    assert [hit.point.text for hit in again.hits] == [hit.point.text for hit in result.hits]
    assert show_in(again, chinese=False) is again
