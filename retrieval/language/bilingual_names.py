"""Names in two languages: a topic or a heading goes in, what the glossaries call it in the other language comes out."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from retrieval.language.aliases import NAME_SEPARATOR, Aliases
from retrieval.language.han import has_han
from retrieval.language.tokenizer import normalize

SHIPPED_GLOSSARIES = ("headings.tsv", "glossary.tsv")
MAX_REMEMBERED_NAMES = 4096  # each is looked for in the glossaries once, which takes some milliseconds
MAX_REMEMBERED_TOPIC_LISTS = 16  # of as many states of the corpora and of what operators wrote
NUMBERED_GROUP = re.compile(r"Group (\d{1,3})(?:\s*[:：]\s*(\S.*))?", re.ASCII)


def other_names(name: str, aliases: Aliases) -> tuple[str, ...]:
    """In the language that `name` is not in, the operator's names first, then the likeliest; none if none is known."""
    name = " ".join(name.split())
    known = (*aliases.names(name), *_shipped_names(name))
    if group := NUMBERED_GROUP.fullmatch(name):
        known += _group_names(group[1], group[2], aliases)
    wanted = not has_han(name)
    return tuple(dict.fromkeys(other for other in known if has_han(other) == wanted))


def topics_by_other_name(topics: Iterable[str], aliases: Aliases) -> dict[str, str]:
    """Topics by their names in the other language; a name that several topics have is left out."""
    return dict(_topics_by_other_name(tuple(topics), aliases, aliases.version()))


@lru_cache(MAX_REMEMBERED_TOPIC_LISTS)
def _topics_by_other_name(topics: tuple[str, ...], aliases: Aliases, version: object) -> Mapping[str, str]:  # noqa: ARG001
    found: dict[str, set[str]] = {}
    for topic in topics:
        for other in other_names(topic, aliases):
            found.setdefault(other, set()).add(topic)
    return {other: called.pop() for other, called in found.items() if len(called) == 1}


def _group_names(number: str, rest: str | None, aliases: Aliases) -> tuple[str, ...]:
    if not rest:
        return (f"第 {number} 组",)
    return tuple(f"第 {number} 组：{other}" for other in other_names(rest, aliases))


@lru_cache(MAX_REMEMBERED_NAMES)
def _shipped_names(name: str) -> tuple[str, ...]:
    wanted = normalize(name)
    names: list[str] = []
    for file in SHIPPED_GLOSSARIES:
        for line in files("retrieval.language").joinpath(file).read_text("utf-8").splitlines():
            if wanted in line.casefold() and not line.startswith("#"):
                together = [part.strip() for part in NAME_SEPARATOR.split(line)]
                if wanted in map(normalize, together):
                    names += together
    return tuple(dict.fromkeys(names))
