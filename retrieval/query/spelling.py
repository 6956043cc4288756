"""Words written another way: toneless pinyin, homophones, misspelt English."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.index.term_dictionary import TermDictionary
from retrieval.language.lexicon import Lexicon

MAX_SYLLABLE_LETTERS = 6  # letters in the longest syllable, zhuang
MAX_WORD_SYLLABLES = 4  # syllables in the longest word that pinyin is read as
CORPUS_WORDS = 60_000_000  # what jieba's counts add up to
SLIP = 1e-3  # of the words that are typed, those that come out as another one of the same sound
NEAR = 1e-4  # likewise, of nearly the same sound
UNREAD_LOG_PROBABILITY = -30.0  # log likelihood of a syllable that spells nothing
MIN_READ_SHARE = 0.3  # share of the syllables that must fall into words of two or more before a run counts as pinyin


@dataclass(frozen=True, slots=True)
class PinyinReading:
    """A stretch of pinyin and the words that it may be, likeliest first, each with its share of the likelihood."""

    letters: str
    words: tuple[tuple[str, float], ...]


def syllables(word: str, lexicon: Lexicon) -> list[str] | None:
    """'huairou' → ['huai', 'rou']; None where the letters are not pinyin. Fewest syllables win."""
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - MAX_SYLLABLE_LETTERS), end):
            head = best[start]
            if head is None or not _syllable(word[start:end], lexicon):
                continue
            tail = best[end]
            if tail is None or len(head) + 1 < len(tail):
                best[end] = [*head, word[start:end]]
    return best[-1] or None


def read_pinyin(run: Sequence[str], lexicon: Lexicon) -> list[PinyinReading] | None:
    """The likeliest words of a run of toneless pinyin; None where it does not read as Chinese."""
    split = [syllables(word, lexicon) for word in run]
    if any(part is None for part in split):
        return None
    flat = [syllable for part in split if part for syllable in part]
    if len(flat) < 2:
        return None
    best: list[tuple[float, list[PinyinReading]]] = [(0.0, [])]
    for end in range(1, len(flat) + 1):
        options = []
        for start in range(max(0, end - MAX_WORD_SYLLABLES), end):
            spelt = _spelt("".join(flat[start:end]), end - start, lexicon)
            likelihood, before = best[start]
            if spelt:
                options.append((likelihood + math.log((spelt[1] + 1) / CORPUS_WORDS), [*before, spelt[0]]))
            elif end - start == 1:
                options.append((likelihood + UNREAD_LOG_PROBABILITY, [*before, PinyinReading(flat[start], ())]))
        best.append(max(options, key=lambda option: option[0]))
    read = best[-1][1]
    in_words = sum(len(spelt.words[0][0]) for spelt in read if spelt.words and len(spelt.words[0][0]) > 1)
    return read if in_words >= MIN_READ_SHARE * len(flat) else None


def homophones(word: str, lexicon: Lexicon) -> list[tuple[str, float]]:
    """The known words that an unknown Chinese word is a slip of, likeliest first, with their shares.

    A slip keeps the length and a character, and sounds the same (数剧 → 数据); or nearly so, where it is the
    last character (造介 → 造价).
    """
    sound = lexicon.sound(word)
    found = [
        (other, frequency)
        for other, frequency in lexicon.spelt(sound)
        if len(other) == len(word) and other != word and any(a == b for a, b in zip(other, word, strict=True))
    ] or [
        (other, frequency)
        for other, frequency in lexicon.beginning(word[:-1], len(word))
        if other != word and OSA.distance(lexicon.sound(other), sound) == 1
    ]
    total = sum(frequency + 1 for _, frequency in found)
    return [(other, (frequency + 1) / total) for other, frequency in sorted(found, key=lambda pair: -pair[1])[:8]]


def slip_of(pieces: Sequence[str], lexicon: Lexicon, occurs: Callable[[str], int]) -> str | None:
    """The known word that a stretch of Chinese, cut into these pieces, is likelier a slip of than meant as written.

    `occurs` tells how often a word is to be expected in questions to this corpus, 0 for a word that it has by no name.
    A noisy channel (Kernighan, Church and Gale, A spelling correction program, 1990).
    """
    word = "".join(pieces)
    same_sound = dict(lexicon.spelt(lexicon.sound(word)))
    likely = [
        ((SLIP if other in same_sound else NEAR) * occurs(other) / CORPUS_WORDS, other)
        for other, _ in homophones(word, lexicon)
    ]
    best, read = max(likely, default=(0.0, ""))
    return read if best > math.prod((lexicon.frequency(piece) + 1) / CORPUS_WORDS for piece in pieces) else None


def nearest_terms(word: str, vocabulary: TermDictionary) -> str | None:
    """The known English word that `word` is a slip of: one slip in five letters, two in eight."""
    slips = 2 if len(word) >= 8 else 1
    if len(word) < 5:
        return None
    # who mistypes a word seldom does so at its first letter; another first letter is another word (mega-, gigawatt)
    known = [other for other in vocabulary.within_edits(word, slips) if other[0] == word[0]]
    near = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=slips)
    return near[0] if near else None


def _syllable(letters: str, lexicon: Lexicon) -> bool:
    return any(len(word) == 1 for word, _ in lexicon.spelt(letters))


def _spelt(letters: str, length: int, lexicon: Lexicon) -> tuple[PinyinReading, int] | None:
    words = [(word, frequency) for word, frequency in lexicon.spelt(letters) if len(word) == length]
    if not words:
        return None
    total = sum(frequency + 1 for _, frequency in words)
    return PinyinReading(letters, tuple((word, (frequency + 1) / total) for word, frequency in words[:4])), words[0][1]
