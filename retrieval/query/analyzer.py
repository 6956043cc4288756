"""Text to Question: what is asked, as concepts that may be called many things."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from retrieval.index.term_dictionary import TermDictionary
from retrieval.language import answer_types
from retrieval.language.aliases import Aliases
from retrieval.language.dictionary_builder import MAX_PHRASE_WORDS
from retrieval.language.lexicon import Alternative, Lexicon
from retrieval.language.quantities import CHINESE_COUNT, SCALES, SPELT, find_quantities, parse_numeral
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import Tokenizer, beside, has_han, normalize, split_runs, stem
from retrieval.model.results import Correction
from retrieval.query.compounds import (
    LONE_CHARACTER_WEIGHT,
    TOGETHER,
    beside_each_other,
    foreign,
    lone_weight,
    prefixed,
    split,
    together,
)
from retrieval.query.spelling import MAX_SYLLABLE_LETTERS, nearest_terms, read_pinyin, slip_of

NEGATIONS = {
    "未": ("un", "not"),
    "非": ("non", "un"),
    "不": ("un", "in", "dis", "non"),
    "无": ("un", "non"),
    "反": ("anti",),
}
ANSWER_TYPE_WEIGHT = (
    2.0  # weight of the kind of thing that is asked for; it stands beside the text, where half of that counts
)
WORD_PART_WEIGHT = 0.7  # weight of a part of a word that the lexicon lacks
WRITTEN_OUT = 0.35  # likewise, where some text has the whole word as it was asked
BESIDE = 0.3  # weight of characters that some text has side by side, beside that of them together
ASKS_QUANTITY = re.compile(
    r"多少|几[个家项座年天次成倍种]|多[大久长高快远贵重]|占比|比例|份额|duo ?(?:shao|da|jiu|gao|chang)"
    r"|how (?:many|much|long|fast|far|big|large|high|old|often|quick)|percent"
    r"|what (?:share|rate|price|size|number|proportion)"
)
# 'how many of them', 'one of them': a measure word with a question word or a one
COUNTED_NOUN = re.compile(
    r"(?:多少|好多|几|一|这|那|哪|每|某|第几)(?:[个家次种项位名条座款台副片张件份套所间届批类只架辆艘头块层门道口]|钱|成)"
)
MEASURE_WORD = re.compile(rf"[百千万亿]+(?:[美欧港日]?元)?|[美欧港日]?元|[年月日号]|(?:{'|'.join(SCALES)})\b")
BARE_NUMBER_WEIGHT = 0.4  # weight of the bare number where it was measured: 455 for 455亿
SURE_TRANSLATION = 0.6  # weight from which a translation is translated back
ROUND_TRIP_WEIGHT = 0.3  # weight of a word found by way of the other language
DERIVED_WEIGHT = 0.5  # weight of a word of the corpus that begins as the question's does (subsidise, subsidies)
MAX_ALTERNATIVES = (
    24  # alternatives of a word: an English one has hundreds, and the unlikely ones cost most and bring nothing
)
SLIP = 0.9  # weight of the word that a stretch is read as, which was written otherwise
WRITTEN = 1_000  # times that a word of the corpus counts as seen at least, of 60 million
PHRASE = 0.5  # weight of what the dictionary has for several English words, beside them: they count as they are
PINYIN_WEIGHT = 0.9  # weight of a Chinese word's spelling as a name


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing asked for: what it may be called, and how much it matters.

    `asked` is the question's word that it stands for, alone or with others (the parts of an unknown word);
    None for what only adds to other concepts: the phrase that two words make. `read` is the Chinese word that pinyin
    was read as. `neighbours` are words of nearly the same meaning: a text that has one is found by it, and has not what
    was asked for.
    """

    word: str
    alternatives: tuple[Alternative, ...]
    weight: float = 1.0
    asked: str | None = None
    read: str | None = None
    neighbours: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalyzedQuery:
    """A question as it was understood."""

    concepts: tuple[Concept, ...]
    corrections: tuple[Correction, ...]
    quantity: bool


