"""`zhidian doctor`: each thing that can be wrong is found, with a remedy, and nothing is changed by looking."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from telegram import User, WebhookInfo

from bot.cli.main import main
from bot.doctor.data_folder import check_backups, check_folder, check_space
from bot.doctor.extras import check_charts, check_encoder, check_extras, check_kernels
from bot.doctor.feeds import check_feeds
from bot.doctor.finding import Finding, finding_table
from bot.doctor.language_model import check_model
from bot.doctor.network import MAX_SITES_TRIED, is_usable, search_url
from bot.doctor.settings import check_settings
from bot.doctor.telegram import check_clock, check_switches, check_webhook, delivery_remedy
from bot.schema import upgrade
from bot.settings import Settings
from feeds.registry import EntryState, FeedRegistry, feed_migrations
from retrieval.administration.maintenance import backup
from retrieval.library import Library
from retrieval.model.outlets import all_outlets
from retrieval.storage.store import Store
from tests.bot.transport.test_webhook import free
from tests.support import telegram
from tests.support.model_server import cut_off, model_server, refusing
from tests.support.process import PATIENCE, ZHIDIAN, copied, environment, running
from tests.support.proxies import proxy
from tests.support.stories import ingest, story
from tests.support.telegram import TOKEN, BotApi, Updates
from tests.support.telegram_http import serving
from tests.support.web_server import Page, served

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _away_from_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own .env is not looked at."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    folder = copied(data, tmp_path / "own")
    upgrade(folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o077)
    return folder


@contextmanager
def searching(answer: Page | None = None) -> Iterator[tuple[str, list[str]]]:
    """A search engine of this machine's own: ZHIDIAN_SEARCH_URL, and what it was asked."""
    with served() as site:
        for outlet in all_outlets():
            settings = Settings(search_address=f"{site.url}/?q={{query}}")
            site.pages[search_url(outlet, settings).removeprefix(site.url)] = answer or Page("found")
        site.pages["/"] = Page("a search")
        yield f"{site.url}/?q={{query}}", site.asked


def doctor(*arguments: str | Path, **environ: str) -> Result:
    clean = {str(field.validation_alias): "" for field in Settings.model_fields.values()}
    return CliRunner(env=clean | environ).invoke(main, ["doctor", *map(str, arguments)])


def marked(result: Result | list[Finding], subject: str) -> str:
    """The severities of all findings on a subject."""
    lines = list(finding_table(result)) if isinstance(result, list) else result.stdout.splitlines()
    return " ".join(line.split()[0] for line in lines if line[8:].startswith(f"{subject} "))


def test_where_nothing_is_wrong_all_is_well_and_nothing_was_changed(own: Path) -> None:
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file() and "-" not in path.suffix}
    me = telegram.ME | {"supports_inline_queries": True}
    api = BotApi(fault=lambda method, _: (200, {"ok": True, "result": me}) if method == "getMe" else "taken")
    with serving(api) as url, searching() as (search, asked), proxy("socks5") as way:
        result = doctor(
            "--data", own, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=url, ZHIDIAN_ADMINS="7",
            ZHIDIAN_SEARCH_URL=search, ZHIDIAN_TELEGRAM_PROXY=way.url, ZHIDIAN_FEED_PROXY=way.url,
        )  # fmt: skip
    assert result.stdout.splitlines()[-1] == "all is well", result.stdout
    assert result.exit_code == 0
    assert [call.method for call in api.calls] == ["getMe", "getWebhookInfo"]
    assert len([path for path in asked if path != "/"]) == MAX_SITES_TRIED
    assert way.forwarded >= 3
    assert {path: path.read_bytes() for path in before} == before
    for subject in ("token", "clock", "polling", "inline mode", "corpus", "index", "corpus.db", "bot.db", "disk"):
        assert marked(result, subject) == "ok", result.stdout


