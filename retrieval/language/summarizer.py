"""The summarizer: an article's paragraphs to its key sentences, word for word."""

import re
from collections.abc import Sequence

from rank_bm25 import BM25Okapi

from retrieval.language.han import HAN, has_han
from retrieval.language.tokenizer import normalize, stem

MIN_SENTENCES, MAX_SENTENCES = 3, 6
KEY_SHARE = 0.2  # of the sentences
MIN_SENTENCE_CHARS = 15  # a shorter one does not stand by itself
MAX_SENTENCES_READ = 400
SENTENCE = re.compile(rf".+?(?:[。！？；]+[”’」』]*|[.!?]+[\"”’)]*(?=\s+[A-Z\"“({HAN}])|\Z)", re.DOTALL)
EARLY_BONUS = 0.3  # of the first sentence, against 1 for the most central: articles begin with their subject


def key_sentences(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Three to six sentences in reading order, fewer only if there are no more: early, and like the others by BM25."""
    sentences = [sentence for paragraph in paragraphs for sentence in split_sentences(paragraph)][:MAX_SENTENCES_READ]
    unique = list(dict.fromkeys(sentences))
    long = [sentence for sentence in unique if len(sentence) >= MIN_SENTENCE_CHARS] or unique
    if len(long) <= MIN_SENTENCES:
        return tuple(long)
    terms = [_terms(sentence) for sentence in long]
    index = BM25Okapi([words or [""] for words in terms])
    central = [0.0] * len(long)
    for n, words in enumerate(terms):
        for other, score in enumerate(index.get_scores(words)):
            central[other] += float(score) / (1 + len(words)) if other != n else 0.0
    most = max(central) or 1.0
    worth = {n: central[n] / most + EARLY_BONUS * (1 - n / len(long)) for n in range(len(long))}
    wanted = max(MIN_SENTENCES, min(MAX_SENTENCES, round(KEY_SHARE * len(long))))
    return tuple(long[n] for n in sorted(sorted(worth, key=lambda n: (-worth[n], n))[:wanted]))


def split_sentences(paragraph: str) -> list[str]:
    """Joined, they are the paragraph again, except for blanks."""
    return [sentence for piece in SENTENCE.findall(paragraph) if (sentence := piece.strip())]


def _terms(sentence: str) -> list[str]:
    """Stems and pairs of Chinese characters: enough to compare sentences of one text."""
    found: list[str] = []
    for run in re.findall(rf"[a-z]+|\d[\d.,]*|[{HAN}]+", normalize(sentence)):
        found += [run[at : at + 2] for at in range(len(run) - 1)] if has_han(run) else [stem(run)]
    return found
