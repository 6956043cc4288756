"""The tokenizer: text to English stems, simplified Chinese words and quantities ('42000000000' for 420亿).

The only module that uses jieba.
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import Stemmer

from retrieval.language.glyphs import fold_glyphs, fold_lookalikes
from retrieval.language.han import HAN
from retrieval.language.quantities import find_quantities
from retrieval.language.stopwords import STOPWORDS
from retrieval.runtime.optional_imports import import_blocked

if TYPE_CHECKING:
    import jieba
    import opencc

TOKEN_RUN = re.compile(
    rf"(?P<han>[{HAN}]+)"
    r"|(?P<number>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?![a-z]))"
    # letters glued to Chinese characters are a word of their own (BD交易), except in A股, B轮, K线
    rf"|(?P<word>(?<![a-z0-9])[a-z][股轮型期级线端站光超盘]|[^\W_{HAN}]+(?:&[^\W_{HAN}]+)*(?:['’][^\W_{HAN}]+)?)"
)
POSSESSIVE = re.compile(r"['’]s?$")
MAX_HEADWORD_PIECES = 5  # pieces of jieba's that one headword is joined from
MAX_CACHED_STEMS = 20_000  # some 3 MB
TOKENIZER_VERSION = "6"  # raise it when the same text gives other tokens


def normalize(text: str) -> str:
    """What is seen of a text, in NFKC, simplified characters and lower case."""
    if text.isascii():
        return text.lower()
    return fold_lookalikes(simplify(unicodedata.normalize("NFKC", fold_glyphs(text)))).lower()


def simplify(text: str) -> str:
    simplified: str = _converter().convert(text)
    return simplified


@lru_cache(MAX_CACHED_STEMS)
def stem(word: str) -> str:
    """The Snowball stem of a lower-case English word; anything else is unchanged."""
    return _stemmer().stemWord(word if word.isalnum() else POSSESSIVE.sub("", word))


class Tokenizer:
    """Loads jieba's dictionary at the first Chinese character."""

    def __init__(self, cache: Path, is_headword: Callable[[str], bool]) -> None:
        """`cache` is jieba's folder; headwords that jieba cuts apart (消费券) become tokens too."""
        self._cache, self._is_headword = cache, is_headword
        self._jieba: jieba.Tokenizer | None = None

    def warm(self) -> None:
        self._segmenter()

    def tokens(self, text: str) -> list[str]:
        """Tokens for the index, in reading order, with stop words, which count for length and phrases."""
        text = normalize(text)
        return [*self._runs(text), *find_quantities(text)]

    def terms(self, text: str) -> tuple[str, ...]:
        """The tokens of a name in reading order, without overlaps; a text with the name has all of them."""
        found: list[str] = []
        for kind, run in split_runs(normalize(text)):
            found += self.segment(run) if kind == "han" else [run.replace(",", "") if kind == "number" else stem(run)]
        return tuple(found)

    def segment(self, han: str) -> list[str]:
        """Cut a run of Chinese characters once, into the longest headwords where there are any."""
        pieces = list(self._segmenter().cut(han, HMM=False))
        done: list[str] = []
        at = 0
        while at < len(pieces):
            end = next((end for end, _ in self._headwords(pieces, at)), at + 1)
            done.append("".join(pieces[at:end]))
            at = end
        return done

    def pieces(self, word: str) -> list[str]:
        """What jieba cuts a headword into that it does not know (研发投入强度); else the word itself."""
        return list(self._segmenter().cut(word, HMM=False))

    def _headwords(self, pieces: Sequence[str], start: int) -> Iterator[tuple[int, str]]:
        """The headwords made of several pieces from `start`, longest first, each with its end."""
        for end in range(min(len(pieces), start + MAX_HEADWORD_PIECES), start + 1, -1):
            word = "".join(pieces[start:end])
            if self._is_headword(word):
                yield end, word

    def _runs(self, text: str) -> Iterator[str]:
        for kind, run in split_runs(text):
            if kind == "han":
                pieces = list(self._segmenter().cut(run, HMM=False))
                for start, piece in enumerate(pieces):
                    yield from self._segmenter().cut_for_search(piece, HMM=False)
                    yield from (word for _, word in self._headwords(pieces, start))
                    pair = pieces[start : start + 2]
                    if are_lone_characters(pair) and not self._is_headword("".join(pair)):
                        yield "".join(pair)
            elif kind == "number":
                yield run.replace(",", "")
            else:
                yield stem(run)

    def _segmenter(self) -> "jieba.Tokenizer":
        if self._jieba is None:
            with import_blocked("pkg_resources"):  # its import takes half a second
                import jieba

            jieba.setLogLevel(logging.WARNING)
            self._cache.mkdir(parents=True, exist_ok=True)
            segmenter = jieba.Tokenizer()
            # the default is a predictable file name in the shared temporary folder
            segmenter.tmp_dir = str(self._cache)
            segmenter.initialize()
            self._jieba = segmenter
        return self._jieba


def are_lone_characters(pieces: Sequence[str]) -> bool:
    """Whether these are two single characters, no stop words: in a name that no dictionary has (新芯, 曼宁), so that
    the pair is a token."""
    return len(pieces) == 2 and all(len(piece) == 1 and piece not in STOPWORDS for piece in pieces)


def split_runs(text: str) -> Iterator[tuple[str, str]]:
    """The runs of normalised text in reading order, each as ('han' | 'number' | 'word', run)."""
    for match in TOKEN_RUN.finditer(text):
        yield match.lastgroup or "", match.group()


@lru_cache(1)
def _converter() -> "opencc.OpenCC":
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")
