"""The segmenter: a run of Chinese characters to the words of jieba's dictionary, as jieba's own `cut` without its HMM.

The only module that uses jieba.
"""

import logging
import re
from math import log
from pathlib import Path

from retrieval.runtime.cache import BoundedCache
from retrieval.runtime.optional_imports import import_blocked

LOOKED_UP = re.compile("[\u4e00-\u9fd5]+")  # by jieba; other characters stay alone
MAX_CACHED_CUTS = 20_000  # some 4 MB
PART_LENGTHS = (2, 3)  # characters of a longer word's parts


class Segmenter:
    """Loads jieba's dictionary at once; `cache` is the folder in which jieba keeps it."""

    def __init__(self, cache: Path) -> None:
        with import_blocked("pkg_resources"):  # its import takes half a second
            import jieba

        jieba.setLogLevel(logging.WARNING)
        cache.mkdir(parents=True, exist_ok=True)
        self._jieba: jieba.Tokenizer = jieba.Tokenizer()
        # the default is a predictable file name in the shared temporary folder
        self._jieba.tmp_dir = str(cache)
        self._jieba.initialize()
        self._log_total = log(self._jieba.total)
        self._parts: BoundedCache[str, list[str]] = BoundedCache(MAX_CACHED_CUTS)

    def cut(self, run: str) -> list[str]:
        """The likeliest words that make the run, by the words' frequencies; of equals, those with a longer first word.

        jieba's sums, in its order, so that rounding is the same; but in one pass, and in half the time.
        """
        if not LOOKED_UP.fullmatch(run):
            return list(self._jieba.cut(run, HMM=False))
        frequency, log_total, length = self._jieba.FREQ.get, self._log_total, len(run)
        best = [0.0] * (length + 1)  # log probability of the characters from here on
        ends = [0] * length
        for start in range(length - 1, -1, -1):
            likeliest, chosen, end = None, start + 1, start + 1
            count = frequency(run[start:end])
            while count is not None:  # 0 for what only begins words
                if count:
                    sum_from_here = log(count) - log_total + best[end]
                    if likeliest is None or sum_from_here >= likeliest:
                        likeliest, chosen = sum_from_here, end
                if end == length:
                    break
                end += 1
                count = frequency(run[start:end])
            best[start] = best[chosen] - log_total if likeliest is None else likeliest
            ends[start] = chosen
        words, start = [], 0
        while start < length:
            words.append(run[start : ends[start]])
            start = ends[start]
        return words

    def searched(self, word: str) -> list[str]:
        """The known parts of a word that was cut, and itself: what a search for them finds it by."""
        parts = self._parts.get(word)
        if parts is None:
            frequency = self._jieba.FREQ.get
            parts = [
                part
                for length in PART_LENGTHS
                if len(word) > length
                for part in (word[at : at + length] for at in range(len(word) - length + 1))
                if frequency(part)
            ]
            parts.append(word)
            self._parts[word] = parts
        return parts
