"""Corrections over whole corpora: a name that stands in the corpus is never corrected, a slip is."""

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from retrieval.language.lexicon import Lexicon
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document
from retrieval.model.factory import build_document

NOW = datetime(2025, 10, 15, 12, tzinfo=BEIJING)
ROOT = Path(__file__).parents[3]
NAMES = ("单票收入", "武汉新芯", "盛合晶微", "乾县", "郭子衡", "乾照光电")  # of trial 20
MAX_NAMES = 3_000
SAMPLED = 20  # one of so many is asked; all take a minute
POINT_NAMES = 20  # in one document


def gather_names(lexicon: Lexicon) -> list[str]:
    """The names of the glossary and of all texts here, in order."""
    glossary = (ROOT / "retrieval/language/glossary.tsv").read_text("utf-8")
    texts = [
        path.read_text("utf-8") for path in sorted([*ROOT.glob("seeds/*.txt"), *ROOT.glob("tests/quality/**/*.txt")])
    ]
    inside = re.findall(r"[（(]([一-鿿]{2,6})[）)]", "\n".join(texts))
    listed = [name for line in glossary.splitlines() for name in line.split("\t") if re.fullmatch("[一-鿿]{2,6}", name)]
    return list(dict.fromkeys([*NAMES, *inside, *filter(lexicon.is_name, listed), *listed]))[:MAX_NAMES]


def stories(names: list[str]) -> Iterator[Document]:
    for at in range(0, len(names), POINT_NAMES):
        texts = [
            f"{name}在六月获得{n + 2}亿元融资，订单增长5%。" for n, name in enumerate(names[at : at + POINT_NAMES])
        ]
        named = (f"公司消息{at}", "新京报", "公司")
        yield build_document(named, NOW, None, [("", text, ()) for text in texts])


@pytest.fixture(scope="module")
def names(lexicon: Lexicon) -> list[str]:
    return gather_names(lexicon)


@pytest.fixture(scope="module")
def firms(tmp_path_factory: pytest.TempPathFactory, data: Path, names: list[str]) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("names")
    shutil.copy(data / "lexicon.bin", folder)
    shutil.copytree(data / "cache", folder / "cache")
    library = Library(folder)
    library.ingest((ROOT / "seeds",))
    library.add([*stories(names)], "names")
    yield library
    library.close()


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_trial_20_stay(firms: Library, name: str) -> None:
    result = firms.search(f"{name}融资多少", now=NOW)
    assert result.reading.corrections == ()
    assert name in result.hits[0].point.text


def test_names_of_the_corpus_stay(firms: Library, names: list[str]) -> None:
    asked = names[::SAMPLED]
    assert len(names) == MAX_NAMES
    changed = {name: found for name in asked if (found := firms.search(f"{name}融资多少", now=NOW).reading.corrections)}
    assert not changed


@pytest.mark.parametrize("question", ["黄少卿怎么看反内卷", "Huang Shaoqing on involution", "说人话"])
def test_a_surname_with_a_given_name_is_no_slip(library: Library, question: str) -> None:
    assert library.search(question, now=NOW).reading.corrections == ()


@pytest.mark.parametrize(
    ("question", "read"), [("怀揉科学城面积", "怀柔"), ("科创版", "科创板"), ("photovoltiacs", "photovoltaics")]
)
def test_a_slip_is_read_as_the_word_that_was_meant(library: Library, question: str, read: str) -> None:
    assert [one.read for one in library.search(question, now=NOW).reading.corrections] == [read]


@pytest.mark.parametrize(
    ("slip", "meant"), [("innovaton", "innovati"), ("regulatoin", "regulat"), ("investmetns", "invest")]
)
def test_a_slip_in_an_ending_finds_what_the_word_finds(library: Library, slip: str, meant: str) -> None:
    result = library.search(slip, now=NOW)
    assert [one.asked for one in result.reading.corrections] == [slip]
    assert meant in result.hits[0].point.text.lower()
