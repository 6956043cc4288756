"""Anonymizer: questions and the people who agreed go in, wording that operators may see comes out.

A text whose writer agreed may be seen. Of any other text only pieces that three people wrote are shown, and an ellipsis
for the rest. A piece is a word, or two adjacent Chinese characters.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from bot.analytics.queries import LoggedQuestion
from bot.render.html import single_line
from retrieval.language.han import HAN
from retrieval.language.tokenizer import normalize

MIN_PEOPLE = 3  # different people: of two, each would recognize the other

WORDING_RUN = re.compile(rf"[{HAN}]+|[^\W{HAN}]+")
LEFT_OUT = re.compile(r"\W*\0[\W\0]*")


def is_open(asked: LoggedQuestion, agreed: Collection[int]) -> bool:
    """Whether its writer lets it be seen; questions in the terminal are the operator's own."""
    return asked.place == "terminal" or asked.person in agreed


def common_pieces(used: Iterable[tuple[int | None, Iterable[str]]]) -> set[str]:
    """What at least MIN_PEOPLE known people used, from pairs of a person and their pieces."""
    people: defaultdict[str, set[int]] = defaultdict(set)
    for person, their_pieces in used:
        if person is not None:
            for piece in their_pieces:
                people[piece].add(person)
    return {piece for piece, users in people.items() if len(users) >= MIN_PEOPLE}


def pieces(text: str) -> set[str]:
    return {piece for _, _, piece in _pieces(single_line(unicodedata.normalize("NFKC", text)))}


def plain_wording(text: str) -> str:
    """The words alone, in lower case: equal for texts that differ only in punctuation."""
    return " ".join(word.lower() for word in WORDING_RUN.findall(normalize(text)))


def mask(text: str, known: Collection[str]) -> str:
    """The text with all pieces hidden that are not `known`; empty where none is."""
    text = single_line(unicodedata.normalize("NFKC", text))
    visible = [not WORDING_RUN.match(character) for character in text]
    for start, end, piece in _pieces(text):
        if piece in known:
            visible[start:end] = [True] * (end - start)
    masked = "".join(character if shown else "\0" for character, shown in zip(text, visible, strict=True))
    masked = LEFT_OUT.sub(" … ", masked).strip()
    return masked if WORDING_RUN.search(masked) else ""


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    for run in WORDING_RUN.finditer(text):
        start, end = run.span()
        if not re.match(f"[{HAN}]", run[0]) or end - start == 1:
            yield start, end, normalize(run[0])
        else:
            for at in range(start, end - 1):
                yield at, at + 2, normalize(text[at : at + 2])
