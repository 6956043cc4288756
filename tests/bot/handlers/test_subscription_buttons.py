"""The buttons of what is followed, under digests that were delivered; what is asked for, found and told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from telegram.ext import ExtBot

from bot.app import application as app
from bot.container import Services
from bot.delivery.dispatcher import DeliveryLoop
from bot.delivery.sender import OutboxSender
from bot.digest.standing_questions import StandingQuestions
from bot.digest.subscription import MAX_SUBSCRIPTIONS, Destination, Subscription, SubscriptionSpec
from bot.question_log.log import QuestionLog
from bot.settings import Settings
from bot.transport.rate_limiter import AdaptiveRateLimiter
from bot.transport.send_scheduler import UNLIMITED
from bot.transport.sender import DEFAULTS
from retrieval.library import Library
from tests.conftest import ROOT, Chat
from tests.support.stories import ingest, story
from tests.support.subscriptions import MORNING, beijing
from tests.support.telegram import NAME, TOKEN, Call, Updates, refusal
from tests.support.telegram_screen import Screen, ScreenWire

TOPIC = "原始创新"
TEN = beijing("2026-07-01T10:00")
NOW = datetime.now(UTC)  # of one moment are one message


def due(services: Services, chat: int = 7, subject: str = TOPIC, title: str = "", user: int | None = 7) -> Subscription:
    """All that the seeds have is news to this one, and it is time for it."""
    wanted = SubscriptionSpec(Destination(chat), user, "topic", subject, "zh", MORNING, title=title)
    return services.subscriptions.add(wanted, NOW - timedelta(seconds=1), 0, NOW)


async def deliver(services: Services, api: Screen, now: datetime | None = None) -> list[Call]:
    """What the bot sends by itself."""
    before, wire = len(api.sent()), ScreenWire(api)
    planner, clock = services.planner(NAME), lambda: now or datetime.now(UTC)
    limiter = AdaptiveRateLimiter(UNLIMITED, services.personal_data.move)
    bot = ExtBot(TOKEN, request=wire, get_updates_request=wire, rate_limiter=limiter, defaults=DEFAULTS)
    sender = OutboxSender(planner, bot, lambda _: None, clock)
    delivery = DeliveryLoop(planner, StandingQuestions(planner), sender, lambda _: None, clock)
    await delivery.plan()
    while await delivery.send():
        pass
    return api.sent()[before:]


async def test_below_a_digest_stands_all_that_can_be_done_about_it(chat: Chat, services: Services) -> None:
    one = due(services)
    await deliver(services, chat.api)
    number, digest = chat.last()
    assert digest.labels == [["全部要点", "改时间"], ["暂停", "退订"]]
    assert await chat.press("改时间", message=number) == ""
    assert "已改" in await chat.press("18:00", message=number)
    changed = services.subscriptions.get(one.id)
    assert changed
    assert f"{changed.spec.schedule.at:%H:%M}" == "18:00"
    assert "已暂停" in await chat.press("暂停", message=number)
    assert chat.api.shown[7, number].labels == [["恢复"]]
    assert "下次" in await chat.press("恢复", message=number)
    assert await chat.press("全部要点", message=number) == ""
    assert chat.last()[0] > number
    assert await chat.press("退订", message=number) == f"已取消关注：{TOPIC}"
    assert services.subscriptions.get(one.id) is None
    assert chat.api.shown[7, number].html == digest.html  # what was read stays


async def test_several_subscriptions_of_one_digest_are_managed_in_the_list(chat: Chat, services: Services) -> None:
    due(services)
    due(services, subject="冰雪经济")
    await deliver(services, chat.api)
    assert chat.last()[1].labels == [["全部要点", "管理"]]
    await chat.press("管理")
    assert "这里关注了 2 项" in chat.last()[1].text


async def test_all_points_of_a_group_s_digest_go_to_who_asked(chat: Chat, services: Services) -> None:
    due(services, chat=-1007)
    await deliver(services, chat.api)
    number, _ = chat.last(-1007)
    assert await chat.press("全部要点", -1007, number, user=8) == "已发到你的私聊。"
    assert chat.last(8)[1].text.startswith(TOPIC)
    assert chat.last(-1007)[0] == number
    chat.api.blocked.add(9)
    assert f"@{NAME}" in await chat.press("全部要点", -1007, number, user=9)


async def test_a_channel_s_subscription_is_changed_by_who_still_runs_it(chat: Chat, services: Services) -> None:
    one = due(services, chat=-1009, title="我的频道")
    await chat.private("/subscriptions")
    await chat.press("1.")
    assert "都必须是它的管理员" in await chat.press("暂停")
    assert services.subscriptions.get(one.id) == one
    chat.api.administrators.add((-1009, 7))
    assert "已暂停" in await chat.press("暂停")
    chat.api.refuse("getChatMember", 403, "Forbidden: bot was kicked from the channel chat")
    assert "已取消关注" in await chat.press("退订")


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (403, "Forbidden: bot was kicked from the channel chat"),
        (400, "Bad Request: member list is inaccessible"),
        (400, "Bad Request: user not found"),
        (429, "Too Many Requests"),
    ],
)
async def test_who_may_not_be_asked_for_is_not_taken_for_an_administrator(
    chat: Chat, services: Services, code: int, description: str
) -> None:
    one = due(services, chat=-1009, title="我的频道")
    await chat.private("/subscriptions")
    await chat.press("1.")
    labels = ["暂停"] if code == 403 else ["暂停", "退订"]  # who subscribed clears up where the bot is out
    for label in labels:
        chat.api.refuse("getChatMember", code, description, **({"retry_after": 43_838} if code == 429 else {}))
        assert await chat.press(label)
        assert services.subscriptions.get(one.id) == one, label


async def test_six_zones_are_buttons_and_any_other_is_written(chat: Chat, services: Services) -> None:
    await chat.private(f"/subscribe {TOPIC}")
    await chat.press("改时间")
    assert "Europe/Paris" in await chat.press("时区")
    zones = [label for row in chat.last()[1].labels for label in row if label.endswith("时间")]
    assert len(zones) == 6
    await chat.private(f"/subscribe {TOPIC} Asia/Kathmandu")
    [one] = services.subscriptions.at(Destination(7))
    assert one.spec.schedule.zone == "Asia/Kathmandu"


async def test_the_last_choice_outlives_what_it_was_made_for(chat: Chat, services: Services) -> None:
    await chat.private("/topics")
    await chat.press(TOPIC)
    topic, _ = chat.last()
    await chat.press("🔔", message=topic)
    await chat.press("改时间")
    await chat.press("21:30")
    await chat.press("退订")
    assert not services.subscriptions.at(Destination(7))
    await chat.press("🔔", message=topic)
    assert "每天 21:30" in chat.last()[1].text
    [message] = await chat.private("/settings")
    assert "21:30" in message.text


@pytest.mark.parametrize("word", ["25:00", "8:5", "Asia/Shangai", "UTC+8"])
async def test_what_looks_like_a_time_or_a_zone_and_is_none_is_said(chat: Chat, services: Services, word: str) -> None:
    [message] = await chat.private(f"/subscribe 湖北 芯片 {word} 静音")
    assert f"“{word}”既不是时间" in message.text
    assert not services.subscriptions.at(Destination(7))
    await chat.private(f"/subscribe 湖北 芯片 “{word}” 静音")
    assert len(services.subscriptions.at(Destination(7))) == 1


async def test_a_group_that_became_a_supergroup_goes_on_there(chat: Chat, services: Services) -> None:
    due(services, chat=-1007)
    await chat.group(None, migrate_to_chat_id=-100_555)
    assert {call.chat for call in await deliver(services, chat.api)} == {-100_555}
    assert not services.subscriptions.at(Destination(-1007))


async def test_the_limit_is_said_in_words(chat: Chat, services: Services) -> None:
    for n in range(MAX_SUBSCRIPTIONS):
        due(services, subject=f"主题{n}")
    [message] = await chat.private("/subscribe 再一个")
    assert f"最多关注 {MAX_SUBSCRIPTIONS} 项" in message.text
    assert len(services.subscriptions.at(Destination(7))) == MAX_SUBSCRIPTIONS


async def test_a_language_chosen_later_is_that_of_the_next_digest(chat: Chat, services: Services) -> None:
    due(services)
    await chat.private("/settings")
    await chat.press("语言")
    await chat.press("English")
    first, *_ = await deliver(services, chat.api)
    assert "new summaries" in first.text


@pytest.mark.parametrize("reason", ["blocked", "gone", "access"])
async def test_whoever_starts_the_bot_again_is_served_again(chat: Chat, services: Services, reason: str) -> None:
    one, asked = due(services), due(services, subject="冰雪经济")
    services.subscriptions.pause(asked.id, "asked")
    services.subscriptions.pause(one.id, reason)  # type: ignore[arg-type]
    await chat.private("/start")
    assert [subscription.paused for subscription in services.subscriptions.at(Destination(7))] == [None, "asked"]


async def test_the_admins_see_what_became_of_deliveries(
    library: Library, question_log: QuestionLog, tmp_path: Path
) -> None:
    settings, api = Settings(token=SecretStr(TOKEN), data=tmp_path, admins=frozenset({7})), Screen()
    services = Services.of(settings, library, question_log)
    application = app.assemble(settings, services, ScreenWire(api), UNLIMITED).application
    async with application:
        chat = Chat(application, api, Updates())
        for reader in (7, 8, 9, 10):
            due(services, chat=reader)
        api.blocked.add(8)
        lost = refusal(504, "Gateway Timeout")
        api.fault = lambda _, parameters: lost if parameters.get("chat_id") == 9 else "taken"
        await deliver(services, api)
        due(services, chat=11)
        [status] = [call.text for call in await chat.private("/status")]
        assert "失败 1，不确定 1；到点未排 1" in status
        assert "待发 0" in status
        assert "暂停 1 项" in status
        assert "→ 8：failed" in status
        [of_others] = [call.text for call in await chat.group("/status")]
        assert "失败" not in of_others
    services.close()


class Told:
    """The bot with a corpus of its own, at ten in the morning, Beijing time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.library, self.question_log = folder, Library(folder), QuestionLog(folder / "bot.db")
        self.library.ingest((ROOT / "seeds",))
        settings = Settings(token=SecretStr(TOKEN), data=folder)
        self.services = Services.of(settings, self.library, self.question_log, now=lambda: TEN)
        self.api = Screen()
        self.application = app.assemble(settings, self.services, ScreenWire(self.api), UNLIMITED).application
        self.chat = Chat(self.application, self.api, Updates())

    def close(self) -> None:
        self.services.close()
        self.question_log.close()
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
        assert not await deliver(told.services, told.api, TEN)
        answer = "The demagnetization of magnetic shields now takes 8 minutes"
        ingest(told.library, told.folder, [story("退磁", answer), story("猪肉", "Pigs got cheaper")])
        [call] = await deliver(told.services, told.api, TEN)
        assert call.parameters["reply_parameters"]["message_id"] == update["message"]["message_id"]
        assert answer in call.text
        assert "经济日报" in call.text
        assert not await deliver(told.services, told.api, TEN)
        assert told.chat.last()[1].labels == [["不再提醒我"]]
        assert "已取消关注" in await told.chat.press("不再提醒我")
        assert answer in told.chat.last()[1].text
        assert not told.services.subscriptions.at(Destination(7))


async def test_nobody_is_woken_at_their_own_night(told: Told) -> None:
    for chat, zone in ((7, "Asia/Shanghai"), (8, "America/Los_Angeles")):  # 10:00 and 19:00
        wanted = SubscriptionSpec(
            Destination(chat), chat, "question", "demagnetization of magnetic shields", "zh",
            replace(MORNING, zone=zone), at_once=True,
        )  # fmt: skip
        told.services.subscriptions.add(wanted, None, told.library.counts().last_seen, TEN)
    at = beijing("2026-07-01T14:00")  # 23:00 there
    ingest(told.library, told.folder, [story("退磁", "The demagnetization of magnetic shields now takes 8 minutes")])
    assert [call.chat for call in await deliver(told.services, told.api, at)] == [7]
