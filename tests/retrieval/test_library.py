import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from retrieval.index import snapshot_store
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from retrieval.model.results import Result
from retrieval.runtime import array_file
from retrieval.runtime.array_file import ArrayFile, DamagedFileError
from retrieval.storage.source_archive import list_sources
from tests.support.exports import HEADER, STAMP
from tests.support.stories import ingest, story

NOW = datetime(2025, 10, 15, 12, tzinfo=BEIJING)
EXPORT = (
    HEADER
    + f"Huairou opens\n{STAMP}\n"
    + "Core Viewpoint - Huairou opened 16 platforms [1]. Group 1: Money - The fund grew [2][3].\n"
    + "Mail\nXin Jing Bao· 2025-08-13 09:00\nCore Viewpoint - Drones carry mail [1].\n"
)
PAGE = """<html><head><title>Pigeons</title><meta property="article:published_time" content="2025-07-01">
    <link rel="canonical" href="https://www.bjnews.com.cn/1.html"></head><body><article><h1>Pigeons</h1>
    <p>Pigeons carried more mail this year than in any year before, the post office said on Tuesday.</p>
    <p>The birds are trained in Huairou, where the city has paid for sixteen new lofts.</p></article></body></html>"""


@pytest.fixture
def library(fresh: Path) -> Library:
    return Library(fresh)


def texts(result: Result) -> list[str]:
    return [hit.point.text for hit in result.hits]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_ingesting_twice_changes_nothing(library: Library, tmp_path: Path) -> None:
    assert library.is_pristine()
    path = write(tmp_path, "a.txt", EXPORT)
    first, second = library.ingest([path]), library.ingest([path])
    assert (first.new, first.changed, first.unchanged, first.points, first.skipped) == (2, 0, 0, 3, 0)
    assert (second.new, second.changed, second.unchanged, second.points) == (0, 0, 2, 0)
    assert first.refused == second.refused == ()
    assert not library.is_pristine()
    library.close()


