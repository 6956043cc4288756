"""The command line as scripts use it: JSON lines, tab-separated lines, exit codes, errors in one line."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from retrieval.runtime import kernels
from tests.conftest import ROOT
from tests.support.web_server import Page, served

KITES = "---\ntitle: Kites\noutlet: 新京报\npublished: 2025-07-01\ntopic: Wind\n---\nKites fly higher than ever.\n"
AREA = "怀柔科学城面积多大?"
ENGLISH = "R&D intensity of Beijing"
POINT = [
    "rank", "score", "point", "document", "text", "section", "citations", "title", "outlet", "published", "topic",
    "topics", "url", "links", "also",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _away_from_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own .env must not start a real bot from here."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


def zhidian(*arguments: str | Path, stdin: str | bytes = b"", **environ: str) -> Result:
    clean = {"TELEGRAM_BOT_TOKEN": "", "ZHIDIAN_DATA": "", "ZHIDIAN_SEEDS": ""} | environ
    return CliRunner(env=clean).invoke(main, [str(argument) for argument in arguments], stdin)


def search(data: Path, *arguments: str, stdin: str | bytes = b"") -> list[dict[str, Any]]:
    result = zhidian("--data", data, "search", "--json", *arguments, stdin=stdin)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json_has_exactly_these_keys(data: Path) -> None:
    [found] = search(data, AREA)
    assert list(found) == ["question", "verdict", "confidence", "missing", "milliseconds", "points"]
    assert found["question"] == AREA
    assert found["verdict"] in {"answer", "maybe", "none"}
    assert 0 <= found["confidence"] <= 1
    point = found["points"][0]
    assert list(point) == POINT
    assert any("100.9" in each["text"] for each in found["points"][:3])
    assert list(point["outlet"]) == ["name", "pinyin", "english"]
    assert point["published"].endswith("+08:00")
    assert point["topic"] == point["topics"][0] == "原始创新"
    assert all(isinstance(number, int) for number in point["citations"])
    assert [link["kind"] for link in point["links"]] == ["search"]
    assert [each["rank"] for each in found["points"]] == list(range(1, len(found["points"]) + 1))


def test_k(data: Path) -> None:
    assert len(search(data, ENGLISH)[0]["points"]) == 10
    assert len(search(data, "-k", "3", ENGLISH)[0]["points"]) == 3
    assert zhidian("search", "-k", "51", "x").exit_code == 2


def test_explained(data: Path) -> None:
    shown = zhidian("--data", data, "search", "-k", "2", "--explain", AREA)
    assert shown.exit_code == 0, shown.output
    [found] = search(data, AREA)
    assert shown.stdout.startswith(f"{found['verdict']}, confidence {found['confidence']:.3f}")
    for feature in ("words", "covered", "evidence", "margin", "lacks", "probability"):
        assert feature in shown.stdout
    assert found["points"][0]["text"][:20] in shown.stdout
    assert zhidian("--data", data, "search", "--explain", "--json", AREA).exit_code == 2
    assert zhidian("--data", data, "search", "--explain", "-", stdin=AREA).exit_code == 2


def test_a_line_in_is_a_line_out(data: Path) -> None:
    lines = ["", AREA, "  ", "qwzxv jkqpt", ENGLISH]
    found = search(data, "-", stdin="\n".join(lines))
    assert [each["question"] for each in found] == lines
    plain = zhidian("--data", data, "search", "-", stdin="\n".join(lines)).stdout.split("\n")
    assert [line.partition("\t")[0] for line in plain] == [each["verdict"] for each in found] + [""]


def test_bytes_that_are_no_text(data: Path) -> None:
    surrogate, latin, _ = search(data, "-", stdin=b"\xed\xa0\x80 x\n\xff\xfe\na\x00b\n")
    assert "\ufffd" in surrogate["question"]
    assert "\ufffd" in latin["question"]
    assert search(data, "\udcff x")


def test_a_pipe_gets_a_tab_separated_line_a_point(data: Path) -> None:
    result = zhidian("--data", data, "search", "-k", "2", AREA)
    first, second = (line.split("\t") for line in result.stdout.splitlines())
    assert (first[1], second[1]) == ("1", "2")
    assert len(first) == len(second) == 10
    assert "100.9" in first[6] + second[6]
    assert zhidian("--data", data, "search", "").stdout == ""


def test_a_long_question_is_cut_and_that_is_said(data: Path) -> None:
    result = zhidian("--data", data, "search", "--json", AREA + "长" * 2000)
    assert "1,000 characters" in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_a_date_that_does_not_exist_is_refused_aside(data: Path) -> None:
    result = zhidian("--data", data, "search", "--json", "date:2025-02-30 芯片")
    assert "“2025-02-30”不能当作日期" in result.stderr
    assert json.loads(result.stdout)["points"] == []


def test_data_before_and_after_the_command_and_against_the_environment(data: Path, tmp_path: Path) -> None:
    nothing = {"ZHIDIAN_DATA": str(tmp_path / "no"), "ZHIDIAN_SEEDS": str(tmp_path)}
    before = zhidian("--data", data, "search", "-k", "1", ENGLISH, **nothing).stdout
    after = zhidian("search", "--data", data, "-k", "1", ENGLISH, **nothing).stdout
    by_environment = zhidian("search", "-k", "1", ENGLISH, ZHIDIAN_DATA=str(data)).stdout
    assert before == after == by_environment != ""
    assert not (tmp_path / "no").exists()


def test_the_first_search_takes_the_seeds(fresh: Path) -> None:
    result = zhidian("search", "--data", fresh, ENGLISH, ZHIDIAN_SEEDS=str(ROOT / "seeds"))
    assert "10 summaries" in result.stderr
    assert "\t1\t" in result.stdout
    result = zhidian("search", "--data", fresh, ENGLISH, ZHIDIAN_SEEDS=str(ROOT / "seeds"))
    assert result.stderr == ""


def test_ingest_reports_and_a_second_time_changes_nothing(fresh: Path) -> None:
    export = ROOT / "seeds" / "原始创新.txt"
    result = zhidian("--data", fresh, "ingest", export)
    assert result.exit_code == 0
    assert result.stdout == "10 new, 0 changed, 0 unchanged, 0 refused; 112 points; 0 files skipped\n"
    result = zhidian("--data", fresh, "ingest", export)
    assert result.stdout.startswith("0 new, 0 changed, 10 unchanged")


def test_ingest_makes_the_index_and_says_so(fresh: Path) -> None:
    result = zhidian("--data", fresh, "ingest", ROOT / "seeds" / "原始创新.txt")
    assert "indexing 112 points" in result.stderr
    assert list((fresh / "index").glob("*.part"))
    assert "indexing" not in zhidian("--data", fresh, "ingest", ROOT / "seeds" / "原始创新.txt").stderr


def test_one_line_says_that_the_loops_are_not_compiled(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "_kernels")
    kernels._library_path.cache_clear()
    for command in (("search", "加息"), ("ingest",), ("run",)):
        result = zhidian(*command, "--data", fresh, ZHIDIAN_SEEDS=str(ROOT / "seeds"))
        assert (result.exit_code, result.stdout) == (1, "")
        assert re.fullmatch(r"Error: .*_kernels.* is missing: run `make install`\n", result.stderr)
    kernels._library_path.cache_clear()


def test_a_refusal_names_file_and_line_and_keeps_the_rest(fresh: Path, tmp_path: Path) -> None:
    good = {"title": "标题", "outlet": "经济日报", "published": "2025-07-01T08:00", "topic": "题"}
    line = json.dumps(good | {"points": [{"section": "", "text": "A point."}]})
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "mixed.jsonl").write_text(line + "\nnot json\n", "utf-8")
    (exports / "picture.png").write_bytes(b"\x89PNG")
    result = zhidian("ingest", exports, "--data", fresh)
    assert result.exit_code == 1
    assert result.stdout.startswith("1 new, 0 changed, 0 unchanged, 1 refused; 1 points; 1 files skipped")
    assert f"{exports / 'mixed.jsonl'}:2: " in result.stdout


def test_ingest_takes_addresses(fresh: Path) -> None:
    with served() as site:
        site.pages |= {"/kites.md": Page(KITES, "text/plain"), "/gone": Page(status=410)}
        taken = zhidian("ingest", f"{site.url}/kites.md", "--data", fresh, ZHIDIAN_FEED_HOSTS="127.0.0.1")
        refused = zhidian("ingest", f"{site.url}/gone", "--data", fresh, ZHIDIAN_FEED_HOSTS="127.0.0.1")
        private = zhidian("ingest", f"{site.url}/kites.md", "--data", fresh)
    assert (taken.exit_code, taken.stdout) == (
        0,
        "1 new, 0 changed, 0 unchanged, 0 refused; 1 points; 0 files skipped\n",
    )
    assert refused.exit_code == private.exit_code == 1
    assert refused.stdout.endswith(f"{site.url}/gone:1: the server answered 410\n")
    assert "ZHIDIAN_FEED_HOSTS" in private.stdout
    assert search(fresh, "how high do kites fly?")[0]["points"][0]["title"] == "Kites"


def test_ingest_without_a_path_takes_the_seeds_and_says_when_there_are_none(fresh: Path, tmp_path: Path) -> None:
    result = zhidian("ingest", "--data", fresh, ZHIDIAN_SEEDS=str(ROOT / "seeds"))
    assert result.stdout.startswith("10 new")
    result = zhidian("ingest", "--data", fresh, ZHIDIAN_SEEDS=str(tmp_path / "none"))
    assert result.exit_code == 1
    assert "ZHIDIAN_SEEDS" in result.stderr


def test_measure(data: Path) -> None:
    quality = ROOT / "tests" / "quality"
    result = zhidian(
        "--data", data, "measure", quality / "questions.tsv", "--unanswerable", quality / "unanswerable.tsv"
    )
    assert result.exit_code == 0, result.output
    assert "R@3" in result.stdout


def test_run_without_a_token_answers_a_pipe_and_ends(data: Path, tmp_path: Path) -> None:
    result = zhidian("run", "--data", data, stdin=f"{AREA}\n\n/help\n", LANG="en_GB.UTF-8")
    assert result.exit_code == 0
    assert "100.9" in result.stdout
    assert "bing.com/search?q=site%3A" in result.stdout
    assert "outlet:新华社" in result.stdout


def test_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    result = zhidian("--version")
    assert (result.exit_code, result.stdout.split()[-1]) == (0, version)


@pytest.mark.parametrize("command", [[], ["run"], ["ingest"], ["search"], ["measure"]])
def test_help_everywhere(command: list[str]) -> None:
    result = zhidian(*command, "--help")
    assert result.exit_code == 0
    assert "--data" in result.stdout
    assert "--now" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "environ", "named"),
    [
        (["search", "--now", "yesterday", "x"], {}, "yesterday"),
        (["search", "x"], {"TELEGRAM_API_URL": "nonsense"}, "TELEGRAM_API_URL"),
        (["ingest", "no-such-file"], {}, "no-such-file"),
        (["search", "--data", __file__, "x"], {}, "--data"),
        (["run"], {"TELEGRAM_BOT_TOKEN": "s3cret"}, "TELEGRAM_BOT_TOKEN"),
    ],
)
def test_what_the_operator_can_mend_is_said_in_a_line(
    arguments: list[str], environ: dict[str, str], named: str
) -> None:
    result = zhidian(*arguments, **environ)
    assert result.exit_code in {1, 2}
    assert named in result.stderr
    assert "s3cret" not in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
