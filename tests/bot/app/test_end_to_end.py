"""The real process against the HTTP double of the Bot API."""

import json
import os
import subprocess
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bot.render.callback_data import Operation, encode
from bot.transport.message_joiner import JOIN_SECONDS
from retrieval.model.documents import BEIJING
from tests.conftest import ROOT
from tests.feeds.test_sync import PARAGRAPHS, article, rss
from tests.support import faults
from tests.support.process import PATIENCE, ZHIDIAN, copied, environment, first_folder, running, started
from tests.support.stories import story
from tests.support.telegram import TOKEN, BotApi, Updates, refusal
from tests.support.telegram_http import serving
from tests.support.web_server import Page, served

NEWS = (
    "Zhobble fever was cured in {n} villages of the coast",
    "The wugnick bridge carries {n} trains an hour",
    "Flimdar steel resists {n} degrees of frost",
    "Farmers of Brastop sold {n} tons of saffron",
    "A quellin engine needs {n} liters of hydrogen",
    "Museums lent {n} mordask vases to Paris",
    "Tiverun's ferry port has {n} new cranes",
    "Banks took {n} saplock bonds as security",
    "Crenfid lasers measure {n} craters of the Moon",
    "Schools bought {n} yobbard pianos last year",
)


@pytest.fixture
def own(data: Path, tmp_path: Path) -> Path:
    """The data folder, for a process to write to."""
    return copied(data, tmp_path / "own")


def test_a_private_question_and_a_group_ask_are_answered(own: Path, tmp_path: Path) -> None:
    api, updates = BotApi(), Updates()
    api.deliver(updates.private("怀柔科学城面积多大?"))
    api.deliver(updates.group("/ask R&D intensity of Beijing", language="en"))
    with serving(api) as url, running(own, url, tmp_path / "log"):
        messages = api.wait_for(2, PATIENCE)
    private, group = sorted(messages, key=lambda message: -message.chat)
    assert "100.9" in private.text
    assert private.parameters["chat_id"] == "7"
    assert "reply_parameters" not in private.parameters
    assert "over 6%" in group.text
    assert group.parameters["chat_id"] == "-1007"
    assert group.parameters["reply_parameters"]["message_id"] == 2
    assert not api.updates or api.updates[-1]["update_id"] == 9002


def test_a_question_at_the_first_start_is_answered_rightly(data: Path, tmp_path: Path) -> None:
    """The bot takes in its first documents while it waits; benchmarks/first_minute.py asks ten times."""
    own = first_folder(data, tmp_path / "first")
    api, updates = BotApi(), Updates()
    api.deliver(updates.private("怀柔科学城面积多大?"), updates.private("北京的研发投入强度是多少"))
    with serving(api) as url, running(own, url, tmp_path / "log", ZHIDIAN_SEEDS=str(ROOT / "seeds")):
        first, second = api.wait_for(2, 2 * PATIENCE)
    assert "100.9" in first.text
    assert "6%" in second.text


def test_whoever_writes_while_the_first_start_compiles_gets_a_sign_of_life_and_then_the_answer(tmp_path: Path) -> None:
    """Without a dictionary the start takes half a minute; benchmarks/first_minute.py does it ten times."""
    own = tmp_path / "first"
    own.mkdir()
    api, updates = BotApi(), Updates()
    stranger: dict[str, Any] = {"from": {"id": 8, "is_bot": False, "first_name": "S"}}
    asked = updates.private("怀柔科学城面积多大?"), updates.group("nothing to the bot")
    refused = updates.private("?", chat={"id": 8, "type": "private"}, **stranger)
    api.deliver(*asked, refused)
    only = {"ZHIDIAN_ACCESS": "invite", "ZHIDIAN_ADMINS": "7", "ZHIDIAN_SEEDS": str(ROOT / "seeds")}
    with serving(api) as url, running(own, url, tmp_path / "log", **only):
        assert api.wait_until(lambda: bool(api.waiting_lines()), PATIENCE)
        assert not api.arrived()
        assert any(call.method == "sendChatAction" for call in api.calls)
        answers = api.wait_for(2, 5 * PATIENCE)
    assert {call.chat for call in api.waiting_lines()} == {7}
    assert any("100.9" in answer.text for answer in answers if answer.chat == 7)
    assert not any("100.9" in answer.text for answer in answers if answer.chat == 8)


