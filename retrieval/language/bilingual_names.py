"""Names in two languages: a topic or a heading goes in, what the glossaries call it in the other language comes out."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from retrieval.language.aliases import NAME_SEPARATOR, Aliases
from retrieval.language.catalogue import Language
from retrieval.language.han import has_han
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import normalize, split_runs, stem

SHIPPED_GLOSSARIES = ("headings.tsv", "glossary.tsv")
MAX_REMEMBERED_NAMES = 4096  # each is looked for in the glossaries once, which takes some milliseconds
MAX_REMEMBERED_TOPIC_LISTS = 16  # of as many states of the corpora and of what operators wrote
MIN_PART_CHARACTERS = 2  # of a Chinese topic's name that name it alone
MIN_PART_WORDS = 2  # likewise of an English one's
NUMBERED_GROUP = re.compile(r"Group (\d{1,3})(?:\s*[:：]\s*(\S.*))?", re.ASCII)


def other_names(name: str, aliases: Aliases) -> tuple[str, ...]:
    """In the language that `name` is not in, the operator's names first, then the likeliest; none if none is known."""
    name = " ".join(name.split())
    known = (*aliases.names(name), *_shipped_names(name))
    if group := NUMBERED_GROUP.fullmatch(name):
        known += _group_names(group[1], group[2], aliases)
    wanted = not has_han(name)
    return tuple(dict.fromkeys(other for other in known if has_han(other) == wanted))


def name_with_other(name: str, language: Language, aliases: Aliases) -> str:
    """冰雪经济 (ice and snow economy) for an English reader; the name itself where no other is known."""
    other = next(iter(other_names(name, aliases)), "") if has_han(name) != (language == "zh") else ""
    if not other:
        return name
    return f"{name}（{other}）" if language == "zh" else f"{name} ({other})"


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


def topic_of_part(part: str, names: Mapping[str, str]) -> str | None:
    """The only topic one of whose `names` (name to topic) is the part or has it within, in Chinese; or ends with it.

    What an English name ends with says what it is: 'energy storage' is in 'new energy storage', 'new energy' is not.
    """
    wanted, characters = _content_stems(part), normalize(part).strip()
    han = has_han(part)
    if not (len(characters) >= MIN_PART_CHARACTERS if han else wanted):
        return None
    whole, within = set[str](), set[str]()
    for name, topic in names.items():
        if han:
            stands, same = characters in normalize(name), characters == normalize(name).strip()
        else:
            stems = _content_stems(name)
            same = stems == wanted
            stands = len(wanted) >= MIN_PART_WORDS and stems[-len(wanted) :] == wanted
        if same:
            whole.add(topic)
        if stands:
            within.add(topic)
    fitting = whole or within
    return fitting.pop() if len(fitting) == 1 else None


def _content_stems(name: str) -> list[str]:
    runs = [run for kind, run in split_runs(normalize(name)) if kind != "han"]
    return [stem(run) for run in runs if run not in STOPWORDS]


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
