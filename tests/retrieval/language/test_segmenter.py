"""The segmenter beside jieba's own `cut` and `cut_for_search`."""

from pathlib import Path

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.segmenter import Segmenter

COMMON = "的一国在人了有中是年和大业不为发会工经上地市要个产这出行作生家以成到日民来我部对进多全建他公开们场展"
RUNS = (
    st.text(COMMON, max_size=20)
    | st.text("北京大学生物科创板消费券研究生命起源乒乓球拍卖完了", max_size=12)
    | st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF), max_size=6)
)


@pytest.fixture(scope="module")
def jiebas(data: Path) -> jieba.Tokenizer:
    segmenter = jieba.Tokenizer()
    segmenter.tmp_dir = str(data / "cache")
    return segmenter


@pytest.fixture(scope="module")
def segmenter(data: Path) -> Segmenter:
    return Segmenter(data / "cache")


@given(RUNS)
def test_cuts_as_jieba_does(jiebas: jieba.Tokenizer, segmenter: Segmenter, run: str) -> None:
    pieces = list(jiebas.cut(run, HMM=False))
    assert segmenter.cut(run) == pieces
    parts = [part for piece in pieces for part in segmenter.searched(piece)]
    assert parts == list(jiebas.cut_for_search(run, HMM=False))


def test_parts_of_a_long_word(segmenter: Segmenter) -> None:
    assert segmenter.searched("北京大学") == ["北京", "大学", "北京大学"]
    assert segmenter.searched("的") == ["的"]
