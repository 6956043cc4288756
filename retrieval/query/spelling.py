"""Spelling: toneless pinyin, homophones and misspelt English to the words that were meant."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from rapidfuzz import process
from rapidfuzz.distance import OSA

from retrieval.index.term_dictionary import TermDictionary
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import stem, stem_all

MAX_SYLLABLE_LETTERS = 6  # zhuang
MAX_WORD_SYLLABLES = 4  # in a word that pinyin is read as
CORPUS_WORDS = 60_000_000  # the sum of jieba's counts
SAME_SOUND_SLIP = 1e-3  # share of typed words that come out as another word of the same sound
NEAR_SOUND_SLIP = 1e-4  # likewise, of nearly the same sound
UNREAD_LOG_PROBABILITY = -30.0  # of a syllable that spells nothing
MIN_READ_SHARE = 0.3  # of the syllables that must fall into words of two or more for a run to count as pinyin
MIN_WRITTEN_LETTERS = 6  # of a slip in an English word as written; nearly all shorter ones have words one letter away
STRAY_WEIGHT = 0.1  # of a letter for another or too many, beside one dropped, doubled or swapped
MIN_ROOT_LETTERS = 4  # of the word meant, and one more where a letter strayed
ENDINGS = ("er", "ers", "or", "ors", "able", "ish", "less", "ness", "ful", "like", "wise", "ship", "hood", "ism", "ist")

# The hundred commonest surnames, by the census of 2020.
COMMON_SURNAMES = frozenset(
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石"
    "金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤乔"
)
MAX_GIVEN_NAME_CHARS = 2


@dataclass(frozen=True, slots=True)
class PinyinReading:
    """A stretch of pinyin and the words it may spell, likeliest first, each with its share of the likelihood."""

    letters: str
    words: tuple[tuple[str, float], ...]


def syllables(word: str, lexicon: Lexicon) -> list[str] | None:
    """'huairou' → ['huai', 'rou'], the fewest possible; None if the letters are not pinyin."""
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - MAX_SYLLABLE_LETTERS), end):
            head = best[start]
            if head is None or not lexicon.is_syllable(word[start:end]):
                continue
            tail = best[end]
            if tail is None or len(head) + 1 < len(tail):
                best[end] = [*head, word[start:end]]
    return best[-1] or None


def read_pinyin(run: Sequence[str], lexicon: Lexicon) -> list[PinyinReading] | None:
    """The likeliest words of a run of toneless pinyin; None if it does not read as Chinese."""
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
            spelt = _read_word("".join(flat[start:end]), end - start, lexicon)
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
    """The known words that an unknown Chinese word may be a slip of, likeliest first, with their shares.

    A slip keeps the length and a character and sounds the same (数剧 → 数据), or nearly so in the last character
    (造介 → 造价).
    """
    sound = lexicon.pinyin(word)

    def is_nearly_the_same(other: str) -> bool:
        return OSA.distance(other, sound, score_cutoff=1) == 1

    found = [
        (other, frequency)
        for other, frequency in lexicon.words_for_pinyin(sound)
        if len(other) == len(word) and other != word and any(a == b for a, b in zip(other, word, strict=True))
    ] or [
        (other, frequency)
        for other, frequency in lexicon.words_with_prefix(word[:-1], len(word), is_nearly_the_same)
        if other != word
    ]
    total = sum(frequency + 1 for _, frequency in found)
    return [(other, (frequency + 1) / total) for other, frequency in sorted(found, key=lambda pair: -pair[1])[:8]]


def intended_word(pieces: Sequence[str], lexicon: Lexicon, expected: Callable[[str], int]) -> str | None:
    """The known word that a stretch of Chinese, cut into these pieces, is more likely a slip of than meant as written.

    `expected` says how often a word is to be expected in questions to this corpus: 0 for one that it does not have.
    A noisy channel (Kernighan, Church and Gale, A spelling correction program, 1990).
    """
    word = "".join(pieces)
    if not (known := homophones(word, lexicon)):
        return None
    same_sound = dict(lexicon.words_for_pinyin(lexicon.pinyin(word)))
    best, read = max(
        ((SAME_SOUND_SLIP if other in same_sound else NEAR_SOUND_SLIP) * expected(other), other) for other, _ in known
    )
    as_written = math.prod((lexicon.frequency(piece) + 1) / CORPUS_WORDS for piece in pieces)
    return read if best / CORPUS_WORDS > as_written else None


def is_person(pieces: Sequence[str], start: int, end: int) -> bool:
    """Whether the stretch is, or follows, a surname with a given name: 郭子衡, and 少卿 in 黄少卿."""
    word = "".join(pieces[start:end])
    if start and pieces[start - 1] in COMMON_SURNAMES and len(word) <= MAX_GIVEN_NAME_CHARS:
        return True
    return (
        pieces[start] in COMMON_SURNAMES
        and len("".join(pieces[start : end + 1])) > MAX_GIVEN_NAME_CHARS
        and len(word) > 1
    )


def nearest_term(word: str, vocabulary: TermDictionary) -> str | None:
    """The known English word that `word` is a slip of: one edit from five letters on, two from eight on."""
    edits = 2 if len(word) >= 8 else 1
    if len(word) < 5:
        return None
    # slips are rare at the first letter; another first letter is another word (mega-, gigawatt)
    near = process.extractOne(word, vocabulary.within_edits(word, edits), scorer=OSA.distance, score_cutoff=edits)
    return near[0] if near else None


def nearest_written(
    word: str, vocabulary: TermDictionary, text_counts: Callable[[Sequence[str]], Sequence[float]]
) -> str | None:
    """The stem of the English word that `word` is one letter away from; of several the one that most texts have.

    Slips are made in words as they are written, and may stand in an ending that a stem has not: innovaton has the stem
    innovaton, innovation has innov.
    """
    if len(word) < MIN_WRITTEN_LETTERS or not (word.isascii() and word.isalpha()):
        return None
    forms = one_letter_away(word)
    weights: dict[str, float] = {}
    for root, weight in zip(stem_all(forms), forms.values(), strict=True):
        weights[root] = max(weight, weights.get(root, 0.0))
    near = (root for root, weight in weights.items() if len(root) >= MIN_ROOT_LETTERS + (weight < 1))
    known = sorted(vocabulary.present(near))
    if len(known) < 2:
        return known[0] if known else None
    counts = dict(zip(known, text_counts(known), strict=True))
    return max(known, key=lambda root: weights[root] * counts[root])


def one_letter_away(word: str) -> dict[str, float]:
    """The words from which a slip past the first letter makes this one, with how likely each kind of slip is."""
    found: dict[str, float] = {}
    for at in range(1, len(word) + 1):
        head, tail = word[:at], word[at:]
        for letter in ascii_lowercase:
            found[head + letter + tail] = 1.0
            if tail:
                found.setdefault(head + letter + tail[1:], STRAY_WEIGHT)
        if tail and tail[0] == head[-1]:
            found[head + tail[1:]] = 1.0
        elif tail:
            found.setdefault(head + tail[1:], STRAY_WEIGHT)
        if len(tail) > 1:
            found[head + tail[1] + tail[0] + tail[2:]] = 1.0
    found.pop(word, None)
    return found


def is_derived(word: str, vocabulary: TermDictionary) -> bool:
    """Whether it is a word of the corpus with an ending of its own: finder beside find."""
    bases = (word.removesuffix(ending) for ending in ENDINGS if word.endswith(ending))
    roots = {stem(form) for base in bases if len(base) >= MIN_ROOT_LETTERS for form in (base, f"{base}e")}
    return bool(vocabulary.present(roots))


def _read_word(letters: str, length: int, lexicon: Lexicon) -> tuple[PinyinReading, int] | None:
    words = [(word, frequency) for word, frequency in lexicon.words_for_pinyin(letters) if len(word) == length]
    if not words:
        return None
    total = sum(frequency + 1 for _, frequency in words)
    return PinyinReading(letters, tuple((word, (frequency + 1) / total) for word, frequency in words[:4])), words[0][1]
