"""What came in is kept, and makes the corpus again."""

from pathlib import Path

from retrieval.formats.reader import read
from retrieval.model.documents import Document
from retrieval.storage.corpus import Corpus
from retrieval.storage.source_archive import archive_file, list_sources
from tests.support.documents import analyse


def test_a_corpus_is_rebuilt_from_its_sources(tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    paths = sorted(Path("tests/quality").glob("*.txt"))
    revised = tmp_path / paths[0].name
    revised.write_text(paths[0].read_text("utf-8").replace("7.4 million", "7.5 million"), "utf-8")
    corpus = Corpus(None)
    for path in [*paths, revised, paths[0], paths[1]]:
        kept = archive_file(path, folder)
        assert kept.read_bytes() == path.read_bytes()
        corpus.add([found for found in read(path) if isinstance(found, Document)], analyse)
    again = Corpus(None)
    for path in list_sources(folder):
        assert archive_file(path, folder) == path
        again.add([found for found in read(path) if isinstance(found, Document)], analyse)
    assert len(list_sources(folder)) == 4
    assert list_sources(folder)[-1].name.endswith(f"-{paths[1].name}")
    assert {found.id: found for found in again.recent(99)} == {found.id: found for found in corpus.recent(99)}
    corpus.close()
    again.close()


def test_half_a_copy_is_no_source_and_long_names_fit(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / ".tmpabc").write_bytes(b"half")
    path = tmp_path / ("长" * 80 + ".txt")
    path.write_bytes(b"x")
    assert (
        list_sources(tmp_path / "sources")
        == []
        != [archive_file(path, tmp_path / "sources")]
        == list_sources(tmp_path / "sources")
    )
    assert list_sources(tmp_path / "nowhere") == []
