"""The query analyzer: a question to concepts, each with its alternatives that occur in the corpus."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from retrieval.index.term_dictionary import TermDictionary
from retrieval.language import answer_types
from retrieval.language.aliases import Aliases
from retrieval.language.dictionary_builder import MAX_PHRASE_WORDS
from retrieval.language.han import has_han
from retrieval.language.lexicon import Alternative, Lexicon
from retrieval.language.quantities import SPELT_AMOUNT, find_quantities
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import Tokenizer, are_lone_characters, normalize_question, split_runs, stem
from retrieval.model.results import Correction
from retrieval.query.compounds import LONE_CHARACTER_WEIGHT, adjacent_pairs, foreign_name_length
from retrieval.query.concepts import (
    AnalyzedQuery,
    Concept,
    WeightedTerms,
    amount_concept,
    join_measures,
    literal_concept,
)
from retrieval.query.spelling import (
    MAX_SYLLABLE_LETTERS,
    intended_word,
    is_derived,
    is_person,
    nearest_term,
    nearest_written,
    read_pinyin,
    syllables,
)
from retrieval.query.word_concepts import NEGATIONS, PINYIN_WEIGHT, WordConcepts

ANSWER_TYPE_WEIGHT = 2.0  # types stand in a point's context, which counts half
ADJACENT_PART_WEIGHT = 0.3  # of each of several characters that some text has side by side
# 'how many of them', 'one of them': a measure word with a question word or a one
COUNTED_NOUN = re.compile(
    r"(?:多少|好多|几|一|这|那|哪|每|某|第几)(?:[个家次种项位名条座款台副片张件份套所间届批类只架辆艘头块层门道口]|钱|成)"
)
DERIVED_WEIGHT = 0.5  # of a word of the corpus with the same beginning (subsidise, subsidies)
PHRASE_WEIGHT = 0.5  # of several English words that the dictionary has together, beside each of them
CORRECTION_WEIGHT = 0.9  # of the word that a misspelt one is read as


class QueryAnalyzer:
    """`is_written` says whether the corpus has these characters side by side, in whatever words: they are no slip.

    `text_counts` says, for each of these terms, roughly how many texts have it.
    """

    def __init__(
        self,
        words: Tokenizer,
        lexicon: Lexicon,
        aliases: Aliases,
        vocabulary: TermDictionary,
        is_written: Callable[[str], bool] = lambda _: False,
        text_counts: Callable[[Sequence[str]], Sequence[float]] = lambda terms: [1.0] * len(terms),
    ) -> None:
        self._is_written, self._text_counts = is_written, text_counts
        self.words, self.lexicon, self.aliases, self.vocabulary = words, lexicon, aliases, vocabulary
        self.corrections: list[Correction] = []
        self._concepts = WordConcepts(words, lexicon, vocabulary)

    def analyze(self, text: str) -> AnalyzedQuery:
        self.corrections = []
        quantity = answer_types.ASKS_QUANTITY.search(normalize_question(text)) is not None
        concepts = tuple(map(self._concepts.with_neighbours, self.concepts(text)))
        return AnalyzedQuery(concepts, tuple(self.corrections), quantity)

    def concepts(self, text: str) -> list[Concept]:
        text = normalize_question(text)
        found: list[Concept] = []
        for alias in self.aliases.find(text):
            names = (Alternative(self.words.terms(name), 1.0) for name in alias.names)
            word = text[alias.start : alias.end]
            found.append(Concept(word, tuple(name for name in names if name.terms), asked=word))
            text = text[: alias.start] + " " * len(word) + text[alias.end :]
        for spelt in SPELT_AMOUNT.finditer(text):
            found.append(amount_concept(spelt[0]))
            text = text[: spelt.start()] + " " * len(spelt[0]) + text[spelt.end() :]
        english: list[str] = []
        for kind, run in [*join_measures(split_runs(text)), ("end", "")]:
            if kind == "word":
                english.append(run)
                continue
            if english:
                found += self._latin(english)
                english = []
            if kind == "han":
                found += self._chinese(run)
            elif kind == "number":
                found.append(amount_concept(run))
        found += [literal_concept(quantity) for quantity in find_quantities(text)]
        if found:
            types = answer_types.expected_answer_types(text)
            found += [literal_concept(kind)._replace(weight=ANSWER_TYPE_WEIGHT) for kind in types]
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
                    yield literal_concept(spelt.letters)._replace(asked=spelt.letters)
            return
        content = [word for word in run if word not in STOPWORDS]
        for word in content:
            yield self._english(word)
        stems = [stem(word) for word in content]
        spans = [
            (at, at + n) for n in range(min(MAX_PHRASE_WORDS, len(stems)), 1, -1) for at in range(len(stems) - n + 1)
        ]
        known = self.lexicon.phrases(tuple(stems), MAX_PHRASE_WORDS)
        for begin, end in spans:
            phrase = " ".join(stems[begin:end])
            if phrase in known and (others := self.lexicon.alternatives(phrase)):
                names = (Alternative(tuple(stems[begin:end]), 1.0), *others)
                yield Concept(" ".join(content[begin:end]), names, PHRASE_WEIGHT)

    def _is_english(self, word: str) -> bool:
        """A word of the corpus, or a long one of the dictionary that is not the pinyin of its translation (huairou)."""
        if word in STOPWORDS or (root := stem(word)) in self.vocabulary:
            return True
        if len(word) <= MAX_SYLLABLE_LETTERS or not (others := self.lexicon.alternatives(root)):
            return False
        return all(self.lexicon.pinyin(term) != word for other in others for term in other.terms if has_han(term))

    def _pinyin(self, letters: str, words: Sequence[tuple[str, float]]) -> Concept:
        found = WeightedTerms({(letters,): PINYIN_WEIGHT})
        for word, share in words:
            for alternative in self._concepts.word(word).alternatives:
                found.add(alternative.terms, alternative.weight * share**0.5)
        lone = all(len(word) == 1 for word, _ in words)
        read = next((word for word, _ in words if self._concepts.occurs(word)), words[0][0])
        return Concept(
            letters, found.alternatives(self.vocabulary), LONE_CHARACTER_WEIGHT if lone else 1.0, letters, read
        )

    def _english(self, run: str) -> Concept:
        root = stem(run)
        if known := self.vocabulary.alternatives.get(root):
            return Concept(run, known, asked=run)
        found = WeightedTerms({(root,): 1.0})
        unknown = root not in self.vocabulary and not self.lexicon.alternatives(root)
        read = self._found_once((run,), partial(self._meant, run, root)) if unknown else ""
        if read:
            self.corrections.append(Correction(run, read))
            root = read
            found.add((root,), 0.9)
        self._concepts.translate(found, root, 0.9)
        if len(root) >= 5:
            derived = self.vocabulary.with_prefix(root[: max(5, len(root) - 2)], len(root) + 4)
            for term in derived:
                found.add_present((term,), DERIVED_WEIGHT)
        called = found.alternatives(self.vocabulary)
        if not unknown:  # else another word of this stem may be a slip where this one is none, or the other way round
            self.vocabulary.alternatives[root] = called
        return Concept(run, called, asked=run)

    def _meant(self, run: str, root: str) -> str | None:
        """The stem that an unknown word is a slip of."""
        if is_derived(run, self.vocabulary):
            return None
        is_pinyin = syllables(run, self.lexicon) is not None
        if not is_pinyin and (read := nearest_written(run, self.vocabulary, self._text_counts)):
            return read
        # the -ing of pinyin is no ending: shaoqing is no shao
        return None if is_pinyin and root != run else nearest_term(root, self.vocabulary)

    def _chinese(self, run: str) -> Iterator[Concept]:
        pieces = self.words.segment(run)
        at = 0
        while at < len(pieces):
            piece, following = pieces[at], pieces[at + 1] if at + 1 < len(pieces) else ""
            if piece in NEGATIONS and len(following) > 1:
                yield self._concepts.negated(piece, following)
            if end := self._adjacent_end(pieces, at):
                names = [Alternative(adjacent_pairs(pieces[at:end]), 1.0)]
                yield from self._concepts.compound(pieces[at:end], names, part_weight=ADJACENT_PART_WEIGHT)
            elif slip := self._slip(pieces, at):
                end, read = slip
                self.corrections.append(Correction("".join(pieces[at:end]), read))
                yield from self._concepts.compound(
                    pieces[at:end], self._concepts.word(read).alternatives, CORRECTION_WEIGHT
                )
            elif length := foreign_name_length(pieces[at:]):
                end = at + length
                yield from self._concepts.compound(pieces[at:end], [Alternative(tuple(pieces[at:end]), 1.0)])
            else:
                end = at + 1
                if piece not in STOPWORDS and not COUNTED_NOUN.fullmatch(piece):
                    yield from self._concepts.parts(piece)
            at = end

    def _adjacent_end(self, pieces: Sequence[str], start: int) -> int:
        """The end of the lone characters from `start` that some text has side by side; 0 if there are none."""
        end = start + 1
        while are_lone_characters(pair := pieces[end - 1 : end + 1]) and "".join(pair) in self.vocabulary:
            end += 1
        return end if end > start + 1 else 0

    def _slip(self, pieces: Sequence[str], start: int) -> tuple[int, str] | None:
        """The end of two to four characters from `start` that are a slip of a known word, and that word."""
        begins_alone = len(pieces[start]) == 1
        for end in range(min(len(pieces), start + 4), start + 1, -1):
            if not (begins_alone or len(pieces[end - 1]) == 1):
                continue
            stretch = pieces[start:end]
            word = "".join(stretch)
            if len(word) <= 4 and STOPWORDS.isdisjoint(stretch) and word not in self.vocabulary:
                read = self._found_once(tuple(stretch), partial(self._likelier, stretch))
                if read and read not in STOPWORDS and not is_person(pieces, start, end) and not self._is_written(word):
                    return end, read
        return None

    def _found_once(self, stretch: tuple[str, ...], find: Callable[[], str | None]) -> str:
        """The word that the stretch is a slip of, found out once for this corpus; '' for none."""
        if (read := self.vocabulary.intended.get(stretch)) is None:
            read = self.vocabulary.intended[stretch] = find() or ""
        return read

    def _likelier(self, stretch: Sequence[str]) -> str | None:
        return intended_word(stretch, self.lexicon, self._concepts.expected_frequency)