def test_after_an_ingest_and_an_upload_the_next_question_finds_it(own: Path, tmp_path: Path) -> None:
    api, updates = BotApi(), Updates()
    with (
        serving(api) as url,
        served() as site,
        running(own, url, tmp_path / "log", ZHIDIAN_ADMINS="7", TELEGRAM_FILE_URL=f"{site.url}/bot"),
    ):
        for n, words in enumerate(NEWS):
            text, name, before = words.format(n=n + 31), f"{n}.jsonl", len(api.arrived())
            body = json.dumps(story(f"Report {n}", text))
            if n % 5 == 0:
                (tmp_path / name).write_text(body, "utf-8")
                command = [*ZHIDIAN, "--data", str(own), "ingest", str(tmp_path / name)]
                subprocess.run(command, env=environment(), capture_output=True, timeout=PATIENCE, check=True)
            else:
                api.files[name] = body.encode()
                site.pages[f"/bot{quote(TOKEN)}/documents/{name}"] = Page(body.encode())
                document = {"file_id": name, "file_unique_id": name, "file_name": name, "file_size": len(body)}
                api.deliver(updates.private(None, document=document))
                before = len(api.wait_for(before + 1, PATIENCE))
            api.deliver(updates.private(words.format(n="how many"), language="en"))
            answer = api.wait_for(before + 1, PATIENCE)[before]
            assert str(n + 31) in answer.text


def test_whoever_is_forgotten_is_in_no_file_of_the_folder(own: Path, tmp_path: Path) -> None:
    """Neither by words nor by name, while the bot runs on; and nobody else on the machine may open what it made."""
    words, name = "Zzyxqw mnemonics", "Zzyxperson"
    sender = {"id": 7, "is_bot": False, "first_name": name}
    chat = {"id": 7, "type": "private", "first_name": name}
    api, updates = BotApi(), Updates()
    api.deliver(updates.private(words, language="en", chat=chat, **{"from": sender}))
    umask = os.umask(0)  # as loose as it can be: the process makes its own
    try:
        with serving(api) as url, running(own, url, tmp_path / "log"):
            [answer] = api.wait_for(1, PATIENCE)
            message = {"message_id": 2, "date": int(time.time()), "chat": chat, "text": "sure?"}
            data = encode(Operation.PERSONAL_DATA, "y")
            press = {"id": "1", "from": sender, "message": message, "chat_instance": "1", "data": data}
            api.deliver({"update_id": 9100, "callback_query": press})
            assert api.wait_until(lambda: any(call.method == "editMessageText" for call in api.calls), PATIENCE)
            assert api.wait_until(lambda: not holding(own, words, name), PATIENCE)
    finally:
        os.umask(umask)
    assert answer.text
    made = [own / "bot.db", *(path for path in own.glob("bot.db-*"))]
    assert all(path.stat().st_mode & 0o077 == 0 for path in made)


def holding(folder: Path, *texts: str) -> list[Path]:
    # the encoder's weights are being unpacked meanwhile, and what they are unpacked into is renamed
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".encoder")]
    return [path for path in files if any(text.encode() in path.read_bytes() for text in texts)]