class QueryAnalyzer:
    """Reads questions against a lexicon and the words of a corpus."""

    def __init__(self, words: Tokenizer, lexicon: Lexicon, aliases: Aliases, vocabulary: TermDictionary) -> None:
        self.words, self.lexicon, self.aliases, self.vocabulary = words, lexicon, aliases, vocabulary
        self.corrections: list[Correction] = []

    def analyze(self, text: str) -> AnalyzedQuery:
        self.corrections = []
        concepts = tuple(map(self._with_neighbours, self.concepts(text)))
        return AnalyzedQuery(concepts, tuple(self.corrections), ASKS_QUANTITY.search(normalize(text)) is not None)

    def _with_neighbours(self, concept: Concept) -> Concept:
        word = concept.word if has_han(concept.word) else stem(concept.word)
        if concept.asked is None:
            return concept
        if (known := self.vocabulary.near.get(word)) is None:
            near = () if self.lexicon.is_name(word) else self.lexicon.neighbours.of(word, self.vocabulary.present_mask)
            known = self.vocabulary.near[word] = tuple(Alternative((term,), weight) for term, weight in near)
        return replace(concept, neighbours=known)

    def concepts(self, text: str) -> list[Concept]:
        text = normalize(text)
        found: list[Concept] = []
        for alias in self.aliases.find(text):
            names = (Alternative(self.words.terms(name), 1.0) for name in alias.names)
            word = text[alias.start : alias.end]
            found.append(Concept(word, tuple(name for name in names if name.terms), asked=word))
            text = text[: alias.start] + " " * len(word) + text[alias.end :]
        for spelt in SPELT.finditer(text):
            found.append(_amount(spelt[0]))
            text = text[: spelt.start()] + " " * len(spelt[0]) + text[spelt.end() :]
        english: list[str] = []
        for kind, run in [*_measured(split_runs(text)), ("end", "")]:
            if kind == "word":
                english.append(run)
                continue
            if english:
                found += self._latin(english)
                english = []
            if kind == "han":
                found += self._chinese(run)
            elif kind == "number":
                found.append(_amount(run))
        found += [_literal(quantity) for quantity in find_quantities(text)]
        if found:
            found += [
                replace(_literal(kind), weight=ANSWER_TYPE_WEIGHT) for kind in answer_types.expected_answer_types(text)
            ]
        unique: dict[str, Concept] = {}
        for concept in found:
            unique.setdefault(concept.word, concept)
        return list(unique.values())

    def _latin(self, run: list[str]) -> Iterator[Concept]:
        english = [self._is_english(word) for word in run]
        if sum(english) * 2 <= len(run) and (read := read_pinyin(run, self.lexicon)):
            for spelt in read:
                if len(spelt.words) and spelt.words[0][0] not in STOPWORDS:
                    yield self._pinyin(spelt.letters, spelt.words)
                elif not spelt.words:
                    yield replace(_literal(spelt.letters), asked=spelt.letters)
            return
        content = [word for word in run if word not in STOPWORDS]
        for word in content:
            yield self._english(word)
        stems = [stem(word) for word in content]
        spans = [
            (at, at + n) for n in range(min(MAX_PHRASE_WORDS, len(stems)), 1, -1) for at in range(len(stems) - n + 1)
        ]
        entries = self.lexicon.entries([" ".join(stems[begin:end]) for begin, end in spans])
        for (begin, end), entry in zip(spans, entries, strict=True):
            if entry:
                whole = Alternative(tuple(stems[begin:end]), 1.0)
                yield Concept(" ".join(content[begin:end]), (whole, *entry.choose(range(len(entry.weights)))), PHRASE)

    def _is_english(self, word: str) -> bool:
        """A word of the corpus, or a long one of the dictionary that is not the spelling of what it means (huairou)."""
        if word in STOPWORDS or (root := stem(word)) in self.vocabulary:
            return True
        if len(word) <= MAX_SYLLABLE_LETTERS or not (others := self.lexicon.alternatives(root)):
            return False
        return all(self.lexicon.sound(term) != word for other in others for term in other.terms if has_han(term))

    def _pinyin(self, letters: str, words: Sequence[tuple[str, float]]) -> Concept:
        found = _WeightedTerms({(letters,): PINYIN_WEIGHT})
        for word, share in words:
            for alternative in self._word(word).alternatives:
                found.add(alternative.terms, alternative.weight * share**0.5)
        lone = all(len(word) == 1 for word, _ in words)
        read = next((word for word, _ in words if self._occurs(word)), words[0][0])
        return Concept(
            letters, found.alternatives(self.vocabulary), LONE_CHARACTER_WEIGHT if lone else 1.0, letters, read
        )

    def _english(self, run: str) -> Concept:
        root = stem(run)
        if known := self.vocabulary.read.get(root):
            return Concept(run, known, asked=run)
        found = _WeightedTerms({(root,): 1.0})
        if (
            root not in self.vocabulary
            and not self.lexicon.entry(root)
            and (read := nearest_terms(root, self.vocabulary))
        ):
            self.corrections.append(Correction(run, read))
            root = read
            found.add((root,), 0.9)
        self._translate(found, root, 0.9)
        if len(root) >= 5:
            for other_term in self.vocabulary.beginning(root[: max(5, len(root) - 2)], len(root) + 4):
                found.add((other_term,), DERIVED_WEIGHT)
        called = found.alternatives(self.vocabulary)
        if root == stem(run):
            self.vocabulary.read[root] = called
        return Concept(run, called, asked=run)

    def _translate(self, found: "_WeightedTerms", word: str, share: float) -> None:
        """Adds what a word is called, as far as the corpus has that; and what the same is called in the question's own
        language, by way of the other one."""
        if not (entry := self.lexicon.entry(word)):
            return
        sure = entry.choose(np.flatnonzero(entry.weights > SURE_TRANSLATION).tolist())
        foreign = [other for other in sure if has_han(other.terms[0]) != has_han(word)] if len(word) > 1 else []
        entries = self.lexicon.entries([" ".join(other.terms) for other in foreign])
        backs = [(other, back) for other, back in zip(foreign, entries, strict=True) if back]
        direct, *rest = self.vocabulary.translations_present([entry, *(back for _, back in backs)])
        for other in direct[:MAX_ALTERNATIVES]:
            found.add(other.terms, share * other.weight)
        for (way, _), there in zip(backs, rest, strict=True):
            own = [other for other in there if has_han(other.terms[0]) == has_han(word) and len(other.terms[0]) > 1]
            for other in own[:MAX_ALTERNATIVES]:
                found.add(other.terms, ROUND_TRIP_WEIGHT * way.weight * other.weight)

    def _chinese(self, run: str) -> Iterator[Concept]:
        pieces = self.words.segment(run)
        at = 0
        while at < len(pieces):
            piece, following = pieces[at], pieces[at + 1] if at + 1 < len(pieces) else ""
            if piece in NEGATIONS and len(following) > 1:
                yield self._negated(piece, following)
            if end := self._beside(pieces, at):
                names = [Alternative(beside_each_other(pieces[at:end]), 1.0)]
                yield from self._stretch(pieces[at:end], names, parts=BESIDE)
            elif found := self._slip(pieces, at):
                end, read = found
                self.corrections.append(Correction("".join(pieces[at:end]), read))
                yield from self._stretch(pieces[at:end], self._word(read).alternatives, SLIP)
            elif length := foreign(pieces[at:]):
                end = at + length
                yield from self._stretch(pieces[at:end], [Alternative(tuple(pieces[at:end]), 1.0)])
            else:
                end = at + 1
                if piece not in STOPWORDS and not COUNTED_NOUN.fullmatch(piece):
                    yield from self._parts(piece)
            at = end

    def _beside(self, pieces: Sequence[str], at: int) -> int:
        """Where the lone characters end that begin here and that some text has side by side; 0 where there are none."""
        end = at + 1
        while beside(pair := pieces[end - 1 : end + 1]) and "".join(pair) in self.vocabulary:
            end += 1
        return end if end > at + 1 else 0

    def _stretch(
        self, pieces: Sequence[str], names: Iterable[Alternative], share: float = 1.0, parts: float = 1.0
    ) -> Iterator[Concept]:
        """Several pieces that are one word, which may be called so; what its parts weigh is theirs times `parts`."""
        word = "".join(pieces)
        found = _WeightedTerms({(word,): 1.0})
        for name in names:
            found.add(name.terms, share * name.weight)
        yield Concept(word, found.alternatives(self.vocabulary), asked=word)
        for piece in pieces:
            concept = self._word(piece)
            yield replace(concept, weight=concept.weight * parts, asked=word)

    def _negated(self, prefix: str, word: str) -> Concept:
        found = _WeightedTerms({(prefix + word,): 1.0, (prefix, word): 1.0})
        for other in self.lexicon.alternatives(word):
            if len(other.terms) == 1 and not has_han(other.terms[0]):
                for sign in NEGATIONS[prefix]:
                    found.add((sign + other.terms[0],), other.weight)
                    found.add((sign, other.terms[0]), other.weight)
        return Concept(prefix + word, found.alternatives(self.vocabulary))

    def _slip(self, pieces: Sequence[str], at: int) -> tuple[int, str] | None:
        """Where two to four characters that begin here end, and the known word that they are a slip of."""
        for end in range(min(len(pieces), at + 4), at + 1, -1):
            stretch = pieces[at:end]
            lone = [len(piece) == 1 for piece in stretch]
            if (
                sum(map(len, stretch)) <= 4
                and (lone[-1] or lone[0])
                and STOPWORDS.isdisjoint(stretch)
                and "".join(stretch) not in self.vocabulary
                and (read := slip_of(stretch, self.lexicon, self._expected))
                and read not in STOPWORDS
            ):
                return end, read
        return None

    def _expected(self, word: str) -> int:
        """How often a word is to be expected in a question: at least so often as a rare one where a text has it."""
        if word in self.vocabulary:
            return max(self.lexicon.frequency(word), WRITTEN)
        return self.lexicon.frequency(word) + 1 if self._occurs(word) else 0

    def _occurs(self, word: str) -> bool:
        """Whether the corpus has the Chinese word or a good translation of it."""
        return word in self.vocabulary or any(
            all(term in self.vocabulary for term in other.terms)
            for other in self.lexicon.alternatives(word)
            if other.weight >= 0.5
        )

    def _parts(self, word: str) -> Iterator[Concept]:
        whole = self._word(word)
        parts = self._made_of(word)
        if len(parts) == 2:
            yield replace(whole, alternatives=self._composed(word, whole.alternatives, parts))
        else:
            yield whole
        if self.lexicon.known(word):
            parts = [part for part in parts if len(part) > 1 or part in NEGATIONS]
        part_weight = WRITTEN_OUT if word in self.vocabulary else WORD_PART_WEIGHT
        for concept in self._each(parts):
            yield replace(concept, weight=concept.weight * part_weight, asked=word)

    def _each(self, parts: Sequence[str]) -> Iterator[Concept]:
        """What a negation stands before is negated."""
        negation = ""
        for part in parts:
            if negation and len(part) > 1:
                yield self._negated(negation, part)
            elif part not in STOPWORDS and part not in NEGATIONS:
                yield self._word(part)
            negation = part if part in NEGATIONS else ""

    def _made_of(self, word: str) -> list[str]:
        """What an unknown word is made of, and one that jieba does not know: those of our glossary are long."""
        if len(word) < 2:
            return []
        if not self.lexicon.known(word):
            return list(split(word, self.lexicon))
        pieces = self.words.pieces(word)
        return pieces if len(pieces) > 1 else []

    def _composed(self, word: str, whole: tuple[Alternative, ...], parts: Sequence[str]) -> tuple[Alternative, ...]:
        key = f"{word}+"
        if not (called := self.vocabulary.read.get(key)):
            found = _WeightedTerms({other.terms: other.weight for other in whole})
            for other in together([self._word(part).alternatives for part in parts]):
                found.add(other.terms, other.weight)
            for name in prefixed(word, self.lexicon):
                found.add(name, TOGETHER)
            called = self.vocabulary.read[key] = found.alternatives(self.vocabulary)
        return called

    def _word(self, word: str) -> Concept:
        if not (called := self.vocabulary.read.get(word)):
            found = _WeightedTerms({(word,): 1.0})
            if len(word) > 1:
                found.add((self.lexicon.sound(word),), PINYIN_WEIGHT)
            if len(word) > 1 and CHINESE_COUNT.fullmatch(word):
                found.add((str(parse_numeral(word)),), 1.0)
            self._translate(found, word, 1.0)
            called = self.vocabulary.read[word] = found.alternatives(self.vocabulary)
        return Concept(word, called, 1.0 if len(word) > 1 else lone_weight(self.lexicon.frequency(word)), word)


