"""Language versions: hits go in, the pairs of a Chinese and an English point that state the same come out.

Their words cannot be compared. Figures can, and so can an encoder's vectors and the names that the dictionary has in
both languages. A wrong pair hides a point, so that a figure, year or name against two points outweighs all else.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from retrieval.language.fingerprints import WHOLE_YEAR, specificity
from retrieval.language.han import HAN
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import normalize, split_runs, stem
from retrieval.search.hit_fingerprints import HitFingerprints
from retrieval.semantic.encoder import Matrix

# Cosines, by what else two points share. Of 258,231 pairs that are no versions, of tests/quality and its translations,
# none passes; see docs/evaluation.md.
MANY_FIGURES_COSINE = 0.45
FIGURES_COSINE = 0.55
PLAIN_COSINE = 0.68
MANY_FIGURES_WEIGHT = 3.0  # of shared figures: two of two digits, or one of three and another
UNSEEN_FIGURES_WEIGHT = 4.0  # of shared figures where there are no vectors, in at least as many figures:
MIN_UNSEEN_FIGURES = 2
MIN_TELLING_WEIGHT = 1.5  # of a figure that counts: smaller ones are words in one language and digits in the other
CAPITALS = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)*")
HAN_WORD = re.compile(f"[{HAN}]{{2,}}")

VectorsOf = Callable[[Sequence[int]], Matrix]


@dataclass(frozen=True, slots=True)
class BilingualNames:
    """`segment` cuts a run of Chinese characters into words."""

    segment: Callable[[str], Sequence[str]]
    lexicon: Lexicon

    def differ(self, chinese: str, english: str) -> bool:
        """Whether each text names somebody or some place that the other has under no name."""
        chinese = normalize(chinese)
        stems = frozenset(stem(run) for kind, run in split_runs(normalize(english)) if kind != "han")
        words = {word for run in HAN_WORD.findall(chinese) for word in self.segment(run)}
        alone = [word for word in words if self.lexicon.is_name(word) and not self._is_named(word, stems)]
        if not alone:
            return False
        capitals = set(_capitalised(english))
        return any(self.lexicon.is_name(name) and not self._is_written(name, chinese) for name in capitals)

    def _is_named(self, word: str, stems: frozenset[str]) -> bool:
        """Also where the dictionary has no English name for it, so that none can be missing."""
        names = [other.terms for other in self.lexicon.alternatives(word) if other.terms[0].isascii()]
        return not names or any(stems.issuperset(terms) for terms in names)

    def _is_written(self, name: str, chinese: str) -> bool:
        names = [other.terms for other in self.lexicon.alternatives(name) if not other.terms[0].isascii()]
        return not names or any(all(term in chinese for term in terms) for terms in names)


def find_language_pairs(
    texts: Sequence[str], prints: HitFingerprints, vectors: VectorsOf | None, names: BilingualNames
) -> list[tuple[int, int]]:
    """Pairs of indices, the Chinese point's first; `prints` are the texts' fingerprints.

    `vectors` gives a row of length 1, or 0, for each index; without it, only figures are compared.
    """
    chinese, others = (np.flatnonzero(mask).tolist() for mask in (prints.weights.chinese, ~prints.weights.chinese))
    if not chinese or not others:
        return []
    if vectors:
        cosines = _cosines(chinese, others, vectors)
        likely = cosines >= MANY_FIGURES_COSINE
    else:
        cosines = None
        likely = prints.weights.figures[np.ix_(chinese, others)] >= UNSEEN_FIGURES_WEIGHT
    candidates = [(row, column, chinese[row], others[column]) for row, column in np.argwhere(likely).tolist()]
    known = prints.of((one, other) for _, _, one, other in candidates)
    found = []
    for row, column, one, other in candidates:
        if one not in known or other not in known:
            continue
        cosine = None if cosines is None else float(cosines[row, column])
        agree = _agree(known[one].figures, known[other].figures, cosine)
        if agree and not names.differ(texts[one], texts[other]):
            found.append((one, other))
    return found


def _cosines(chinese: Sequence[int], others: Sequence[int], vectors: VectorsOf) -> Matrix:
    rows = vectors([*chinese, *others])
    return np.asarray(np.einsum("ik,jk->ij", rows[: len(chinese)], rows[len(chinese) :]), np.float32)


def _capitalised(text: str) -> Iterator[str]:
    """The stems of each word with a capital, and of each two side by side (unit state)."""
    for run in CAPITALS.findall(text):
        stems = [stem(word.lower()) for word in run.split()]
        yield from stems
        yield from map(" ".join, pairwise(stems))


def _agree(one: frozenset[str], other: frozenset[str], cosine: float | None) -> bool:
    """Whether the figures of two points allow that they state the same, and their nearness says so."""
    alone = [{figure for figure in figures if _is_telling(figure)} for figures in (one - other, other - one)]
    dates = [{figure for figure in figures if _is_date(figure)} for figures in (one - other, other - one)]
    if all(alone) or all(dates):
        return False
    shared = [figure for figure in one & other if _is_telling(figure)]
    weight = sum(map(specificity, shared))
    if cosine is None:
        return weight >= UNSEEN_FIGURES_WEIGHT and len(shared) >= MIN_UNSEEN_FIGURES and not any(alone)
    least = MANY_FIGURES_COSINE if weight >= MANY_FIGURES_WEIGHT else FIGURES_COSINE if shared else PLAIN_COSINE
    return cosine >= least


def _is_telling(figure: str) -> bool:
    return specificity(figure) >= MIN_TELLING_WEIGHT


def _is_date(figure: str) -> bool:
    """A year, or a month."""
    return figure[0] == "~" or WHOLE_YEAR.fullmatch(figure) is not None
