"""Documents that are in a topic by their words alone: a topic goes in, their number or their release comes out."""

from contextlib import closing
from pathlib import Path

from retrieval.storage.mapping import load_documents, relabel
from retrieval.storage.schema import open_corpus
from retrieval.storage.sqlite import immediately


def count_gathered(corpus: Path, topic: str) -> int:
    with closing(open_corpus(corpus)) as db:
        return int(db.conn.execute("SELECT count(*) FROM gathered WHERE name = ?", [topic]).fetchone()[0])


def release_gathered(corpus: Path, topic: str) -> int:
    """Take the topic from them; returns how many they were. Those that a source put there stay."""
    sql = "SELECT * FROM stored WHERE key IN (SELECT document FROM gathered WHERE name = :topic)"
    with closing(open_corpus(corpus)) as db, immediately(db):
        found = load_documents(db, sql, {"topic": topic})
        for key, document in found:
            relabel(db, key, document, [name for name in document.topics if name != topic])
        db.conn.execute("DELETE FROM gathered WHERE name = ?", [topic])
    return len(found)