def test_a_wrong_token_is_one_line_without_the_token(own: Path) -> None:
    wrong = "987654:not-this-one"
    with serving(BotApi()) as url:
        done = subprocess.run(
            [*ZHIDIAN, "--data", str(own), "run"],
            cwd=own,
            env=environment(TELEGRAM_BOT_TOKEN=wrong, TELEGRAM_API_URL=url),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("Error: TELEGRAM_BOT_TOKEN")
    assert wrong not in done.stdout + done.stderr


def test_without_a_token_a_pipe_is_answered(own: Path) -> None:
    done = subprocess.run(
        [*ZHIDIAN, "run"],
        cwd=own,
        env=environment(ZHIDIAN_DATA=str(own)),
        input="怀柔科学城面积多大?\n".encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert "100.9" in done.stdout.decode()
    assert "经济日报" in done.stdout.decode() or "http" in done.stdout.decode()
    assert done.stderr == b""


def test_a_closed_pipe_ends_quietly(data: Path) -> None:
    process = subprocess.Popen(
        [*ZHIDIAN, "--data", str(data), "search", "--json", "-"],
        cwd=data,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(b"Beijing\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith(b'{"question": "Beijing"')  # a line comes before the next is asked
    process.stdout.close()
    process.stdin.write(b"Beijing\n" * 3)
    process.stdin.close()
    assert process.wait(PATIENCE) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


PRIVATE, GROUPS = range(1, 51), range(-1010, -1000)


def test_where_nothing_went_through_each_question_is_answered_once_and_in_order(own: Path, tmp_path: Path) -> None:
    api = BotApi(fault=faults.some_of_them(0.2, faults.MADE_CLEAR, seed=7))
    with serving(api) as url:
        tally = faults.under_faults(api, url, own, tmp_path / "log", PRIVATE, each=10)
    assert (tally.asked, tally.missing, tally.disordered, tally.other) == (500, [], [], 0)
    assert len(tally.doubled) <= tally.timed_out
    assert sum(call.fate != "taken" for call in api.sent()) > 50, "there were no faults: nothing was tested"


def test_where_telegram_s_answer_was_lost_only_that_message_is_doubled(own: Path, tmp_path: Path) -> None:
    api = BotApi(fault=faults.some_of_them(0.2, ["lost"], seed=7))
    with serving(api) as url:
        tally = faults.under_faults(api, url, own, tmp_path / "log", [*PRIVATE, *GROUPS], each=2)
    assert (tally.asked, tally.missing, tally.disordered, tally.other) == (120, [], [], 0)
    assert tally.doubled
    assert len(set(tally.doubled) - tally.in_flight) <= tally.timed_out


def test_strangers_get_nothing_and_members_their_answers_whatever_is_refused(own: Path, tmp_path: Path) -> None:
    api = BotApi()
    with serving(api) as url:
        tally, served = faults.under_strangers(api, url, own, tmp_path / "log", range(1, 16), each=2)
    assert (tally.asked, tally.missing, tally.disordered, served) == (30, [], [], 0)
    assert len(set(tally.doubled) - tally.in_flight) <= tally.timed_out
    assert any(call.fate == "refused" for call in api.sent()), "no refusal failed: nothing was tested"


def test_a_killed_process_answers_every_private_question_and_doubles_only_what_was_in_flight(
    own: Path, tmp_path: Path
) -> None:
    api = BotApi()
    with serving(api) as url:
        tally = faults.under_kills(api, url, own, tmp_path / "log", PRIVATE[:30], kills=6)
    assert (tally.asked, tally.missing, tally.disordered) == (180, [], [])
    assert len(set(tally.doubled) - tally.in_flight) <= tally.timed_out


def test_a_cut_text_and_an_album_are_answered_once_though_the_process_is_killed_between_their_parts(
    own: Path, tmp_path: Path
) -> None:
    """The first life gets one part, the second the rest; what a kill took apart is put together again."""
    api, updates = BotApi(), Updates()
    question = updates.private("怀柔科学城面积多大？" + "这一段是背景。" * 400)
    rest = updates.private("说完了，谢谢" + "。" * 60)
    files = {f"{n}.jsonl": json.dumps(story(f"Report {n}", NEWS[n].format(n=n + 31))).encode() for n in range(3)}
    album = [
        updates.private(
            None,
            media_group_id="5",
            document={"file_id": name, "file_unique_id": name, "file_name": name, "file_size": len(body)},
        )
        for name, body in files.items()
    ]
    with serving(api) as url, served() as site:
        api.files |= files
        site.pages |= {f"/bot{quote(TOKEN)}/documents/{name}": Page(body) for name, body in files.items()}
        settings = {"ZHIDIAN_ADMINS": "7", "TELEGRAM_FILE_URL": f"{site.url}/bot"}
        for parts in ([question], [rest, *album]):
            api.deliver(*parts)
            with started(own, url, tmp_path / "log", **settings) as process:
                # confirmed, and therefore in the inbox, but still awaited there
                assert api.wait_until(lambda: not api.updates, PATIENCE)
                process.kill()
        with running(own, url, tmp_path / "log", **settings):
            api.wait_for(2, PATIENCE)
            time.sleep(2 * JOIN_SECONDS)
    answer, report = api.arrived()
    assert "100.9" in answer.text
    assert "新增 3" in report.text


def test_blocked_and_moved_chats_hold_up_nobody(own: Path, tmp_path: Path) -> None:
    api = BotApi(blocked={1}, moved={-1001: -100_1001})
    with serving(api) as url:
        inquiry = faults.Inquiry()
        api.deliver(*(inquiry.ask(chat) for chat in (1, 1, 2, -1001, -1001, 3)))
        with running(own, url, tmp_path / "log"):
            api.wait_until(lambda: faults.answers(api) == 4, PATIENCE)
            api.wait_until(lambda: sum(call.chat == 1 for call in api.sent()) == 2, PATIENCE)
    there = faults.answered(api)
    there[-100_1001].sort()  # several members asked, and nobody waits for another member's answer
    assert there == {chat: inquiry.asked[chat] for chat in (2, 3)} | {-100_1001: inquiry.asked[-1001]}
    assert sum(call.chat == 1 for call in api.sent()) == 2  # each was tried once
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


def test_a_network_that_comes_up_late_updates_that_come_twice_and_files(own: Path, tmp_path: Path) -> None:
    polls = iter(["lost", "closed"])
    api = BotApi(fault=lambda method, _: next(polls, "taken") if method == "getUpdates" else "taken")  # type: ignore[arg-type]
    updates = Updates()
    for _ in range(2):
        api.refuse("getMe", 502, "Bad Gateway")
    api.deliver(updates.private("怀柔科学城面积多大?"), updates.private("/export"))
    with serving(api) as url, running(own, url, tmp_path / "log"):
        assert api.wait_until(lambda: any(call.method == "sendDocument" for call in api.calls), PATIENCE)
    assert len(api.arrived()) == 1
    [file] = [call for call in api.calls if call.method == "sendDocument"]
    assert "怀柔科学城面积多大?" in file.parameters["document"].decode()


CONFLICT = refusal(409, "Conflict: terminated by other getUpdates request")


def test_conflicts_that_stay_end_the_process_with_one_line(own: Path, tmp_path: Path) -> None:
    api = BotApi(fault=lambda method, _: CONFLICT if method == "getUpdates" else "taken")
    with serving(api) as url, started(own, url, tmp_path / "log") as process:
        assert process.wait(PATIENCE) == 1
    last = (tmp_path / "log").read_text("utf-8").strip().splitlines()[-1]
    assert last.startswith("Error: TELEGRAM_BOT_TOKEN: another process")
    assert "Traceback" not in (tmp_path / "log").read_text("utf-8")


def test_from_a_published_item_to_an_answer_to_tomorrow_s_digest(own: Path, tmp_path: Path) -> None:
    """The bot runs on while other processes follow a feed and take in what it published."""
    api, updates = BotApi(), Updates()

    def zhidian(*arguments: str) -> str:
        done = subprocess.run(
            [*ZHIDIAN, "--data", str(own), *arguments],
            cwd=own,
            env=environment(ZHIDIAN_FEED_HOSTS="127.0.0.1"),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        return done.stdout.decode()

    def says(words: str) -> bool:
        return any(words in message.text for message in api.arrived())

    with serving(api) as url, served() as site:
        site.pages |= {"/rss": Page(rss(("平台", "/a"))), "/a": Page(article("怀柔平台"))}
        with running(own, url, tmp_path / "log"):
            api.deliver(updates.private("/subscribe 原始创新 07:30"))
            assert api.wait_until(lambda: says("原始创新"), PATIENCE)
            assert "1 entries" in zhidian("feed", "add", f"{site.url}/rss", "--topic", "原始创新")
            assert "1 came in" in zhidian("feed", "fetch")
            time.sleep(5)  # as long as it may take until a running bot answers from what another process took in
            api.deliver(updates.private("怀柔平台的资金来自哪里，总额多少？"))
            assert api.wait_until(lambda: says("<b>四十二亿元</b>") or says("四十二亿元"), PATIENCE)
        answer = next(message.text for message in api.arrived() if "四十二亿元" in message.text)
        assert "原文" in answer
    tomorrow = datetime.now(BEIJING).date() + timedelta(days=1)
    said = zhidian("digest", "--dry-run", "--at", f"{tomorrow}T07:31")
    assert said.startswith("=== 7 ·")
    assert all(f"• {text}" in said for text in PARAGRAPHS)
    assert "原文" in said
