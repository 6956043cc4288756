"""A corpus of any size, made up: English and Chinese words drawn as often as languages draw them (Zipf 1935).

Chinese words come with jieba's own counts; English ones from CC-CEDICT's glosses, the commonest there the commonest
here. Beyond them stand made-up names, so that the vocabulary grows with the corpus. Every word is tokenised once, by
the analyser itself; corpora are kept in benchmarks/.cache.
"""

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.administration.ingestion import analyzer_fingerprint
from retrieval.language import dictionary_builder
from retrieval.language.dictionary_builder import _senses, _word_counts
from retrieval.language.fingerprints import fingerprint
from retrieval.language.han import HAN
from retrieval.language.lexicon import Lexicon
from retrieval.language.tokenizer import Tokenizer
from retrieval.model.documents import BEIJING, Document, Outlet, Point, document_id, point_id
from retrieval.semantic.encoder import Encoder
from retrieval.semantic.vector_store import VectorStore
from retrieval.storage.corpus import Corpus
from retrieval.storage.schema import PointTokens, Tokens

VERSION = 2  # raised whenever other texts are made up
CACHE = Path(__file__).parent / ".cache"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
POINTS = 10  # of one document
CHINESE = 0.15  # share of documents
LENGTH = 36, 8  # words of a point: mean and deviation
FIGURES = 0.03  # share of words
NAMES = 0.02  # share of words
BATCH = 500  # documents, or vectors, added at once
ENCODED_POINTS = 2_000  # whose vectors, with noise, are all points'
VECTOR_NOISE = 0.02  # in each of 512 numbers: half as long as the vector itself
SYLLABLES = re.findall(
    "[a-z]+",
    "ba bei bo chang chun da dong fang fei gang guo hai han hua jia jin kang lan li long mei ning ping qing rui san "
    "shan tai tian wei xin yuan zhong zhu",
)


