"""The buttons of what is followed, under digests that were delivered; what is asked for, found and told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from telegram import Bot

from bot.app import application as app
from bot.container import Desk
from bot.delivery.dispatcher import Delivery
from bot.delivery.sender import Courier
from bot.digest.standing_questions import Standing
from bot.digest.subscription import MOST, Place, Subscription, Wanted
from bot.question_log.log import Journal
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED, Turns
from retrieval.library import Library
from tests.conftest import ROOT, Chat
from tests.support.stories import ingest, story
from tests.support.subscriptions import MORNING, beijing
from tests.support.telegram import NAME, TOKEN, Call, Updates, refusal
from tests.support.telegram_screen import Screen, ScreenWire

TOPIC = "原始创新"
TEN = beijing("2026-07-01T10:00")
NOW = datetime.now(UTC)  # of one moment are one message


def due(desk: Desk, chat: int = 7, subject: str = TOPIC, title: str = "", user: int | None = 7) -> Subscription:
    """All that the seeds have is news to this one, and it is time for it."""
    wanted = Wanted(Place(chat), user, "topic", subject, "zh", MORNING, title=title)
    return desk.subscriptions.add(wanted, NOW - timedelta(seconds=1), 0, NOW)


async def deliver(desk: Desk, api: Screen, now: datetime | None = None) -> list[Call]:
    """What the bot sends by itself."""
    before, wire = len(api.sent()), ScreenWire(api)
    planner, clock = desk.planner(NAME), lambda: now or datetime.now(UTC)
    bot = Bot(TOKEN, request=wire, get_updates_request=wire)
    courier = Courier(planner, bot, Turns(UNLIMITED), lambda _: None, desk.everything.move, clock)
    delivery = Delivery(planner, Standing(planner), courier, lambda _: None, clock)
    await delivery.plan()
    while await delivery.send():
        pass
    return api.sent()[before:]


async def test_below_a_digest_stands_all_that_can_be_done_about_it(chat: Chat, desk: Desk) -> None:
    one = due(desk)
    await deliver(desk, chat.api)
    number, digest = chat.last()
    assert digest.labels == [["全部要点", "改时间"], ["暂停", "退订"]]
    assert await chat.press("改时间", message=number) == ""
    assert "已改" in await chat.press("18:00", message=number)
    changed = desk.subscriptions.get(one.id)
    assert changed
    assert f"{changed.wanted.schedule.at:%H:%M}" == "18:00"
    assert "已暂停" in await chat.press("暂停", message=number)
    assert chat.api.shown[7, number].labels == [["恢复"]]
    assert "下次" in await chat.press("恢复", message=number)
    assert await chat.press("全部要点", message=number) == ""
    assert chat.last()[0] > number
    assert await chat.press("退订", message=number) == f"已取消关注：{TOPIC}"
    assert desk.subscriptions.get(one.id) is None
    assert chat.api.shown[7, number].html == digest.html  # what was read stays


async def test_several_subscriptions_of_one_digest_are_managed_in_the_list(chat: Chat, desk: Desk) -> None:
    due(desk)
    due(desk, subject="冰雪经济")
    await deliver(desk, chat.api)
    assert chat.last()[1].labels == [["全部要点", "管理"]]
    await chat.press("管理")
    assert "这里关注了 2 项" in chat.last()[1].text


async def test_all_points_of_a_group_s_digest_go_to_who_asked(chat: Chat, desk: Desk) -> None:
    due(desk, chat=-1007)
    await deliver(desk, chat.api)
    number, _ = chat.last(-1007)
    assert await chat.press("全部要点", -1007, number, user=8) == "已发到你的私聊。"
    assert chat.last(8)[1].text.startswith(TOPIC)
    assert chat.last(-1007)[0] == number
    chat.api.blocked.add(9)
    assert f"@{NAME}" in await chat.press("全部要点", -1007, number, user=9)


async def test_a_channel_s_subscription_is_changed_by_who_still_runs_it(chat: Chat, desk: Desk) -> None:
    one = due(desk, chat=-1009, title="我的频道")
    await chat.private("/subscriptions")
    await chat.press("1.")
    assert "都必须是它的管理员" in await chat.press("暂停")
    assert desk.subscriptions.get(one.id) == one
    chat.api.administrators.add((-1009, 7))
    assert "已暂停" in await chat.press("暂停")
    chat.api.refuse("getChatMember", 403, "Forbidden: bot was kicked from the channel chat")
    assert "已取消关注" in await chat.press("退订")


async def test_six_zones_are_buttons_and_any_other_is_written(chat: Chat, desk: Desk) -> None:
    await chat.private(f"/subscribe {TOPIC}")
    await chat.press("改时间")
    assert "Europe/Paris" in await chat.press("时区")
    zones = [label for row in chat.last()[1].labels for label in row if "/" in label]
    assert len(zones) == 6
    await chat.private(f"/subscribe {TOPIC} Asia/Kathmandu")
    [one] = desk.subscriptions.at(Place(7))
    assert one.wanted.schedule.zone == "Asia/Kathmandu"


async def test_the_last_choice_outlives_what_it_was_made_for(chat: Chat, desk: Desk) -> None:
    await chat.private("/topics")
    await chat.press(TOPIC)
    topic, _ = chat.last()
    await chat.press("🔔", message=topic)
    await chat.press("改时间")
    await chat.press("21:30")
    await chat.press("退订")
    assert not desk.subscriptions.at(Place(7))
    await chat.press("🔔", message=topic)
    assert "每天 21:30" in chat.last()[1].text
    [message] = await chat.private("/settings")
    assert "21:30" in message.text


@pytest.mark.parametrize("word", ["25:00", "8:5", "Asia/Shangai", "UTC+8"])
async def test_what_looks_like_a_time_or_a_zone_and_is_none_is_said(chat: Chat, desk: Desk, word: str) -> None:
    [message] = await chat.private(f"/subscribe 湖北 芯片 {word} 静音")
    assert f"“{word}”既不是时间" in message.text
    assert not desk.subscriptions.at(Place(7))
    await chat.private(f"/subscribe 湖北 芯片 “{word}” 静音")
    assert len(desk.subscriptions.at(Place(7))) == 1


async def test_a_group_that_became_a_supergroup_goes_on_there(chat: Chat, desk: Desk) -> None:
    due(desk, chat=-1007)
    await chat.group(None, migrate_to_chat_id=-100_555)
    assert {call.chat for call in await deliver(desk, chat.api)} == {-100_555}
    assert not desk.subscriptions.at(Place(-1007))


async def test_the_limit_is_said_in_words(chat: Chat, desk: Desk) -> None:
    for n in range(MOST):
        due(desk, subject=f"主题{n}")
    [message] = await chat.private("/subscribe 再一个")
    assert f"最多关注 {MOST} 项" in message.text
    assert len(desk.subscriptions.at(Place(7))) == MOST


async def test_a_language_chosen_later_is_that_of_the_next_digest(chat: Chat, desk: Desk) -> None:
    due(desk)
    await chat.private("/settings")
    await chat.press("语言")
    await chat.press("English")
    first, *_ = await deliver(desk, chat.api)
    assert "new summaries" in first.text


@pytest.mark.parametrize("reason", ["blocked", "gone", "access"])
async def test_whoever_starts_the_bot_again_is_served_again(chat: Chat, desk: Desk, reason: str) -> None:
    one, asked = due(desk), due(desk, subject="冰雪经济")
    desk.subscriptions.pause([asked.id], "asked")
    desk.subscriptions.pause([one.id], reason)  # type: ignore[arg-type]
    await chat.private("/start")
    assert [subscription.paused for subscription in desk.subscriptions.at(Place(7))] == [None, "asked"]


async def test_the_admins_see_what_became_of_deliveries(library: Library, journal: Journal, tmp_path: Path) -> None:
    settings, api = Settings(token=SecretStr(TOKEN), data=tmp_path, admins=frozenset({7})), Screen()
    desk = Desk.of(settings, library, journal)
    application = app.build(settings, desk, ScreenWire(api), UNLIMITED)
    async with application:
        chat = Chat(application, api, Updates())
        for reader in (7, 8, 9, 10):
            due(desk, chat=reader)
        api.blocked.add(8)
        lost = refusal(504, "Gateway Timeout")
        api.fault = lambda _, parameters: lost if parameters.get("chat_id") == 9 else "taken"
        await deliver(desk, api)
        due(desk, chat=11)
        [status] = [call.text for call in await chat.private("/status")]
        assert "失败 1，不确定 1；到点未排 1" in status
        assert "待发 0" in status
        assert "暂停 1 项" in status
        assert "→ 8：failed" in status
        [of_others] = [call.text for call in await chat.group("/status")]
        assert "失败" not in of_others
    desk.close()


class Told:
    """The bot with a corpus of its own, at ten in the morning, Beijing time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.library, self.journal = folder, Library(folder), Journal(folder / "bot.db")
        self.library.ingest((ROOT / "seeds",))
        settings = Settings(token=SecretStr(TOKEN), data=folder)
        self.desk = Desk.of(settings, self.library, self.journal, now=lambda: TEN)
        self.api = Screen()
        self.application = app.build(settings, self.desk, ScreenWire(self.api), UNLIMITED)
        self.chat = Chat(self.application, self.api, Updates())

    def close(self) -> None:
        self.desk.close()
        self.journal.close()
        self.library.close()


