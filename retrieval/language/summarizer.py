"""The sentences that carry a text, chosen and never rewritten."""

import re
from collections.abc import Sequence

from rank_bm25 import BM25Okapi

from retrieval.language.han import HAN, has_han
from retrieval.language.tokenizer import normalize, stem

FEWEST, MOST = 3, 6
KEY_SHARE = 0.2  # of the sentences: a long text has more that carry it
MIN_SENTENCE_CHARS = 15  # characters of one that stands by itself
MAX_SENTENCES_READ = 400  # sentences of one text that are looked at
SENTENCE = re.compile(rf".+?(?:[。！？；]+[”’」』]*|[.!?]+[\"”’)]*(?=\s+[A-Z\"“({HAN}])|\Z)", re.DOTALL)
EARLY_BONUS = (
    0.3  # what standing first counts for, against the most central sentence: articles say first what they are about
)


def key_sentences(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Three to six sentences in the order of the text: those most like all others by BM25, and the earlier ones.

    A text of no more than three comes back whole.
    """
    sentences = [sentence for paragraph in paragraphs for sentence in split_sentences(paragraph)][:MAX_SENTENCES_READ]
    long = [sentence for sentence in dict.fromkeys(sentences) if len(sentence) >= MIN_SENTENCE_CHARS] or list(
        dict.fromkeys(sentences)
    )
    if len(long) <= FEWEST:
        return tuple(long)
    terms = [_terms(sentence) for sentence in long]
    index = BM25Okapi([words or [""] for words in terms])
    central = [0.0] * len(long)
    for n, words in enumerate(terms):
        for other, score in enumerate(index.get_scores(words)):
            central[other] += float(score) / (1 + len(words)) if other != n else 0.0
    most = max(central) or 1.0
    worth = {n: central[n] / most + EARLY_BONUS * (1 - n / len(long)) for n in range(len(long))}
    wanted = max(FEWEST, min(MOST, round(KEY_SHARE * len(long))))
    return tuple(long[n] for n in sorted(sorted(worth, key=lambda n: (-worth[n], n))[:wanted]))


def split_sentences(paragraph: str) -> list[str]:
    """Its sentences, in either language; together they are the paragraph, but for blanks."""
    return [sentence for piece in SENTENCE.findall(paragraph) if (sentence := piece.strip())]


def _terms(sentence: str) -> list[str]:
    """Stems, and pairs of Chinese characters: enough to compare sentences of one text by, without a dictionary."""
    found: list[str] = []
    for run in re.findall(rf"[a-z]+|\d[\d.,]*|[{HAN}]+", normalize(sentence)):
        found += [run[at : at + 2] for at in range(len(run) - 1)] if has_han(run) else [stem(run)]
    return found
