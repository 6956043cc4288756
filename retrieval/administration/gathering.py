"""Topics that gather by themselves: a document goes in, the topics whose names it holds come out.

A name is read as a question's words are: by its stems, in simplified characters, and under its other names of the
operator's glossary and of the dictionary, in either language.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

from retrieval.language.aliases import Aliases
from retrieval.language.han import has_han
from retrieval.language.lexicon import Lexicon
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import Tokenizer, normalize, split_runs, stem
from retrieval.model.documents import Document
from retrieval.storage.topic_rules import TopicRule, TopicRules

SURE_WEIGHT = 0.9  # of another name that is as good as the name itself
SURE_PART_WEIGHT = 0.75  # of a part's name, where the dictionary does not have the whole
MAX_COMBINATIONS = 24  # of names of parts
MIN_HAN_CHARACTERS = 2  # of a Chinese name: single characters stand in every text
NAME_BREAK = re.compile(r"[。！？；!?;\n]|\.(?=\s|$)")


class TopicRuleError(Exception):
    """For the operator: what is wrong with a rule."""


@dataclass(frozen=True, slots=True)
class NamePatterns:
    """English names as stems between spaces, Chinese ones as simplified characters."""

    latin: tuple[str, ...]
    han: tuple[str, ...]

    def stand_in(self, text: "ReadText") -> bool:
        return any(name in sentence for name in self.latin for sentence in text.latin) or any(
            name in text.han for name in self.han
        )


@dataclass(frozen=True, slots=True)
class ReadText:
    """`latin` are sentences as stems between spaces, without stop words; `han` is all of it, simplified."""

    latin: tuple[str, ...]
    han: str

    @classmethod
    def of(cls, text: str) -> "ReadText":
        plain = normalize(text)
        return cls(tuple(_stems(sentence) for sentence in NAME_BREAK.split(plain)), plain)


class TopicGatherer:
    """Reads the rules anew when their file has changed."""

    def __init__(self, rules: Path, tokenizer: Tokenizer, lexicon: Lexicon, aliases: Aliases) -> None:
        self.rules = TopicRules(rules)
        self._tokenizer, self._lexicon, self._aliases = tokenizer, lexicon, aliases
        self._compiled: dict[tuple[TopicRule, object], tuple[NamePatterns, NamePatterns]] = {}

    def check(self, rule: TopicRule) -> None:
        """TopicRuleError where it would gather everything or nothing."""
        if not rule.name.strip():
            raise TopicRuleError("the topic has no name")
        if not rule.words:
            raise TopicRuleError("no words: name at least one, such as --words '原始创新, original innovation'")
        for word in (*rule.words, *rule.excluded):
            patterns = self._patterns([word])
            if not (patterns.latin or patterns.han) or (has_han(word) and len(word.strip()) < MIN_HAN_CHARACTERS):
                raise TopicRuleError(f"“{word}” says too little: write a name of two characters or a word at least")

    def topics_of(self, document: Document) -> tuple[str, ...]:
        """The topics that it joins, those that it has already left out."""
        rules = [rule for rule in self.rules.all() if rule.name not in document.topics]
        return tuple(rule.name for rule in rules if self.fits(rule, document))

    def fits(self, rule: TopicRule, document: Document) -> bool:
        """By the title, the headings and the points."""
        if rule.outlets and document.outlet.name not in rule.outlets:
            return False
        words, excluded = self._compile(rule)
        headings = dict.fromkeys(point.section for point in document.points)
        texts = [ReadText.of(text) for text in (document.title, *headings, *(point.text for point in document.points))]
        return any(map(words.stand_in, texts)) and not any(map(excluded.stand_in, texts))

    def _compile(self, rule: TopicRule) -> tuple[NamePatterns, NamePatterns]:
        key = rule, self._aliases.version()
        if key not in self._compiled:
            self._compiled = {known: made for known, made in self._compiled.items() if known[0] != rule}
            self._compiled[key] = self._patterns(rule.words), self._patterns(rule.excluded)
        return self._compiled[key]

    def _patterns(self, words: Sequence[str]) -> NamePatterns:
        names = [terms for word in words for terms in self._names(word)]
        latin = (
            _spaced(term for term in terms if term not in STOPWORDS) for terms in names if not has_han("".join(terms))
        )
        han = ("".join(terms) for terms in names if all(has_han(term) for term in terms))
        mixed = (normalize(word) for word in words if has_han(word))  # such as 5G基站, which is looked for as it stands
        return NamePatterns(
            tuple(dict.fromkeys(name for name in latin if name.strip())),
            tuple(dict.fromkeys(name for name in (*han, *mixed) if len(name) >= MIN_HAN_CHARACTERS)),
        )

    def _names(self, word: str) -> Iterator[tuple[str, ...]]:
        """The word's terms, and those of its other names."""
        aliased = [name for alias in self._aliases.find(normalize(word)) for name in alias.names]
        for name in dict.fromkeys((word, *aliased)):
            terms = self._tokenizer.terms(name)
            yield terms
            content = [term for term in terms if term not in STOPWORDS]
            whole = self._lexicon.alternatives(" ".join(content) if not has_han(name) else "".join(content))
            sure = [one.terms for one in whole if one.weight >= SURE_WEIGHT]
            yield from sure
            if not sure and len(content) > 1 and all(map(has_han, content)):
                yield from islice(self._combinations(content), MAX_COMBINATIONS)

    def _combinations(self, parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """English names of a Chinese name that no dictionary has, made of those of its parts."""
        choices = [
            [one.terms for one in self._lexicon.alternatives(part) if one.weight >= SURE_PART_WEIGHT] for part in parts
        ]
        for chosen in product(*([terms for terms in one if not has_han("".join(terms))] for one in choices)):
            yield tuple(term for terms in chosen for term in terms)


def _stems(text: str) -> str:
    """Between spaces, so that a name is found as whole words; Chinese characters end a run of them."""
    found = []
    for kind, run in split_runs(text):
        if kind == "han":
            found.append("|")
        elif run not in STOPWORDS:
            found.append(run.replace(",", "") if kind == "number" else stem(run))
    return _spaced(found)


def _spaced(terms: Iterable[str]) -> str:
    joined = " ".join(terms)
    return f" {joined} " if joined else ""