class _WeightedTerms(dict[tuple[str, ...], float]):
    def add(self, terms: tuple[str, ...], weight: float) -> None:
        if weight > self.get(terms, 0):
            self[terms] = weight

    def alternatives(self, vocabulary: TermDictionary) -> tuple[Alternative, ...]:
        """The likeliest of those that the corpus has; what was added first stays, whether or not it has that."""
        there = vocabulary.present({term for terms in self for term in terms})
        first, *others = self.items()
        met = [other for other in others if there.issuperset(other[0])]
        met.sort(key=lambda other: (-other[1], other[0]))
        return tuple(map(Alternative._make, (first, *met[: MAX_ALTERNATIVES - 1])))


def _measured(runs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The runs, with what measures a number (亿, 月, billion) made part of it; the 年 of a year says nothing more."""
    number = ""
    for kind, run in [*runs, ("end", "")]:
        measured = MEASURE_WORD.match(run) if number else None
        measure = measured[0] if measured else ""
        if number:
            yield "number", f"{number}{' ' if kind == 'word' else ''}{measure.removeprefix('年')}".strip()
        number = run if kind == "number" else ""
        if not number and (rest := run[len(measure) :]):
            yield kind, rest


def _amount(written: str) -> Concept:
    """A number as a text may have it; measured, it is another amount than the bare one."""
    bare = re.match(r"[\d.,]+", written)
    digits = (bare[0] if bare else written).replace(",", "")
    amounts = [(amount,) for amount in find_quantities(written) if len(amount) > 3]
    names = [Alternative(terms, 1.0) for terms in amounts] + [
        Alternative((digits,), BARE_NUMBER_WEIGHT if amounts else 1.0)
    ]
    return Concept(written if amounts else digits, tuple(names), asked=written)


def _literal(token: str) -> Concept:
    return Concept(token, (Alternative((token,), 1.0),))
