"""Where in a point's text the question's words are met, whatever they are called there."""

import re
from collections.abc import Iterator, Sequence

from retrieval.question import Concept
from retrieval.results import Match
from retrieval.words import has_han, normalize, stem

WORD = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|[A-Za-z][A-Za-z&]*(?:['’][a-z]+)?")
LIKELY = 0.3  # weight from which an alternative is shown as what a word means


def matches(text: str, concepts: Sequence[Concept]) -> tuple[Match, ...]:
    """The places, in order and without overlaps; where several words claim one, the likeliest does."""
    found = sorted(_claims(text, concepts), key=lambda claim: (-claim[0], claim[1].start))
    taken: list[Match] = []
    for _, match in found:
        if all(match.end <= other.start or match.start >= other.end for other in taken):
            taken.append(match)
    return tuple(sorted(taken, key=lambda match: match.start))


def _claims(text: str, concepts: Sequence[Concept]) -> Iterator[tuple[float, Match]]:
    """Each with its weight, to which more words add: a phrase beats its words."""
    words = [
        (match.start(), match.end(), stem(normalize(match.group()).replace(",", ""))) for match in WORD.finditer(text)
    ]
    places: dict[str, list[int]] = {}
    for at, (_, _, term) in enumerate(words):
        places.setdefault(term, []).append(at)
    plain = normalize(text) if has_han(text) else ""
    aligned = len(plain) == len(text)
    for concept in concepts:
        asked = concept.asked or concept.word
        for alternative in concept.alternatives:
            if alternative.weight < LIKELY:
                continue
            first, *rest = alternative.terms
            if has_han(first):
                if aligned and not rest and len(first) > 1:
                    for place in re.finditer(re.escape(first), plain):
                        yield alternative.weight + 0.1 * len(first), Match(place.start(), place.end(), asked)
                continue
            for at in places.get(first, ()):
                end = at + len(alternative.terms)
                if [term for _, _, term in words[at:end]] == list(alternative.terms):
                    yield alternative.weight + 0.1 * len(rest), Match(words[at][0], words[end - 1][1], asked)