def test_all_that_is_wrong_with_the_settings_is_said_and_the_rest_is_still_looked_at(own: Path) -> None:
    with searching(Page("", status=429)) as (search, _):
        result = doctor(
            "--data", own, TELEGRAM_BOT_TOKEN="s3cret", ZHIDIAN_ACCESS="s3cret", ZHIDIAN_TELEGRAM_PROXY="s3cret",
            ZHIDIAN_ADMIN="7", ZHIDIAN_SEARCH_URL=search,
        )  # fmt: skip
    assert result.exit_code == 1
    for name in ("TELEGRAM_BOT_TOKEN", "ZHIDIAN_ACCESS", "ZHIDIAN_TELEGRAM_PROXY"):
        assert marked(result, name) == "error"
    assert "did you mean ZHIDIAN_ADMINS?" in result.stdout
    assert marked(result, "corpus") == "ok"
    assert marked(result, "search links") == "warning"
    assert "status 429" in result.stdout
    assert "s3cret" not in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_without_a_token_a_network_or_a_folder_it_ends_soon_and_with_code_0(tmp_path: Path) -> None:
    result = doctor("--data", tmp_path / "none", ZHIDIAN_SEARCH_URL="http://127.0.0.1:9/{query}")
    assert result.exit_code == 0
    assert marked(result, "token") == marked(result, "data folder") == marked(result, "search links") == "warning"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("token", "said"), [("987654:another", "does not know it"), (TOKEN, "no answer"), (TOKEN, "proxy")]
)
def test_a_token_or_a_way_that_is_wrong(token: str, said: str, own: Path) -> None:
    environ = {"ZHIDIAN_TELEGRAM_PROXY": "http://me:s3cret@127.0.0.1:9"} if said == "proxy" else {}
    with serving(BotApi()) as url, searching() as (search, _):
        api = url if said != "no answer" else "http://127.0.0.1:9/bot"
        result = doctor(
            "--data", own, TELEGRAM_BOT_TOKEN=token, TELEGRAM_API_URL=api, ZHIDIAN_SEARCH_URL=search, **environ
        )
    assert result.exit_code == 1
    assert said in result.stdout
    assert token not in result.stdout + result.stderr
    assert "s3cret" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("code", "description", "mark", "said"),
    [
        (429, "Too Many Requests: retry after 9", "warning", "patience"),
        (502, "Bad Gateway", "error", "try again later"),
        (500, "Internal Server Error", "error", "try again later"),
    ],
)
def test_telegram_s_own_troubles_are_no_fault_of_the_settings(
    code: int, description: str, mark: str, said: str, own: Path, tmp_path: Path
) -> None:
    api = BotApi()
    api.refuse("getMe", code, description, **({"retry_after": 9} if code == 429 else {}))
    with serving(api) as url:
        done = subprocess.run(
            [*ZHIDIAN, "doctor", "--data", str(own)], cwd=own, capture_output=True, text=True, timeout=PATIENCE,
            env=environment(
                TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=url, ZHIDIAN_SEARCH_URL="http://127.0.0.1:9/{query}"
            ),
            check=False,
        )  # fmt: skip
    [line] = [one for one in done.stdout.splitlines() if one[8:].startswith("Telegram ")]
    assert line.split()[0] == mark
    assert said in line
    assert done.stderr == ""  # nothing of what libraries log
    assert done.returncode == (1 if mark == "error" else 0)


