import pytest

from retrieval.language.tokenizer import Tokenizer
from retrieval.search.proximity import Phrasing, has_whole, to_plain


@pytest.mark.parametrize(
    ("question", "said", "pairs"),
    [
        ("Star One", ("star",), ("star one",)),
        ("Please tell me: storage", ("storage",), ()),  # the colon parts them
        ("low-altitude flights", ("low", "altitude", "flights"), ("low altitude", "altitude flights")),
        ("怀柔的平台", ("怀柔", "平台"), ()),
        ("懷柔平台", ("怀柔", "平台"), ("怀柔平台",)),
        ("什么", (), ()),
    ],
)
def test_what_stands_side_by_side(
    words: Tokenizer, question: str, said: tuple[str, ...], pairs: tuple[str, ...]
) -> None:
    assert Phrasing.of(question, words.segment) == Phrasing(said, pairs)


@pytest.mark.parametrize(
    ("question", "text", "stands"),
    [
        ("Star One", 'The chip "Star One," fills a gap.', True),
        ("Star One", "Number one on the STAR Market.", False),
        ("low altitude", "Low-altitude flights", True),
        ("rent", "The is_current price", False),
        ("2,000", "sold 12,000", False),
        ("什么", "什么", False),
        ("solid batteries", "batteries that are solid", False),
    ],
)
def test_whether_all_of_it_stands_there(words: Tokenizer, question: str, text: str, stands: bool) -> None:
    assert Phrasing.of(question, words.segment).stands_in(text) is stands


@pytest.mark.parametrize(
    ("text", "part", "there"),
    [("a star one b", "star one", True), ("starone", "star", False), ("科创债", "创", True), ("5G网", "5g", True)],
)
def test_latin_words_are_there_whole(text: str, part: str, there: bool) -> None:
    assert has_whole(to_plain(text), part) is there