@dataclass(frozen=True)
class Language:
    """Words with their tokens and how likely each is."""

    words: list[str]
    tokens: list[str]
    sums: NDArray[np.float64]
    space: str

    def draw(self, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        return np.minimum(np.searchsorted(self.sums, rng.random(count)), len(self.words) - 1)


def languages() -> tuple[Language, Language]:
    CACHE.mkdir(exist_ok=True)
    lexicon = Lexicon(CACHE / "lexicon.bin", print)
    analyser = Tokenizer(CACHE, lexicon.joined)
    counts, *_ = _word_counts()
    chinese = {word: count for word, count in counts.items() if re.fullmatch(f"[{HAN}]{{1,4}}", word) and count > 2}
    glosses = Counter(
        word
        for _, senses in _senses(defaultdict(set), set())
        for sense in senses
        for word in re.findall("[a-z]{1,14}", re.sub(r"\[.*?\]", "", sense.lower()))
    )
    common = ["the", "of", "and", "to", "in", "a", "is", "for", "that", "with", "on", "by", "as", "are"]
    ranked = common + [word for word, count in glosses.most_common() if word not in common and count > 1]
    english = {word: 1e9 / (rank + 2.7) for rank, word in enumerate(ranked)}
    made = _language(english, " ", analyser), _language(chinese, "", analyser)
    lexicon.close()
    return made


def folder(size: int) -> Path:
    """A data folder with a corpus of `size` points, and in tokens.txt those of each; made where it is not there."""
    path = CACHE / str(size)
    if not (path / f"complete-{VERSION}").exists():
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        corpus = Corpus(path / "corpus.db")
        with (path / "tokens.txt").open("w", encoding="utf-8") as lines:
            for batch in batches(size, languages(), seed=size):
                add(corpus, batch)
                lines.writelines(f"{point.text}\n" for _, tokens in batch for point in tokens.points)
        corpus.close()
        (path / f"complete-{VERSION}").touch()
    with closing(Corpus(path / "corpus.db")) as corpus:
        _call_current(corpus)
    if not dictionary_builder.is_current(path / "lexicon.bin"):
        dictionary_builder.build(CACHE / "lexicon.bin")
        shutil.copy(CACHE / "lexicon.bin", path)
    return path


def folder_with_vectors(size: int, encoder: Encoder) -> Path:
    """As `folder`, with a vector for each point: an encoded text's, with noise, since encoding all takes minutes."""
    path, made = CACHE / f"{size}-vectors", folder(size)
    if not (path / f"complete-{VERSION}").exists():
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(made, path, ignore=shutil.ignore_patterns("complete-*", "tokens.txt", "bm25s", "index"))
        with closing(VectorStore(path / "corpus.db", encoder)) as vectors:
            _add_vectors(vectors, np.random.default_rng(size))
        (path / f"complete-{VERSION}").touch()
    with closing(Corpus(path / "corpus.db")) as corpus:
        _call_current(corpus)
    shutil.copy(made / "lexicon.bin", path)
    return path


def _add_vectors(vectors: VectorStore, rng: np.random.Generator) -> None:
    points = vectors.lacking(ENCODED_POINTS)
    encoded = vectors.encoder.encode([point.passage for point in points])
    chinese = np.array([point.chinese for point in points])
    while points := vectors.lacking(BATCH):
        bases = np.stack([encoded[rng.choice(np.flatnonzero(chinese == point.chinese))] for point in points])
        noisy = bases + rng.normal(0, VECTOR_NOISE, bases.shape)
        noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
        vectors.put(points, list(noisy.astype(np.float32)[:, None]))


def _call_current(corpus: Corpus) -> None:
    """What is made up has its tokens already: they are not to be made anew, whatever the analyser is by now."""
    if corpus.fingerprint() != analyzer_fingerprint():
        with corpus._transaction() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('fingerprint', ?)", [analyzer_fingerprint()])


def add(corpus: Corpus, batch: list[tuple[Document, Tokens]]) -> None:
    tokens = {document.id: tokens for document, tokens in batch}
    corpus.add([document for document, _ in batch], lambda document: tokens[document.id])


def batches(size: int, languages: tuple[Language, Language], seed: int) -> Iterator[list[tuple[Document, Tokens]]]:
    rng = np.random.default_rng(seed)
    batch = []
    for number in range(size // POINTS):
        batch.append(document(f"{seed}-{number}", languages[int(rng.random() < CHINESE)], rng))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def document(name: str, language: Language, rng: np.random.Generator) -> tuple[Document, Tokens]:
    lengths = [8, *np.maximum(rng.normal(*LENGTH, POINTS).astype(int), 5).tolist()]
    drawn = language.draw(sum(lengths), rng).tolist()
    special = rng.random(len(drawn))
    texts, tokens, at = [], [], 0
    for length in lengths:
        chosen = drawn[at : at + length]
        written, cut = [language.words[n] for n in chosen], [language.tokens[n] for n in chosen]
        for n in np.flatnonzero(special[at : at + length] < FIGURES + NAMES).tolist():
            written[n] = cut[n] = _name(rng) if special[at + n] < NAMES else str(int(rng.pareto(0.5) * 10) % 10**6)
        texts.append(language.space.join(written))
        tokens.append(" ".join(cut))
        at += length
    published = datetime(2025, 1, 1, tzinfo=BEIJING) + timedelta(minutes=int(rng.integers(0, 500_000)))
    title = f"{texts[0]} {name}"
    id = document_id("经济日报", title, published)
    points = tuple(Point(point_id(id, text), text, "Group 1", (n + 1,)) for n, text in enumerate(texts[1:]))
    made = Tokens(
        tokens[0],
        tuple(
            PointTokens(cut, "group 1", fingerprint(text).to_text())
            for text, cut in zip(texts[1:], tokens[1:], strict=True)
        ),
    )
    return Document(id, title, Outlet("经济日报"), published, (f"topic {int(name[-1])}",), None, points), made


def plain(count: int, languages: tuple[Language, Language], seed: int = 1) -> list[str]:
    """Questions of 3 to 8 English words, as common as they are in the texts, stop words among them."""
    rng = np.random.default_rng(seed)
    return [
        " ".join(languages[0].words[n] for n in languages[0].draw(int(rng.integers(3, 9)), rng)) for _ in range(count)
    ]


def of_words(words: int, count: int, language: Language, seed: int = 1) -> list[str]:
    """Questions of so many words."""
    rng = np.random.default_rng(seed)
    return [language.space.join(language.words[n] for n in language.draw(words, rng)) for _ in range(count)]


def _language(counts: dict[str, float] | dict[str, int], space: str, analyser: Tokenizer) -> Language:
    listed = list(counts)
    weights = np.array(list(counts.values()), np.float64)
    tokens = [" ".join(analyser.tokens(word)) or word for word in listed]
    return Language(listed, tokens, np.cumsum(weights) / weights.sum(), space)


def _name(rng: np.random.Generator) -> str:
    """A made-up name, few of them common."""
    number = int(rng.pareto(0.7) * 50) % 3_000_000
    name = ""
    while number or not name:
        number, syllable = divmod(number, len(SYLLABLES))
        name += SYLLABLES[syllable]
    return f"{name}x"
