"""The data folder looked after: is all of it whole, does it fit together, and a copy of it while it is in use."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from retrieval.formats import jsonl, reader
from retrieval.index.snapshot_store import MANIFEST, load
from retrieval.language import dictionary_builder
from retrieval.model.documents import Document
from retrieval.storage.corpus import Corpus, keep_written, list_sources
from retrieval.storage.removals import Removals

DATABASE_FILES = ("corpus.db", "bot.db")
OTHER_FILES = (
    "aliases.tsv",
    "removed.txt",
    "first_seen.tsv",
    "pseudonyms.key",
)  # small files that cannot be made again
BACKUP_PAGES = 2_000  # of a database copied at once; writers wait no longer than that takes
DANGLING_QUERIES = {
    "points of no document": "points WHERE document NOT IN (SELECT key FROM documents)",
    "topics of no document": "topics WHERE document NOT IN (SELECT key FROM documents)",
    "tokens of no point": "tokens WHERE point NOT IN (SELECT key FROM points)",
    "titles of no document": "titles WHERE document NOT IN (SELECT key FROM documents)",
    "vectors of no point": "vectors WHERE id NOT IN (SELECT id FROM points)",
}
INCOMPLETE_QUERIES = {
    "points without tokens": "points WHERE key NOT IN (SELECT point FROM tokens)",
    "documents without a title's tokens": "documents WHERE key NOT IN (SELECT document FROM titles)",
}


@dataclass(frozen=True, slots=True)
class CorpusProblem:
    """What is wrong and what to do, or, where `mended`, what was done."""

    text: str
    mended: bool = False


def check(data: Path, *, fix: bool = False) -> Iterator[CorpusProblem]:
    """Everything that can be told to be wrong with a data folder; with `fix`, what can be mended is.

    A bot may go on with its work meanwhile.
    """
    whole = True
    for name in DATABASE_FILES:
        if (path := data / name).exists():
            for problem in _damage(path):
                whole = False
                yield problem
    if whole and (data / "corpus.db").exists():
        yield from _dangling(data / "corpus.db", fix)
        yield from _removed(data, fix)
        yield from index(data, fix=fix)
        yield from _sources(data, fix)
    lexicon = data / "lexicon.db"
    if lexicon.exists() and not dictionary_builder.is_current(lexicon):
        yield CorpusProblem("lexicon.db is of other sources; it is compiled anew when a question needs it")


def _damage(path: Path) -> Iterator[CorpusProblem]:
    remedy = "restore it from a backup" if path.name == "bot.db" else "delete it, and it is made anew from sources/"
    try:
        with closing(_read_only(path)) as db:
            found = [row[0] for row in db.execute("PRAGMA integrity_check(5)")]
            if found != ["ok"]:
                yield CorpusProblem(f"{path.name} is damaged ({found[0]}); {remedy}")
            elif path.name != "corpus.db" and (wrong := db.execute("PRAGMA foreign_key_check").fetchall()):
                yield CorpusProblem(f"{path.name} has {len(wrong)} rows that refer to nothing; {remedy}")
    except sqlite3.DatabaseError as error:
        yield CorpusProblem(f"{path.name} cannot be read ({error}); {remedy}")


def _dangling(path: Path, fix: bool) -> Iterator[CorpusProblem]:
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as db:
        for what, where in DANGLING_QUERIES.items():
            if count := db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]:
                if fix:
                    db.execute(f"DELETE FROM {where}")
                yield CorpusProblem(f"corpus.db: {count} {what}", fix)
        for what, where in INCOMPLETE_QUERIES.items():
            if count := db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]:
                if fix:  # without a fingerprint all tokens are made anew when the corpus is opened next
                    db.execute("DELETE FROM meta WHERE name = 'fingerprint'")
                yield CorpusProblem(f"corpus.db: {count} {what}", fix)


def _removed(data: Path, fix: bool) -> Iterator[CorpusProblem]:
    """What is to stay out stands in a file and in the corpus; a kill between the two leaves it in one."""
    removals = Removals(data / "removed.txt")
    listed = set(removals.ids())
    with closing(Corpus(data / "corpus.db")) as corpus:
        standing = [id for id in listed if corpus.document(id)]
        unlisted = corpus.left_out() - listed
        if standing:
            if fix:
                corpus.remove(standing)
            yield CorpusProblem(f"corpus.db: {len(standing)} documents stand there that were removed", fix)
    if unlisted:
        if fix:
            removals.add(sorted(unlisted))
        yield CorpusProblem(f"removed.txt: {len(unlisted)} documents are missing that were removed", fix)


def index(data: Path, *, fix: bool = False) -> Iterator[CorpusProblem]:
    """Whether what was saved of the index is of this corpus; the next start makes it anew where it is not."""
    folder = data / "index"
    if not (folder / MANIFEST).exists():
        return
    with closing(Corpus(data / "corpus.db")) as corpus:
        if load(folder, corpus, None) is None:
            if fix:
                shutil.rmtree(folder, ignore_errors=True)
            yield CorpusProblem(
                "index/ is damaged or of another corpus; it is made anew when the corpus is opened next", fix
            )


def _sources(data: Path, fix: bool) -> Iterator[CorpusProblem]:
    """A corpus made anew from its sources is to have all that this one has."""
    folder = data / "sources"
    kept: set[str] = set()
    for path in list_sources(folder):
        kept |= {found.id for found in reader.read(path) if isinstance(found, Document)}
    with closing(Corpus(data / "corpus.db")) as corpus:
        lost = [document for document in corpus.recent(-1) if document.id not in kept]
    if lost:
        if fix:
            folder.mkdir(parents=True, exist_ok=True)
            keep_written("".join(f"{jsonl.to_json(document)}\n" for document in lost), "found.jsonl", folder)
        yield CorpusProblem(f"sources/: {len(lost)} documents of the corpus stand in no source", fix)
    if folder.exists() and (halves := [path for path in folder.glob(".*") if path.is_file()]):
        if fix:
            for path in halves:
                with suppress(OSError):
                    path.unlink()
        yield CorpusProblem(f"sources/: {len(halves)} copies that were never completed", fix)


def backup(data: Path, into: Path, now: datetime) -> Path:
    """A folder in `into` with copies of all that cannot be made again, complete or not there; the bot may run on."""
    into.mkdir(parents=True, exist_ok=True)
    done = into / f"zhidian-{now:%Y%m%d-%H%M%S}"
    aside = into / f".{done.name}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    for name in DATABASE_FILES:
        if (data / name).exists():
            with closing(_read_only(data / name)) as db, closing(sqlite3.connect(aside / name)) as copy:
                db.backup(copy, pages=BACKUP_PAGES)
    if (data / "sources").exists():
        shutil.copytree(data / "sources", aside / "sources", ignore=shutil.ignore_patterns(".*"))
    for name in OTHER_FILES:
        if (data / name).exists():
            shutil.copy2(data / name, aside)
    aside.replace(done)
    return done


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
