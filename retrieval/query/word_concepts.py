"""Word concepts: a word of a question to concepts, by the lexicon and by the words of the corpus."""

from collections.abc import Iterable, Iterator, Sequence

from retrieval.index.term_dictionary import TermDictionary
from retrieval.language.han import has_han
from retrieval.language.lexicon import Alternative, Lexicon, as_alternative
from retrieval.language.quantities import CHINESE_COUNT, parse_numeral
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import Tokenizer, stem
from retrieval.query.compounds import COMPOSED_WEIGHT, character_weight, compose, prefixed_names, split
from retrieval.query.concepts import MAX_ALTERNATIVES, Concept, WeightedTerms

NEGATIONS = {"未": "un not", "非": "non un", "不": "un in dis non", "无": "un non", "反": "anti"}
WORD_PART_WEIGHT = 0.7  # of a part of a word that the lexicon lacks
PRESENT_WORD_PART_WEIGHT = 0.35  # likewise, if some text has the whole word as it was asked
MIN_CORPUS_FREQUENCY = 1_000  # in 60 million words, that a word of the corpus counts as having at least
PINYIN_WEIGHT = 0.9  # of a Chinese word's spelling as a name


class WordConcepts:
    def __init__(self, words: Tokenizer, lexicon: Lexicon, vocabulary: TermDictionary) -> None:
        self._tokenizer, self._lexicon, self._vocabulary = words, lexicon, vocabulary

    def word(self, word: str) -> Concept:
        if not (called := self._vocabulary.alternatives.get(word)):
            found = WeightedTerms({(word,): 1.0})
            if len(word) > 1:
                found.add((self._lexicon.pinyin(word),), PINYIN_WEIGHT)
            if len(word) > 1 and CHINESE_COUNT.fullmatch(word):
                found.add((str(parse_numeral(word)),), 1.0)
            self.translate(found, word, 1.0)
            called = self._vocabulary.alternatives[word] = found.alternatives(self._vocabulary)
        return Concept(word, called, 1.0 if len(word) > 1 else character_weight(self._lexicon.frequency(word)), word)

    def compound(
        self, pieces: Sequence[str], names: Iterable[Alternative], share: float = 1.0, part_weight: float = 1.0
    ) -> Iterator[Concept]:
        """Several pieces as one word with these names, and its parts, whose weights are multiplied by `part_weight`."""
        word = "".join(pieces)
        found = WeightedTerms({(word,): 1.0})
        for name in names:
            found.add(name.terms, share * name.weight)
        yield Concept(word, found.alternatives(self._vocabulary), asked=word)
        for piece in pieces:
            concept = self.word(piece)
            yield concept._replace(weight=concept.weight * part_weight, asked=word)

    def parts(self, word: str) -> tuple[Concept, ...]:
        """The word and its parts, with their neighbours; found out once for this corpus."""
        if not (known := self._vocabulary.parts.get(word)):
            known = self._vocabulary.parts[word] = tuple(map(self.with_neighbours, self._parts(word)))
        return known

    def _parts(self, word: str) -> Iterator[Concept]:
        whole, is_known = self.word(word), self._lexicon.known(word)
        parts = self._word_parts(word, is_known=is_known)
        if len(parts) == 2:
            yield whole._replace(alternatives=self._with_composed(word, whole.alternatives, parts))
        else:
            yield whole
        if is_known:
            parts = [part for part in parts if len(part) > 1 or part in NEGATIONS]
        part_weight = PRESENT_WORD_PART_WEIGHT if word in self._vocabulary else WORD_PART_WEIGHT
        for concept in self._part_concepts(parts):
            yield concept._replace(weight=concept.weight * part_weight, asked=word)

    def _part_concepts(self, parts: Sequence[str]) -> Iterator[Concept]:
        """A part behind a negation is negated."""
        negation = ""
        for part in parts:
            if negation and len(part) > 1:
                yield self.negated(negation, part)
            elif part not in STOPWORDS and part not in NEGATIONS:
                yield self.word(part)
            negation = part if part in NEGATIONS else ""

    def _word_parts(self, word: str, *, is_known: bool) -> list[str]:
        """The parts of a word that the lexicon or jieba lacks: the words of our glossary are long."""
        if len(word) < 2:
            return []
        if not is_known:
            return list(split(word, self._lexicon))
        pieces = self._tokenizer.pieces(word)
        return pieces if len(pieces) > 1 else []

    def _with_composed(
        self, word: str, whole: tuple[Alternative, ...], parts: Sequence[str]
    ) -> tuple[Alternative, ...]:
        found = WeightedTerms({whole[0].terms: whole[0].weight})
        found.add_ranked(whole[1:])
        for other in compose([self.word(part).alternatives for part in parts]):
            found.add(other.terms, other.weight)
        for name in prefixed_names(word, self._lexicon):
            found.add(name, COMPOSED_WEIGHT)
        return found.alternatives(self._vocabulary)

    def negated(self, prefix: str, word: str) -> Concept:
        found = WeightedTerms({(prefix + word,): 1.0, (prefix, word): 1.0})
        for other in self._lexicon.alternatives(word):
            if len(other.terms) == 1 and not has_han(other.terms[0]):
                for sign in NEGATIONS[prefix].split():
                    found.add((sign + other.terms[0],), other.weight)
                    found.add((sign, other.terms[0]), other.weight)
        return Concept(prefix + word, found.alternatives(self._vocabulary))

    def translate(self, found: WeightedTerms, word: str, share: float) -> None:
        """Add a word's translations that occur in the corpus, and synonyms found by translating these back."""
        vocabulary = self._vocabulary
        present = vocabulary.names_present(self._lexicon.open())
        most = wanted = MAX_ALTERNATIVES + 1  # the word itself and its sound may be among the likeliest
        names = present.of(word, share, most)
        while len(living := vocabulary.living(names)) < wanted and len(names) == most:
            most *= 2
            names = present.of(word, share, most)
        found.add_ranked(living[:wanted])

    def with_neighbours(self, concept: Concept) -> Concept:
        if concept.asked is None or concept.neighbours:
            return concept
        word = concept.word if has_han(concept.word) else stem(concept.word)
        if (known := self._vocabulary.neighbours.get(word)) is None:
            near = self._vocabulary.neighbours_present(self._lexicon.neighbours)
            found = () if self._lexicon.is_name(word) else near.of(word)
            known = tuple([as_alternative(((term,), weight)) for term, weight in found])
            self._vocabulary.neighbours[word] = known
        return concept._replace(neighbours=known) if known else concept

    def expected_frequency(self, word: str) -> int:
        """How often to expect a word in a question; a word of the corpus counts at least as a rare one."""
        if word in self._vocabulary:
            return max(self._lexicon.frequency(word), MIN_CORPUS_FREQUENCY)
        return self._lexicon.frequency(word) + 1 if self.occurs(word) else 0

    def occurs(self, word: str) -> bool:
        """Whether the corpus has the Chinese word or a good translation of it."""
        return word in self._vocabulary or any(
            all(term in self._vocabulary for term in other.terms)
            for other in self._lexicon.alternatives(word)
            if other.weight >= 0.5
        )
