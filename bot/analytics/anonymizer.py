"""What people wrote, as far as others may see it: what its writer agreed to, and what three people wrote alike.

Pure. What is shown of a text that nobody agreed to are those of its pieces that three people wrote; an ellipsis stands
for the rest. A piece is a word, or two Chinese characters side by side.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from bot.analytics.queries import LoggedQuestion
from bot.render.html import single_line
from retrieval.language.han import HAN
from retrieval.language.tokenizer import normalize

MIN_PEOPLE = 3  # different people: of two, each would know the other

WORDING_RUN = re.compile(rf"[{HAN}]+|[^\W{HAN}]+")
LEFT_OUT = re.compile(r"\W*\0[\W\0]*")


def is_open(asked: LoggedQuestion, agreed: Collection[int]) -> bool:
    """Whether its own writer lets it be seen: who asks in the terminal runs the bot."""
    return asked.place == "terminal" or asked.person in agreed


def common_pieces(said: Iterable[tuple[int | None, Iterable[str]]], least: int = MIN_PEOPLE) -> set[str]:
    """What at least so many people said; whoever is not known is nobody."""
    people: defaultdict[str, set[int]] = defaultdict(set)
    for person, things in said:
        if person is not None:
            for thing in things:
                people[thing].add(person)
    return {thing for thing, who in people.items() if len(who) >= least}


def pieces(text: str) -> set[str]:
    return {piece for _, _, piece in _pieces(single_line(unicodedata.normalize("NFKC", text)))}


def plain_wording(text: str) -> str:
    """A text by which it is known again: its words alone, in small letters."""
    return " ".join(found.lower() for found in WORDING_RUN.findall(normalize(text)))


def mask(text: str, known: Collection[str]) -> str:
    """The text without what is not `known`; nothing where nothing is."""
    text = single_line(unicodedata.normalize("NFKC", text))
    seen = [not WORDING_RUN.match(character) for character in text]
    for start, end, piece in _pieces(text):
        if piece in known:
            seen[start:end] = [True] * (end - start)
    left = "".join(character if shown else "\0" for character, shown in zip(text, seen, strict=True))
    shown = LEFT_OUT.sub(" … ", left).strip()
    return shown if WORDING_RUN.search(shown) else ""


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    for run in WORDING_RUN.finditer(text):
        start, end = run.span()
        if not re.match(f"[{HAN}]", run[0]) or end - start == 1:
            yield start, end, normalize(run[0])
        else:
            for at in range(start, end - 1):
                yield at, at + 2, normalize(text[at : at + 2])
