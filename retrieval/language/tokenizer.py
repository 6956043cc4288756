"""The tokenizer: text to English stems, simplified Chinese words and quantities ('42000000000' for 420亿)."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import Stemmer

from retrieval.language.glyphs import fold_glyphs, fold_lookalikes
from retrieval.language.han import HAN
from retrieval.language.quantities import find_quantities
from retrieval.language.segmenter import Segmenter
from retrieval.language.stopwords import STOPWORDS

if TYPE_CHECKING:
    import opencc

TOKEN_RUN = re.compile(
    rf"(?P<han>[{HAN}]+)"
    r"|(?P<number>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?![a-z]))"
    # letters glued to Chinese characters are a word of their own (BD交易), except in A股, B轮, K线
    rf"|(?P<word>(?<![a-z0-9])[a-z][股轮型期级线端站光超盘]|[^\W_{HAN}]+(?:&[^\W_{HAN}]+)*(?:['’][^\W_{HAN}]+)?)"
)
# the same for ASCII, in half the time
ASCII_TOKEN_RUN = re.compile(
    r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?![a-z])|[^\W_]+(?:&[^\W_]+)*(?:'[^\W_]+)?", re.ASCII
)
POSSESSIVE = re.compile(r"['’]s?$")
MAX_HEADWORD_PIECES = 5  # pieces of jieba's that one headword is joined from
MAX_CACHED_STEMS = 20_000  # some 3 MB
MAX_CACHED_RUNS = 1_000  # some 0.5 MB
MAX_NORMALIZED_QUESTIONS = 100
TOKENIZER_VERSION = "6"  # raise it when the same text gives other tokens


def normalize(text: str) -> str:
    """What is seen of a text, in NFKC, simplified characters and lower case."""
    if text.isascii():
        return text.lower()
    return fold_lookalikes(simplify(unicodedata.normalize("NFKC", fold_glyphs(text)))).lower()


# each part that reads a question normalises it: the same text, or what filters left of it
normalize_question = lru_cache(MAX_NORMALIZED_QUESTIONS)(normalize)


def simplify(text: str) -> str:
    simplified: str = _converter().convert(text)
    return simplified


@lru_cache(MAX_CACHED_STEMS)
def stem(word: str) -> str:
    """The Snowball stem of a lower-case English word; anything else is unchanged."""
    return _stemmer().stemWord(word if word.isalnum() else POSSESSIVE.sub("", word))


def stem_all(words: Iterable[str]) -> list[str]:
    """As `stem`, for the words of a text that few questions ask about: in a quarter of the time where they are new."""
    bare = [word if word.isalnum() else POSSESSIVE.sub("", word) for word in words]
    return _bulk_stemmer().stemWords(bare)


class Tokenizer:
    """Loads jieba's dictionary at the first Chinese character."""

    def __init__(self, cache: Path, joined_headwords: Callable[[Sequence[str], int], Sequence[Sequence[str]]]) -> None:
        """`cache` is jieba's folder; headwords that jieba cuts apart (消费券) become tokens too.

        `joined_headwords` is `Lexicon.joined`.
        """
        self._cache, self._joined_headwords = cache, joined_headwords
        self._segmenter: Segmenter | None = None
        # a question's runs are cut to read it, and again to compare it with texts word for word
        self.segment = lru_cache(MAX_CACHED_RUNS)(self._segment)

    def warm(self) -> None:
        self._loaded()

    def tokens(self, text: str) -> list[str]:
        """Tokens for the index, in reading order, with stop words, which count for length and phrases."""
        text = normalize(text)
        found: list[str] = []
        for kind, run in split_runs(text):
            if kind == "han":
                found += self._searched(run)
            else:
                found.append(run.replace(",", "") if kind == "number" else stem(run))
        return [*found, *find_quantities(text)]

    def terms(self, text: str) -> tuple[str, ...]:
        """The tokens of a name in reading order, without overlaps; a text with the name has all of them."""
        found: list[str] = []
        for kind, run in split_runs(normalize(text)):
            found += self.segment(run) if kind == "han" else [run.replace(",", "") if kind == "number" else stem(run)]
        return tuple(found)

    def _segment(self, han: str) -> tuple[str, ...]:
        """Cut a run of Chinese characters once, into the longest headwords where there are any."""
        done: list[str] = []
        end = start = 0  # of what is done, and of the piece
        for piece, headwords in self._with_headwords(han):
            if start == end:
                done.append(headwords[0] if headwords else piece)
                end += len(done[-1])
            start += len(piece)
        return tuple(done)

    def pieces(self, word: str) -> list[str]:
        """What jieba cuts a run or a headword into; the word itself if jieba knows it."""
        return self._loaded().cut(word)

    def _searched(self, han: str) -> Iterator[str]:
        cut = self._with_headwords(han)
        for (piece, headwords), (following, _) in pairwise([*cut, ("", ())]):
            yield from self._loaded().searched(piece)
            yield from headwords
            if are_lone_characters((piece, following)) and (pair := piece + following) not in headwords:
                yield pair

    def _with_headwords(self, han: str) -> list[tuple[str, Sequence[str]]]:
        """The pieces of a run, each with the headwords that it makes with those after it."""
        pieces = self.pieces(han)
        return list(zip(pieces, self._joined_headwords(pieces, MAX_HEADWORD_PIECES), strict=True))

    def _loaded(self) -> Segmenter:
        if self._segmenter is None:
            self._segmenter = Segmenter(self._cache)
        return self._segmenter


def are_lone_characters(pieces: Sequence[str]) -> bool:
    """Whether these are two single characters, no stop words: in a name that no dictionary has (新芯, 曼宁), so that
    the pair is a token."""
    return len(pieces) == 2 and all(len(piece) == 1 and piece not in STOPWORDS for piece in pieces)


def split_runs(text: str) -> Iterator[tuple[str, str]]:
    """The runs of normalised text in reading order, each as ('han' | 'number' | 'word', run)."""
    for han, number, word in TOKEN_RUN.findall(text):
        yield ("han", han) if han else ("number", number) if number else ("word", word)


def latin_runs(text: str) -> set[str]:
    """The runs of normalised text that are not Chinese."""
    if text.isascii():
        return set(ASCII_TOKEN_RUN.findall(text))
    return {number or word for _, number, word in TOKEN_RUN.findall(text)} - {""}


@lru_cache(1)
def _converter() -> "opencc.OpenCC":
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


@lru_cache(1)
def _bulk_stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english", 0)  # without a cache, which is slower than to stem