def test_what_the_index_lacks_is_counted(library: Library, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    library.build_index(lambda *progress: told.append(progress))
    assert told == []
    library.ingest([write(tmp_path, "a.txt", EXPORT)])
    library.build_index(lambda *progress: told.append(progress))
    assert told == [("", 0, 3), ("", 3, 3)]
    library.close()
    again = Library(library._data)
    again.build_index(lambda *progress: told.append(progress))
    again.ingest([write(tmp_path, "b.jsonl", json.dumps(story("Mail", "Pigeons carry mail.")) + "\n")])
    again.build_index(lambda *progress: told.append(progress))
    assert told[2:] == [("", 0, 1), ("", 1, 1)]
    again.close()


@pytest.fixture
def damaged(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """With an index whose postings are."""
    monkeypatch.setattr(array_file, "BLOCK_BYTES", array_file.ALIGNMENT_BYTES)  # so postings have their own
    monkeypatch.setattr(snapshot_store, "VERIFIER_PAUSE_SECONDS", 60)  # so a question is the first to read them
    monkeypatch.setattr(array_file, "BLOCKS_AT_ONCE", 1)
    library.ingest([write(tmp_path, "a.txt", EXPORT)])
    library.build_index()
    library.close()
    [path] = (library._data / "index").glob("*.part")
    postings = ArrayFile(path).arrays["text.texts"].tobytes()
    path.write_bytes(path.read_bytes().replace(postings, b"\xff" * len(postings)))
    with closing(Library(library._data)) as again:
        yield again


def test_a_damaged_index_costs_no_answer(damaged: Library, caplog: pytest.LogCaptureFixture) -> None:
    assert texts(damaged.search("drones", now=NOW)) == ["Drones carry mail."]
    assert "the index is made anew" in caplog.text


def test_a_damaged_index_costs_no_explanation(damaged: Library) -> None:
    [explained] = damaged.explain("drones", 1, now=NOW).hits
    assert explained.hit.point.text == "Drones carry mail."


def test_a_damaged_index_is_made_anew_at_the_start(damaged: Library, caplog: pytest.LogCaptureFixture) -> None:
    damaged.warm()
    [record] = caplog.records
    assert "the index is made anew" in record.message


def test_a_damaged_index_is_made_anew_once_though_several_questions_find_it(
    damaged: Library, caplog: pytest.LogCaptureFixture
) -> None:
    before = damaged._snapshots.current()
    assert damaged.search("drones", now=NOW).hits
    damaged._snapshots.discard(before, DamagedFileError("found by another question"))
    assert not damaged._snapshots.is_empty
    assert len(caplog.records) == 1


def test_what_was_asked_before_is_answered_from_what_is_there_now(library: Library, tmp_path: Path) -> None:
    library.ingest([write(tmp_path, "a.txt", EXPORT)])
    first = library.search("drones", now=NOW)
    again = library.search("drones", now=NOW)
    assert again.hits is first.hits
    assert library.search("today", now=datetime(2025, 8, 13, 12, tzinfo=BEIJING)).hits
    assert not library.search("today", now=NOW).hits
    assert library.search("flying machines", now=NOW).verdict == "none"
    library.aliases.add("flying machines = drones")
    assert texts(library.search("flying machines", now=NOW)) == ["Drones carry mail."]
    library.remove([first.hits[0].document.id])
    assert not library.search("drones", now=NOW).hits
    library.close()


def test_markdown_and_pages_come_in_and_stay(library: Library, tmp_path: Path) -> None:
    front = "---\ntitle: Kites\noutlet: 新京报\npublished: 2025-07-01\ntopic: Wind\n---\n"
    folder = tmp_path / "in"
    write(folder, "kites.md", f"{front}\nKites fly higher than ever.\n")
    write(folder, "page.html", PAGE)
    assert library.ingest([folder]).skipped == 1  # a page needs a topic
    report = library.ingest([folder], topic="Mail")
    assert (report.new, report.unchanged, report.refused) == (1, 1, ())
    kept = {document.title: document for document in library.recent(10)}
    assert (kept["Kites"].kind, kept["Pigeons"].kind, kept["Pigeons"].topics) == ("summary", "full", ("Mail",))
    data = library._data
    fresh = Library(tmp_path / "fresh")
    fresh.ingest(list_sources(data / "sources"))
    assert {document.title: document for document in fresh.recent(10)} == kept
    fresh.close()


def test_folders_are_read_through_and_other_files_counted(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder, "b/a.txt", EXPORT)
    write(folder, "a.jsonl", json.dumps(story("Mail", "Pigeons carry mail.")) + "\n")
    write(folder, "b/notes.md", "# notes")
    write(folder, ".hidden.txt", EXPORT)
    told: list[tuple[str, int, int]] = []
    report = library.ingest([folder, folder / "a.jsonl"], lambda *progress: told.append(progress))
    assert (report.new, report.points, report.skipped) == (3, 4, 1)
    assert told == [(str(folder / "a.jsonl"), 0, 2), (str(folder / "b" / "a.txt"), 1, 2), ("", 2, 2)]
    library.close()


def test_what_is_malformed_is_refused_and_the_rest_kept(library: Library, tmp_path: Path) -> None:
    good, bad = json.dumps(story("Mail", "Drones carry mail.")), json.dumps({"title": "nothing else"})
    path = write(tmp_path, "a.jsonl", f"{good}\n{bad}\nnot json\n")
    report = library.ingest([path, write(tmp_path, "b.txt", b"\x00\x01\xff")])
    assert report.new == 1
    assert [(Path(refusal.file).name, refusal.line) for refusal in report.refused[:2]] == [
        ("a.jsonl", 2),
        ("a.jsonl", 3),
    ]
    assert any(Path(refusal.file).name == "b.txt" for refusal in report.refused)
    assert texts(library.search("mail", now=NOW)) == ["Drones carry mail."]
    library.close()


def test_what_came_in_is_kept_as_it_came(library: Library, fresh: Path, tmp_path: Path) -> None:
    library.ingest([write(tmp_path, "a.txt", EXPORT)])
    kept = [path for path in (fresh / "sources").rglob("*") if path.is_file()]
    assert EXPORT.encode() in [path.read_bytes() for path in kept]
    library.close()


def test_a_document_and_its_neighbours(library: Library, tmp_path: Path) -> None:
    library.ingest([write(tmp_path, "a.txt", EXPORT)])
    found = library.search("huairou platforms", now=NOW).hits[0]
    whole = library.document(found.document.id)
    assert whole is not None
    assert len(whole.points) == 2
    assert found.point in whole.points
    assert library.document("0" * 16) is None
    assert [document.title for document in library.recent(5)] == ["Mail", "Huairou opens"]
    assert [topic.name for topic in library.topics()] == ["科创"]
    assert (library.counts().documents, library.counts().points) == (2, 3)
    assert [document.title for _, document in library.after(0)] == ["Huairou opens", "Mail"]
    library.close()


def test_topics_and_counts_follow_what_another_process_writes(library: Library, fresh: Path, tmp_path: Path) -> None:
    library.ingest([write(tmp_path, "a.txt", EXPORT)])
    assert library.topics() is library.topics()  # read once
    assert (library.counts().documents, len(library.topics())) == (2, 1)
    other = Library(fresh)
    other.remove([document.id for document in library.recent(5)])
    other.close()
    assert (library.counts().documents, list(library.topics())) == (0, [])
    library.close()


def test_only_what_came_in_between_counts(library: Library, tmp_path: Path) -> None:
    seen = []
    for n, carrier in enumerate(["Drones", "Pigeons", "Postmen"]):
        ingest(library, tmp_path, [story(f"Mail {n}", f"{carrier} carry mail.")])
        seen.append(library.counts().last_seen)

    def carriers(after: int = 0, until: int | None = None) -> set[str]:
        hits = library.search("who carries mail", now=NOW, after=after, until=until).hits
        return {document.title for hit in hits for document in (hit.document, *hit.also)}

    assert carriers() == {"Mail 0", "Mail 1", "Mail 2"}
    assert carriers(after=seen[0]) == {"Mail 1", "Mail 2"}
    assert carriers(after=seen[0], until=seen[1]) == {"Mail 1"}
    assert carriers(until=seen[0]) == {"Mail 0"}
    assert carriers(after=seen[2]) == carriers(until=0) == set()
    assert library.search("who carries mail", now=NOW, after=seen[2]).verdict == "none"
    library.close()


def test_another_library_is_seen_at_the_next_search(library: Library, fresh: Path, tmp_path: Path) -> None:
    other = Library(fresh)
    assert texts(library.search("mail", now=NOW)) == []
    ingest(other, tmp_path, [story("Mail", "Drones carry mail.")])
    assert texts(library.search("mail", now=NOW)) == ["Drones carry mail."]
    ingest(other, tmp_path, [story("Mail", "Pigeons carry letters.")])
    assert texts(library.search("mail pigeons", now=NOW)) == ["Pigeons carry letters."]
    for one in (library, other):
        one.close()


INGEST = "import sys; from pathlib import Path; from retrieval.library import Library; l = Library(Path(sys.argv[1])); \
l.ingest([Path(sys.argv[2])]); l.close()"


def test_another_process_is_seen_at_the_next_search(library: Library, fresh: Path, tmp_path: Path) -> None:
    ingest(library, tmp_path, [story("Mail", "Drones carry mail.")])
    assert texts(library.search("drones huairou", now=NOW)) == ["Drones carry mail."]
    export = write(tmp_path, "a.txt", EXPORT)
    subprocess.run([sys.executable, "-c", INGEST, str(fresh), str(export)], check=True, timeout=120)
    assert any("Huairou" in text for text in texts(library.search("huairou", now=NOW)))
    library.close()


def test_ingesting_while_others_ask(library: Library, tmp_path: Path) -> None:
    """Every answer is of one state: all of a file's points are there, or none."""
    ingest(library, tmp_path, [story("Start", "A lamp burns.")])
    done = threading.Event()
    seen: list[set[str]] = []
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            while not done.is_set():
                seen.append({hit.document.title for hit in library.search("the kettle", 50, now=NOW).hits})
        except BaseException as error:
            failed.append(error)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    things = ["green tea", "black coffee", "red soup", "cold milk", "warm water", "dark beer"]
    for n in range(0, 6, 2):
        pair = [story(f"{m}", f"The kettle holds {things[m]}.") for m in (n, n + 1)]
        ingest(library, tmp_path, pair, f"{n}.jsonl")
    done.set()
    for asker in askers:
        asker.join()
    assert failed == []
    assert {len(titles) for titles in seen} <= {0, 2, 4, 6}
    assert len(library.search("the kettle", 50, now=NOW).hits) == 6
    library.close()


def test_one_library_answers_many_threads(library: Library, tmp_path: Path) -> None:
    ingest(library, tmp_path, [story("Mail", "Drones carry mail.", "The fund of Huairou grew to 42 billion yuan.")])
    asked = ["drones", "怀柔的基金", "420亿元", "drnoes carry", "-fund drones", "huai rou"]
    alone = [texts(library.search(question, now=NOW)) for question in asked]
    together: dict[int, list[list[str]]] = {}

    def ask(n: int) -> None:
        together[n] = [texts(library.search(question, now=NOW)) for question in asked]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together.get(n) for n in range(4)] == [alone] * 4
    library.close()


def test_opened_again_it_answers_the_same(library: Library, fresh: Path, tmp_path: Path) -> None:
    library.ingest([write(tmp_path, "a.txt", EXPORT)])
    before = library.search("huairou platforms", now=NOW)
    library.close()
    again = Library(fresh)
    again.warm()
    after = again.search("huairou platforms", now=NOW)
    assert after.hits == before.hits
    assert (after.verdict, after.confidence) == (before.verdict, before.confidence)
    again.close()


def test_a_dictionary_that_is_there_is_not_compiled(fresh: Path, tmp_path: Path) -> None:
    percents: list[int] = []
    library = Library(fresh, percents.append)
    library.warm()
    library.close()
    assert percents == []


def test_no_question_waits_for_what_can_be_loaded_before(library: Library, tmp_path: Path) -> None:
    library.ingest([write(tmp_path, "a.txt", EXPORT)])
    library.warm()
    assert "neighbours" in vars(library.lexicon)
