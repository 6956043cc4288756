"""Text to tokens. The only jieba.

A token is an English stem, a simplified Chinese word, or a quantity such as '42000000000' (42 billion, 420亿).
"""

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import Stemmer

from retrieval.language.quantities import find_quantities
from retrieval.language.stopwords import STOPWORDS
from retrieval.runtime.optional_imports import without

if TYPE_CHECKING:
    import jieba
    import opencc

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
ANY_HAN = re.compile(f"[{HAN}]")
TOKEN_RUN = re.compile(
    rf"(?P<han>[{HAN}]+)"
    r"|(?P<number>\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?![a-z]))"
    # what is glued to Chinese characters is a word of its own (BD交易), but for A股, B轮, K线
    rf"|(?P<word>(?<![a-z0-9])[a-z][股轮型期级线端站光超盘]|[^\W_{HAN}]+(?:&[^\W_{HAN}]+)*(?:['’][^\W_{HAN}]+)?)"
)
POSSESSIVE = re.compile(r"['’]s?$")
MAX_PIECE_CHARS = 5  # of jieba's that one headword is put together from
MAX_CACHED_STEMS = 20_000  # kept in memory, some 3 MB
TOKENIZER_VERSION = "6"  # raised whenever the same text gives other tokens


def normalize(text: str) -> str:
    """NFKC, traditional to simplified, lower case."""
    if text.isascii():
        return text.lower()
    return simplify(unicodedata.normalize("NFKC", text)).lower()


def has_han(text: str) -> bool:
    return not text.isascii() and ANY_HAN.search(text) is not None


def simplify(text: str) -> str:
    simplified: str = _converter().convert(text)
    return simplified


@lru_cache(MAX_CACHED_STEMS)
def stem(word: str) -> str:
    """The Snowball stem of one lower-case English word; anything else comes back as it is."""
    return _stemmer().stemWord(word if word.isalnum() else POSSESSIVE.sub("", word))


class Tokenizer:
    """The tokeniser: loads jieba's dictionary at the first Chinese character, and never for text without one."""

    def __init__(self, cache: Path, headword: Callable[[str], bool]) -> None:
        """`cache` keeps jieba's; `headword` says which words the dictionary has: what jieba cuts apart of them
        (消费券) is a token too."""
        self._cache = cache
        self._headword = headword
        self._jieba: jieba.Tokenizer | None = None

    def warm(self) -> None:
        self._segmenter()

    def tokens(self, text: str) -> list[str]:
        """Tokens for the index, in reading order; stop words stay, they carry length and phrases."""
        text = normalize(text)
        return [*self._runs(text), *find_quantities(text)]

    def terms(self, text: str) -> tuple[str, ...]:
        """The tokens of a short name in reading order, without overlaps: a text that has it has all of them."""
        found: list[str] = []
        for kind, run in split_runs(normalize(text)):
            found += self.segment(run) if kind == "han" else [run.replace(",", "") if kind == "number" else stem(run)]
        return tuple(found)

    def segment(self, han: str) -> list[str]:
        """One segmentation of a run of Chinese characters into headwords where it can be, the longest first."""
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
        """The headwords of several pieces that begin at `start`, the longest first, each with its end."""
        for end in range(min(len(pieces), start + MAX_PIECE_CHARS), start + 1, -1):
            word = "".join(pieces[start:end])
            if self._headword(word):
                yield end, word

    def _runs(self, text: str) -> Iterator[str]:
        for kind, run in split_runs(text):
            if kind == "han":
                pieces = list(self._segmenter().cut(run, HMM=False))
                for start, piece in enumerate(pieces):
                    yield from self._segmenter().cut_for_search(piece, HMM=False)
                    yield from (word for _, word in self._headwords(pieces, start))
                    if beside(pair := pieces[start : start + 2]) and not self._headword("".join(pair)):
                        yield "".join(pair)
            elif kind == "number":
                yield run.replace(",", "")
            else:
                yield stem(run)

    def _segmenter(self) -> "jieba.Tokenizer":
        if self._jieba is None:
            with without("pkg_resources"):  # which takes half a second, to find a file that lies beside jieba's code
                import jieba

            jieba.setLogLevel(logging.WARNING)
            self._cache.mkdir(parents=True, exist_ok=True)
            segmenter = jieba.Tokenizer()
            # its default is a predictable file name in the shared temporary folder
            segmenter.tmp_dir = str(self._cache)
            segmenter.initialize()
            self._jieba = segmenter
        return self._jieba


def beside(pieces: Sequence[str]) -> bool:
    """Whether these are two lone characters that say something: what no dictionary has (新芯, 曼宁) is a token as they
    stand side by side."""
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