@pytest.fixture
def told(fresh: Path) -> Iterator[Told]:
    told = Told(fresh)
    yield told
    told.close()


@pytest.mark.parametrize("way", ["bell", "command"])
async def test_what_is_not_there_is_asked_for_and_told_as_a_reply(told: Told, way: str) -> None:
    question = "demagnetization of magnetic shields"
    async with told.application:
        update = told.chat.updates.private(question if way == "bell" else f"/subscribe {question} at-once")
        await told.chat.send(update)
        if way == "bell":
            await told.chat.press("🔔")
        ingest(told.library, told.folder, [story("无关", "A Hefei laboratory opened a hall for magnets")], "near.jsonl")
        assert not await deliver(told.desk, told.api, TEN)
        answer = "The demagnetization of magnetic shields now takes 8 minutes"
        ingest(told.library, told.folder, [story("退磁", answer), story("猪肉", "Pigs got cheaper")])
        [call] = await deliver(told.desk, told.api, TEN)
        assert call.parameters["reply_parameters"]["message_id"] == update["message"]["message_id"]
        assert answer in call.text
        assert "经济日报" in call.text
        assert not await deliver(told.desk, told.api, TEN)
        assert told.chat.last()[1].labels == [["不用再告诉我"]]
        assert "已取消关注" in await told.chat.press("不用再告诉我")
        assert answer in told.chat.last()[1].text
        assert not told.desk.subscriptions.at(Place(7))


async def test_nobody_is_woken_at_their_own_night(told: Told) -> None:
    for chat, zone in ((7, "Asia/Shanghai"), (8, "America/Los_Angeles")):  # 10:00 and 19:00
        wanted = Wanted(
            Place(chat), chat, "question", "demagnetization of magnetic shields", "zh",
            replace(MORNING, zone=zone), at_once=True,
        )  # fmt: skip
        told.desk.subscriptions.add(wanted, None, told.library.counts().last_seen, TEN)
    at = beijing("2026-07-01T14:00")  # 23:00 there
    ingest(told.library, told.folder, [story("退磁", "The demagnetization of magnetic shields now takes 8 minutes")])
    assert [call.chat for call in await deliver(told.desk, told.api, at)] == [7]
