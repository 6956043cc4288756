"""Checks, repairs and backups: a data folder goes in, its problems or a copy come out, also while it is in use."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from retrieval.formats import jsonl, reader
from retrieval.index.snapshot_store import MANIFEST, load, verify
from retrieval.language import dictionary_builder
from retrieval.model.documents import Document
from retrieval.runtime.array_file import DamagedFileError
from retrieval.runtime.atomic_file import atomic_write
from retrieval.storage.corpus import Corpus
from retrieval.storage.inspection import read_only
from retrieval.storage.removals import Removals
from retrieval.storage.source_archive import archive_text, list_sources

DATABASE_FILES = ("corpus.db", "bot.db")
OTHER_FILES = (
    "aliases.tsv",
    "topics.jsonl",
    "removed.txt",
    "first_seen.tsv",
    "pseudonyms.key",
)  # that cannot be made again
BACKUP_LIST = "backups.tsv"  # when and where each backup was made
BACKUP_PAGES = 2_000  # of a database, copied at once: writers wait that long
DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
PRIMARY_CODE = 0xFF  # the bits of SQLite's code that say what kind of error it is
DANGLING_QUERIES = {
    "points of no document": "points WHERE document NOT IN (SELECT key FROM documents)",
    "topics of no document": "topics WHERE document NOT IN (SELECT key FROM documents)",
    "tokens of no point": "tokens WHERE point NOT IN (SELECT key FROM points)",
    "gathered topics of no document": "gathered WHERE document NOT IN (SELECT key FROM documents)",
    "revisions of no document": "revisions WHERE document NOT IN (SELECT key FROM documents)",
    "titles of no document": "titles WHERE document NOT IN (SELECT key FROM documents)",
    "vectors of no point": "vectors WHERE id NOT IN (SELECT id FROM points)",
}
INCOMPLETE_QUERIES = {
    "points without tokens": "points WHERE key NOT IN (SELECT point FROM tokens)",
    "documents without a title's tokens": "documents WHERE key NOT IN (SELECT document FROM titles)",
}


@dataclass(frozen=True, slots=True)
class DataProblem:
    """What is wrong and what to do about it; `mended` if `check` repaired it."""

    text: str
    mended: bool = False


def check(data: Path, *, fix: bool = False) -> Iterator[DataProblem]:
    """All problems of a data folder; with `fix`, those that can be repaired are. The bot may run on."""
    intact = True
    for name in DATABASE_FILES:
        if (path := data / name).exists():
            for problem in _check_damage(path):
                intact = False
                yield problem
    if intact and (data / "corpus.db").exists():
        yield from _check_references(data / "corpus.db", fix)
        yield from _check_removals(data, fix)
        yield from check_index(data, fix=fix)
        yield from _check_sources(data, fix)
    lexicon = data / "lexicon.bin"
    if lexicon.exists() and not dictionary_builder.is_current(lexicon):
        yield DataProblem("lexicon.bin is of other sources; it is compiled anew when a question needs it")


def _check_damage(path: Path) -> Iterator[DataProblem]:
    remedy = "restore it from a backup" if path.name == "bot.db" else "delete it, and it is made anew from sources/"
    try:
        with read_only(path) as db:
            answers = [row[0] for row in db.execute("PRAGMA integrity_check(5)")]
            if answers != ["ok"]:
                yield DataProblem(f"{path.name} is damaged ({answers[0]}); {remedy}")
            elif path.name != "corpus.db" and (wrong := db.execute("PRAGMA foreign_key_check").fetchall()):
                yield DataProblem(f"{path.name} has {len(wrong)} rows that refer to nothing; {remedy}")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & PRIMARY_CODE not in DAMAGE_CODES:
            remedy = "it may be sound: check it as a user who may write to its folder, while no program locks it"
        yield DataProblem(f"{path.name} cannot be read ({error}); {remedy}")


def _check_references(path: Path, fix: bool) -> Iterator[DataProblem]:
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as db:
        for what, where in DANGLING_QUERIES.items():
            if count := db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]:
                if fix:
                    db.execute(f"DELETE FROM {where}")
                yield DataProblem(f"corpus.db: {count} {what}", fix)
        for what, where in INCOMPLETE_QUERIES.items():
            if count := db.execute(f"SELECT count(*) FROM {where}").fetchone()[0]:
                if fix:  # without a fingerprint, all tokens are made anew when the corpus is opened next
                    db.execute("DELETE FROM meta WHERE name = 'fingerprint'")
                yield DataProblem(f"corpus.db: {count} {what}", fix)


def _check_removals(data: Path, fix: bool) -> Iterator[DataProblem]:
    """Removals are kept in a file and in the corpus; a kill between the two writes leaves them in one."""
    removals = Removals(data / "removed.txt")
    listed = set(removals.ids())
    with closing(Corpus(data / "corpus.db")) as corpus:
        standing = [id for id in listed if corpus.document(id)]
        unlisted = corpus.removed_ids() - listed
        if standing:
            if fix:
                corpus.remove(standing)
            yield DataProblem(f"corpus.db: {len(standing)} documents stand there that were removed", fix)
    if unlisted:
        if fix:
            removals.add(sorted(unlisted))
        yield DataProblem(f"removed.txt: {len(unlisted)} documents are missing that were removed", fix)


def check_index(data: Path, *, fix: bool = False) -> Iterator[DataProblem]:
    """Whether the saved index belongs to this corpus; the next start rebuilds it if not."""
    folder = data / "index"
    if not (folder / MANIFEST).exists():
        return
    with closing(Corpus(data / "corpus.db")) as corpus:
        if not _is_sound(folder, corpus):
            if fix:
                shutil.rmtree(folder, ignore_errors=True)
            yield DataProblem(
                "index/ is damaged or of another corpus; it is made anew when the corpus is opened next", fix
            )


def _is_sound(index: Path, corpus: Corpus) -> bool:
    version = corpus.version()
    try:
        if snapshot := load(index, corpus, version):
            verify(snapshot, corpus)
            return True
    except DamagedFileError:
        pass
    return False


def _check_sources(data: Path, fix: bool) -> Iterator[DataProblem]:
    """A corpus rebuilt from its sources must have all that this one has."""
    folder = data / "sources"
    archived: set[str] = set()
    for path in list_sources(folder):
        archived |= {parsed.id for parsed in reader.read(path) if isinstance(parsed, Document)}
    with closing(Corpus(data / "corpus.db")) as corpus:
        lost = [document for document in corpus.recent(-1) if document.id not in archived]
    if lost:
        if fix:
            folder.mkdir(parents=True, exist_ok=True)
            archive_text("".join(f"{jsonl.to_json(document)}\n" for document in lost), "found.jsonl", folder)
        yield DataProblem(f"sources/: {len(lost)} documents of the corpus stand in no source", fix)
    if folder.exists() and (halves := [path for path in folder.glob(".*") if path.is_file()]):
        if fix:
            for path in halves:
                with suppress(OSError):
                    path.unlink()
        yield DataProblem(f"sources/: {len(halves)} copies that were never completed", fix)


def backup(data: Path, into: Path, now: datetime) -> Path:
    """A complete folder in `into`, or none, with copies of all that cannot be made again; the bot may run on."""
    into.mkdir(parents=True, exist_ok=True)
    done = into / f"zhidian-{now:%Y%m%d-%H%M%S}"
    # not durable: the data folder is still there
    with atomic_write(done, durable=False) as copies:
        copies.mkdir()
        for name in DATABASE_FILES:
            if (data / name).exists():
                with read_only(data / name) as db, closing(sqlite3.connect(copies / name)) as copy:
                    db.backup(copy, pages=BACKUP_PAGES)
        if (data / "sources").exists():
            shutil.copytree(data / "sources", copies / "sources", ignore=shutil.ignore_patterns(".*"))
        for name in OTHER_FILES:
            if (data / name).exists():
                shutil.copy2(data / name, copies)
    with suppress(OSError), (data / BACKUP_LIST).open("a", encoding="utf-8") as listed:  # it may be read-only
        listed.write(f"{now.isoformat()}\t{done.resolve()}\n")
    return done


def list_backups(data: Path) -> list[tuple[Path, datetime]]:
    """The backups that were made of this folder and are still where they were made."""
    try:
        lines = (data / BACKUP_LIST).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    found = []
    for line in lines:
        made, _, path = line.partition("\t")
        with suppress(ValueError, OSError):
            time = datetime.fromisoformat(made)
            if path and Path(path).is_dir():
                found.append((Path(path), time if time.tzinfo else time.astimezone()))
    return found