def test_a_server_that_says_nothing_costs_seconds_not_minutes(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doctor.run.MAX_CHECK_SECONDS", 0.5)

    def hang(*_: object) -> Any:
        time.sleep(3)
        return "taken"

    with serving(BotApi(fault=hang)) as url, searching() as (search, _):
        result = doctor("--data", own, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=url, ZHIDIAN_SEARCH_URL=search)
    assert "not done within" in result.stdout
    assert marked(result, "settings") or marked(result, "ZHIDIAN_ADMINS")


def test_while_the_bot_runs_it_disturbs_nothing(own: Path, tmp_path: Path) -> None:
    api, metrics = BotApi(), free()
    api.deliver(Updates().private("?"))
    with serving(api) as url, searching() as (search, _), running(own, url, tmp_path / "log", ZHIDIAN_METRICS=metrics):
        assert api.wait_for(1, PATIENCE)
        result = doctor(
            "--data", own, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=url, ZHIDIAN_METRICS=metrics,
            ZHIDIAN_SEARCH_URL=search,
        )  # fmt: skip
    assert result.exit_code == 0, result.stdout
    assert marked(result, "/healthz") == "ok"
    assert marked(result, "bot.db") == "ok"
    assert "Conflict" not in (tmp_path / "log").read_text("utf-8")


def test_every_outlet_has_a_search() -> None:
    assert len(all_outlets()) > 100
    assert all(is_usable(search_url(outlet, Settings())) for outlet in all_outlets())


def test_all_outlets_are_tried_when_that_is_asked_for(own: Path) -> None:
    with searching() as (search, asked):
        result = doctor("--data", own, "--all-outlets", ZHIDIAN_SEARCH_URL=search)
    assert marked(result, "search links") == "ok", result.stdout
    assert len(asked) == len(all_outlets())


@pytest.mark.parametrize(
    ("wrong", "subject", "mark"),
    [
        ("damaged", "bot.db", "error"),
        ("none", "bot.db", "warning"),
        ("later", "bot.db", "error"),
        ("earlier", "bot.db", "warning"),
        ("garbage", "corpus.db", "error"),
        ("index", "index", "warning"),
        ("dictionary", "dictionary", "warning"),
        ("future", "clock", "warning"),
        ("exposed", "privacy", "warning"),
    ],
)
def test_what_is_wrong_in_the_folder(wrong: str, subject: str, mark: str, own: Path, tmp_path: Path) -> None:
    assert marked(list(check_folder(own, tmp_path)), subject) in {"ok", ""}
    match wrong:
        case "damaged":
            (own / "bot.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
        case "garbage":
            (own / "corpus.db").write_bytes(b"no database at all" * 100)
        case "none":
            (own / "bot.db").unlink()
        case "later" | "earlier":
            sql = "INSERT INTO _sqlite_migrations (migration_set, name) VALUES ('inbox', 'm999_later')"
            if wrong == "earlier":
                sql = "DELETE FROM _sqlite_migrations WHERE migration_set = 'inbox'"
            with closing(sqlite3.connect(own / "bot.db")) as db:
                db.execute(sql)
                db.commit()
        case "index":
            [part] = (own / "index").glob("*.part")
            part.write_bytes(part.read_bytes()[:-9] + b"damaged!!")
        case "dictionary":
            (own / "lexicon.bin").unlink()
        case "exposed":
            (own / "bot.db").chmod(0o640)
        case "future":
            os.utime(own / "bot.db", (time.time() + 3600,) * 2)
    found = list(check_folder(own, tmp_path))
    assert marked(found, subject) == mark, found
    assert all(one.remedy for one in found if one.severity != "ok")


def test_outlets_that_the_registry_lacks(own: Path, tmp_path: Path) -> None:
    assert not marked(list(check_folder(own, tmp_path)), "outlets")
    with closing(Library(own)) as library:
        stories = [story(f"{outlet}{n}", f"Kites of {outlet} fly {n}.", outlet=outlet) for outlet, n in UNKNOWN_OUTLETS]
        ingest(library, tmp_path, stories)
    [found] = [one for one in check_folder(own, tmp_path) if one.subject == "outlets"]
    assert "怀柔风筝报 (2), 昌平风筝报 (1)" in found.text


UNKNOWN_OUTLETS = [("昌平风筝报", 1), ("怀柔风筝报", 2), ("怀柔风筝报", 3)]


def test_backups_older_than_what_is_kept(own: Path, tmp_path: Path) -> None:
    old = backup(own, tmp_path / "backups", NOW - timedelta(days=11))
    backup(own, tmp_path / "backups", NOW - timedelta(days=9))
    gone = backup(own, tmp_path / "gone", NOW - timedelta(days=12))
    gone.rename(tmp_path / "elsewhere")
    copy = own / "bot.db.before-1"
    copy.write_bytes(b"x")
    os.utime(copy, ((NOW - timedelta(days=11)).timestamp(),) * 2)
    found = list(check_backups(own, 10, NOW))
    assert [one.text.partition(" is older")[0] for one in found] == [str(copy), str(old)]
    assert all("ZHIDIAN_LOG_DAYS" in one.text and one.remedy for one in found)


def test_an_empty_corpus_and_a_folder_that_is_none(fresh: Path, tmp_path: Path) -> None:
    Library(fresh).close()
    assert marked(list(check_folder(fresh, tmp_path / "none")), "corpus") == "warning"
    (tmp_path / "file").write_text("x")
    assert marked(list(check_folder(tmp_path / "file", tmp_path)), "data folder") == "error"


def test_room_on_the_disk() -> None:
    assert [check_space(free, 1 << 30).severity for free in (1 << 20, 100 << 20, 800 << 20, 2 << 30)] == [
        "error", "warning", "warning", "ok",
    ]  # fmt: skip


def test_sources_that_fail_are_late_or_silent(own: Path) -> None:
    feeds = FeedRegistry(Store(own / "bot.db", feed_migrations))
    long_ago = NOW - timedelta(days=40)
    for name in ("failing", "late", "silent", "well"):
        feeds.add(f"https://{name}.example/", name, timedelta(hours=1), "", long_ago)
    by_name = {one.topic: one for one in feeds.all()}
    nothing: Mapping[str, Any] = {"title": "", "etag": None, "modified": None}
    feeds.record_failure(by_name["failing"], "the server answered 500", NOW)
    feeds.record_success(
        by_name["silent"], [EntryState("a", "kept", 1, "")], long_ago, url="https://silent.example/", **nothing
    )
    feeds.record_success(by_name["silent"], [], NOW, url="https://silent.example/", **nothing)
    feeds.record_success(by_name["well"], [EntryState("a", "kept", 1, "")], NOW, url="https://well.example/", **nothing)
    feeds.close()
    found = check_feeds(own, NOW)
    assert [(one.severity, next((name for name in by_name if name in one.text), "")) for one in found] == [
        ("warning", "failing"),
        ("warning", "late"),
        ("warning", "silent"),
        ("ok", "well"),
    ]
    assert found[-1].text == "1 of 4 are well"


BOT = User(1, "知点", True, username="ZhidianTestBot", can_join_groups=True, supports_inline_queries=True)


@pytest.mark.parametrize(
    ("switched", "guests", "subject"),
    [
        ({}, "off", ""),
        ({"supports_inline_queries": False}, "off", "inline mode"),
        ({"can_join_groups": False}, "off", "groups"),
        ({"supports_guest_queries": True}, "off", "guest mode"),
        ({"supports_guest_queries": False}, "on", "guest mode"),
    ],
)
def test_what_botfather_was_told(switched: dict[str, bool], guests: Any, subject: str) -> None:
    me = User.de_json(BOT.to_dict() | switched, None)
    found = [one for one in check_switches(me, Settings(guests=guests)) if one.severity != "ok"]
    assert [one.subject for one in found] == ([subject] if subject else [])


HOOK = "https://bot.example/hook-x7"


@pytest.mark.parametrize(
    ("info", "wanted", "mark", "said"),
    [
        (WebhookInfo("", False, 0), "", "ok", "nothing waits"),
        (WebhookInfo("", False, 90), "", "warning", "90 updates wait"),
        (WebhookInfo("https://other.example/x", False, 3), "", "warning", "other.example"),
        (WebhookInfo("", False, 0), HOOK, "warning", "nowhere yet"),
        (WebhookInfo("https://other.example/x", False, 0), HOOK, "warning", "other.example"),
        (WebhookInfo(HOOK, False, 0), HOOK, "ok", "bot.example"),
        (WebhookInfo(HOOK, False, 2, NOW - timedelta(minutes=5), "502 Bad Gateway"), HOOK, "warning", "Bad Gateway"),
        (WebhookInfo(HOOK, False, 0, NOW - timedelta(days=5), "502 Bad Gateway"), HOOK, "ok", "bot.example"),
    ],
)
def test_the_webhook_against_the_settings(info: WebhookInfo, wanted: str, mark: str, said: str) -> None:
    [found] = check_webhook(info, Settings(webhook_url=wanted), NOW)
    [line, _] = finding_table([found])
    assert line.split()[0] == mark
    assert said in line
    assert "hook-x7" not in line


def test_each_failed_delivery_has_its_own_remedy() -> None:
    messages = (
        "Wrong response from the webhook: 502 Bad Gateway",
        "Wrong response from the webhook: 403 Forbidden",
        "Wrong response from the webhook: 404 Not Found",
        "SSL error {error:0A000086:SSL routines::certificate verify failed}",
        "Failed to resolve host: Name or service not known",
        "Connection refused",
    )
    assert len({delivery_remedy(message) for message in messages}) == len(messages)


@given(st.integers(-10_000, 10_000))
def test_a_clock_that_is_off(seconds: int) -> None:
    found = check_clock(format_datetime(NOW, usegmt=True), NOW + timedelta(seconds=seconds))
    off = abs(seconds)
    assert found.severity == ("ok" if off <= 5 else "warning" if off < 60 else "error")
    assert check_clock("no date", NOW).severity == "warning"


def test_settings_that_do_not_fit_together(tmp_path: Path, own: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("ZHIDIAN_TOKEN=1\n")
    env.chmod(0o644)
    settings = Settings(token=TOKEN, access="invite", metrics="0.0.0.0:9464")  # type: ignore[arg-type]
    found = {one.subject: one for one in check_settings(settings, {}, {}, env)}
    assert found["ZHIDIAN_TOKEN"].severity == "warning"
    assert found[str(env)].remedy.startswith("chmod")
    assert found["ZHIDIAN_ADMINS"].severity == "error"
    assert found["ZHIDIAN_METRICS"].severity == "warning"


def test_the_extras() -> None:
    assert check_encoder("on", "the package is missing").severity == "error"
    assert [check_encoder(mode, "no").severity for mode in ("auto", "off")] == ["warning", "ok"]
    assert check_charts(matplotlib=True, font=False).severity == "warning"
    assert [check_charts(matplotlib=there, font=True).severity for there in (True, False)] == ["ok", "ok"]
    assert check_kernels().severity == "ok"
    assert [one.severity for one in check_extras("off")] == ["ok", "ok", "ok"]


@given(st.text(max_size=200))
def test_a_finding_is_one_line_without_the_secret(text: str) -> None:
    lines = list(finding_table([Finding("warning", "x", f"{text} {TOKEN.upper()}", text)], [TOKEN]))
    assert len(lines) == 2
    assert "\n" not in lines[0]
    assert TOKEN.casefold() not in lines[0].casefold()


def test_a_file_that_the_running_bot_deletes_meanwhile_is_no_failure(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "rglob", lambda folder, _: iter([folder / "gone"]))
    assert marked(list(check_folder(own, tmp_path)), "bot.db") == "ok"


async def modelled(**changes: Any) -> str:
    [*_, last] = await check_model(Settings(**changes))
    return next(finding_table([last], ["sk-s3cret"]))


async def test_the_model_is_tried_and_what_is_wrong_is_named() -> None:
    with model_server() as server:
        own = {"model_url": server.url, "model": "small", "model_key": SecretStr("sk-s3cret")}
        server.says = lambda _system, _user: "ready"
        assert "small at 127.0.0.1" in await modelled(**own)
        for status, remedy in {401: "ZHIDIAN_MODEL_KEY", 404: "ZHIDIAN_MODEL,", 429: "limit", 500: "log"}.items():
            server.says = lambda _system, _user, status=status: refusing(status, "no: sk-s3cret")  # type: ignore[misc]
            line = await modelled(**own)
            assert line.startswith("warning")
            assert f"status {status}" in line
            assert remedy in line.partition("→")[2]
            assert "s3cret" not in line
        server.says = lambda _system, _user: cut_off("rea")
        assert "cut off" in await modelled(**own)
        assert len(server.requests) == 6
    assert "no connection" in await modelled(model_url="http://127.0.0.1:1/v1", model="small")
    assert "no model to ask for" in await modelled(model_url="http://127.0.0.1:1/v1")
    assert (await modelled()).startswith("ok")
    assert "no address" in await modelled(compose="on")
    first, *_ = await check_model(Settings(model_url="http://127.0.0.1.example:1/v1", model="small"))
    assert "in the clear" in first.text
