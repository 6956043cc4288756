"""The labelled questions that the order and the verdict are learned from, each over a corpus of its own."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from retrieval.evaluation.gold_questions import GoldQuestion, read_answerable, read_unanswerable
from retrieval.language import dictionary_builder
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.semantic.encoder import Encoder
from tests.test_quality import exchanges

QUALITY = Path("tests/quality")
NOW = datetime(2026, 1, 1, 12, tzinfo=BEIJING)
FOLDS = 5  # parts of which one is left out in turn: of five paragraphs of an article four are there


@dataclass(frozen=True)
class QuestionSet:
    """Questions over what `sources` hold. Sets of one `group` have questions in common: they are left out together."""

    name: str
    group: str
    sources: tuple[Path, ...]
    answerable: tuple[GoldQuestion, ...]
    unanswerable: tuple[GoldQuestion, ...]

    @property
    def near(self) -> bool:
        """Whether its questions have an answer that differs in one thing, or was taken out."""
        return not self.answerable


def quality_sets(scratch: Path) -> Iterator[QuestionSet]:
    """The three of tests/quality; and near misses: their questions with a place, firm, person or year exchanged."""
    for name in ("first", "second", "third"):
        folder = QUALITY if name == "first" else QUALITY / name
        sources = (Path("seeds"), *sorted(QUALITY.glob("*.txt"))) if name == "first" else (folder,)
        answerable = read_answerable(folder / "questions.tsv")
        unanswerable = read_unanswerable(folder / "unanswerable.tsv")
        yield QuestionSet(name, name, sources, tuple(answerable), tuple(unanswerable))
        with opened(sources, scratch, None) as library:
            documents = library.recent(1000)
        others = dict.fromkeys(text for question in answerable for text in exchanges(question, documents))
        exchanged = tuple(GoldQuestion("exchanged", text) for text in others)
        yield QuestionSet(f"{name} exchanged", name, sources, (), exchanged)


def xquad_sets(folder: Path, scratch: Path) -> Iterator[QuestionSet]:
    """XQuAD's questions over its paragraphs in either language; and near misses: the same questions where a fifth of
    the paragraphs is left out, each of those that the left-out ones answer."""
    for language in ("en", "zh"):
        points = folder / f"points.{language}.jsonl"
        paragraphs = points.read_text("utf-8").splitlines()
        asked = {
            f"xquad {other}-{language}": read_answerable(folder / f"questions.{other}-{language}.tsv")
            for other in ("zh", "en")
        }
        for name, questions in asked.items():
            yield QuestionSet(name, "xquad", (points,), tuple(questions), ())
        for fold in range(FOLDS):
            kept = scratch / f"xquad.{language}.without{fold}.jsonl"
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text("".join(f"{p}\n" for n, p in enumerate(paragraphs) if n % FOLDS != fold), "utf-8")
            gone = {point["text"] for p in paragraphs[fold::FOLDS] for point in json.loads(p)["points"]}
            for name, questions in asked.items():
                missed = tuple(replace(question, gold=()) for question in questions if gone.intersection(question.gold))
                yield QuestionSet(f"{name} near", "xquad", (kept,), (), missed)


@contextmanager
def opened(sources: tuple[Path, ...], scratch: Path, encoder: Encoder | None) -> Iterator[Library]:
    """A library with the sources in it and their vectors made; kept in `scratch` for the next time."""
    name = sources[-1].stem + ("" if encoder is None else "-meaning")
    dictionary, data = scratch / "lexicon.bin", scratch / name
    if not dictionary_builder.is_current(dictionary):
        scratch.mkdir(parents=True, exist_ok=True)
        dictionary_builder.build(dictionary)
    if not (data / "lexicon.bin").exists():
        data.mkdir(parents=True, exist_ok=True)
        shutil.copy(dictionary, data)
    library = Library(data, encoder=encoder)
    try:
        if library.is_pristine():
            library.ingest(sources)
        library.embed_missing()
        yield library
    finally:
        library.close()
