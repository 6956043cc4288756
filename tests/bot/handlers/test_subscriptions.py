"""Following in Telegram: commands, bells, menus and lists, through the wire."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.digest.subscription import Destination, Subscription
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from bot.users.preferences import Preferences
from tests.conftest import Chat
from tests.support.telegram import TOKEN, Call, Updates
from tests.support.telegram_html import InvalidError, parse
from tests.support.telegram_screen import Screen, ScreenWire

QUESTION = "怀柔科学城面积多大?"
UNKNOWN = "火星移民的房租"


def followed(services: Services, chat: int = 7, thread: int = 0) -> list[Subscription]:
    return services.subscriptions.at(Destination(chat, thread))


@pytest.mark.parametrize(
    ("written", "subject", "kind", "days", "hour", "zone", "quiet", "at_once"),
    [
        ("原始创新 07:30 Asia/Shanghai", "原始创新", "topic", "daily", "07:30", "Asia/Shanghai", False, False),
        ("原始创新", "原始创新", "topic", "daily", "07:30", "Asia/Shanghai", False, False),
        ("湖北 芯片 工作日 8点半", "湖北 芯片", "question", "weekdays", "08:30", "Asia/Shanghai", False, False),
        ("Hubei chips monday 18:05 europe/berlin quiet", "Hubei chips", "question", "mon", "18:05", "Europe/Berlin",
         True, False),
        ("半导体 A股开盘前", "半导体", "question", "XSHG open", "07:30", "Asia/Shanghai", False, False),
        ("半导体 XHKG close", "半导体", "question", "XHKG close", "07:30", "Asia/Shanghai", False, False),
        ("退磁 有就告诉我 静音", "退磁", "question", "daily", "07:30", "Asia/Shanghai", True, True),
        ("Poland America/New York 9点", "Poland", "question", "daily", "09:00", "America/New_York", False, False),
        ("北京 2025", "北京 2025", "question", "daily", "07:30", "Asia/Shanghai", False, False),
        ("原始创新 每天早上8点", "原始创新", "topic", "daily", "08:00", "Asia/Shanghai", False, False),
        ("原始创新 每周一8:30 静音", "原始创新", "topic", "mon", "08:30", "Asia/Shanghai", True, False),
        ("AI every friday 6:30 pm", "AI", "question", "fri", "18:30", "Asia/Shanghai", False, False),
        ("芯片 A 股收盘后", "芯片", "question", "XSHG close", "07:30", "Asia/Shanghai", False, False),
        ("chips before Hong Kong opens", "chips", "question", "XHKG open", "07:30", "Asia/Shanghai", False, False),
        ("氢能 晚上9点半 Asia/Kathmandu", "氢能", "question", "daily", "21:30", "Asia/Kathmandu", False, False),
    ],
)  # fmt: skip
async def test_one_line_follows(chat: Chat, services: Services, written: str, subject: str, kind: str, days: str,
                                hour: str, zone: str, quiet: bool, at_once: bool) -> None:  # fmt: skip
    [message] = await chat.private(f"/subscribe {written}")
    [one] = followed(services)
    wanted = one.spec
    assert (wanted.subject, wanted.kind) == (subject, kind)
    assert (wanted.schedule.days, f"{wanted.schedule.at:%H:%M}", wanted.schedule.zone) == (days, hour, zone)
    assert (wanted.quiet, wanted.at_once) == (quiet, at_once)
    assert one.next_at
    assert one.next_at > datetime.now(UTC)
    assert "下次" in message.text


async def test_subscribe_alone_says_how(chat: Chat, services: Services) -> None:
    [message] = await chat.private("/subscribe")
    assert "/subscribe 原始创新 07:30" in message.text
    assert not followed(services)


async def test_the_bell_below_a_topic_follows_at_once_with_a_sample_and_is_undone(
    chat: Chat, services: Services
) -> None:
    await chat.private("/topics")
    await chat.press("原始创新")
    assert await chat.press("🔔") == ""
    [one] = followed(services)
    assert (one.spec.kind, one.spec.subject) == ("topic", "原始创新")
    assert one.cursor.mark == services.answers.library.counts().last_seen
    _, card = chat.last()
    assert "已关注：原始创新" in card.text
    assert "每天 07:30" in card.text
    assert "样例" in card.text
    assert await chat.press("撤销") == "已取消关注：原始创新"
    assert not followed(services)
    assert await chat.press("🔔") == ""
    assert followed(services)


async def test_the_bell_below_not_found_asks_to_be_told_at_once_as_a_reply(chat: Chat, services: Services) -> None:
    update = chat.updates.private(UNKNOWN)
    await chat.send(update)
    await chat.press("🔔")
    [one] = followed(services)
    assert (one.spec.subject, one.spec.at_once) == (UNKNOWN, True)
    assert one.spec.reply_to == update["message"]["message_id"]
    await chat.private(QUESTION)
    await chat.press("🔔")
    assert [one.spec.at_once for one in followed(services)] == [True, False]


async def test_the_person_s_choice_of_hour_and_zone_is_taken(chat: Chat, services: Services) -> None:
    services.preferences.choose(7, Preferences(None, "21:30", "Europe/London"))
    await chat.private("/subscribe 原始创新")
    [one] = followed(services)
    assert (f"{one.spec.schedule.at:%H:%M}", one.spec.schedule.zone) == ("21:30", "Europe/London")


async def test_the_last_choice_is_taken_where_none_was_set(chat: Chat, services: Services) -> None:
    await chat.private("/subscribe 原始创新 18:00 Asia/Tokyo")
    await chat.private("/subscribe 冰雪")
    _, later = followed(services)
    assert (f"{later.spec.schedule.at:%H:%M}", later.spec.schedule.zone) == ("18:00", "Asia/Tokyo")


async def test_everything_about_one_can_be_changed_from_its_card(chat: Chat, services: Services) -> None:
    await chat.private("/subscribe 湖北 芯片")

    def wanted() -> Any:
        return followed(services)[0].spec

    await chat.press("改时间")
    assert "已改" in await chat.press("18:00")
    assert f"{wanted().schedule.at:%H:%M}" == "18:00"
    await chat.press("改时间")
    await chat.press("哪几天")
    await chat.press("每周三")
    assert wanted().schedule.days == "wed"
    await chat.press("改时间")
    await chat.press("时区")
    await chat.press("伦敦时间")
    assert wanted().schedule.zone == "Europe/London"
    await chat.press("改时间")
    await chat.press("静音")
    assert wanted().quiet
    await chat.press("有就告诉我")
    assert wanted().at_once
    assert "已暂停" in await chat.press("暂停")
    assert followed(services)[0].paused == "asked"
    await chat.press("恢复")
    assert followed(services)[0].paused is None
    await chat.press("改时间")
    await chat.press("返回")


async def test_the_list_pages_and_leads_to_cards(chat: Chat, services: Services) -> None:
    [message] = await chat.private("/subscriptions")
    assert "还没有关注" in message.text
    for n in range(10):
        await chat.private(f"/subscribe 问题{n}")
    [message] = await chat.private("/subscriptions")
    assert "这里关注了 10 项" in message.text
    assert "问题7" in message.text
    assert "问题8" not in message.text
    await chat.press("›")
    _, shown = chat.last()
    assert "问题9" in shown.text
    await chat.press("10.")
    _, shown = chat.last()
    assert shown.text.startswith("问题9")


async def test_digest_shows_what_is_new_and_moves_nothing(chat: Chat, services: Services) -> None:
    [message] = await chat.private("/digest")
    assert "还没有关注" in message.text
    await chat.private("/subscribe 原始创新")
    [message] = await chat.private("/digest")
    assert "目前没有新内容" in message.text
    [one] = followed(services)
    services.subscriptions.delete(one.id)
    services.subscriptions.add(one.spec, one.next_at, 0, datetime.now(UTC))
    for _ in range(2):
        messages = await chat.private("/digest")
        assert "原始创新" in messages[0].text
    assert followed(services)[0].cursor.mark == 0


async def test_in_a_group_only_administrators_change_what_is_followed(chat: Chat, services: Services) -> None:
    [message] = await chat.group("/subscribe 原始创新")
    assert "只有管理员" in message.text
    chat.api.administrators.add((-1007, 7))
    await chat.group("/subscribe 原始创新", message_thread_id=5, is_topic_message=True)
    [one] = followed(services, -1007, 5)
    assert "只有管理员" in await chat.press("暂停", -1007, user=8)
    assert "匿名" in await chat.press("暂停", -1007, user=1087968824)
    assert followed(services, -1007, 5) == [one]
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    chat.api.administrators.clear()
    await chat.group("/subscribe 冰雪", **{"from": anonymous}, sender_chat={"id": -1007, "type": "supergroup"})
    [named] = followed(services, -1007)
    assert named.spec.user is None


async def test_a_stranger_s_button_is_nobody_s_subscription(chat: Chat, services: Services) -> None:
    await chat.private("/subscribe 原始创新")
    [one] = followed(services)
    number, _ = chat.last()
    await chat.press("", message=number, data=f"1u:{one.id + 1}:0")
    assert followed(services) == [one]
    assert await chat.press("", message=number, data="1h:zzz") != ""
    assert await chat.press("", message=number, data="1i:§") in {"", "这项关注已经不在了。"}
    assert await chat.press("", message=number, data="1g:9") != ""


async def membership(chat: Chat, status: str, where: int = 7) -> list[Call]:
    me = {"id": 123456, "is_bot": True, "first_name": "知点"}
    kind = "private" if where > 0 else "supergroup"
    member = {"user": me, "status": status, **({"until_date": 0} if status == "kicked" else {})}
    return await chat.update(
        "my_chat_member",
        chat={"id": where, "type": kind, "title": "群"},
        date=1,
        old_chat_member={"user": me, "status": "member"},
        new_chat_member=member,
    )


@pytest.mark.parametrize(("where", "reason"), [(7, "blocked"), (-1007, "kicked")])
async def test_blocked_or_removed_it_pauses_and_comes_back(
    chat: Chat, services: Services, where: int, reason: str
) -> None:
    chat.api.administrators.add((-1007, 7))
    await (chat.private if where > 0 else chat.group)("/subscribe 原始创新")
    await membership(chat, "kicked", where)
    assert [one.paused for one in followed(services, where)] == [reason]
    await membership(chat, "member", where)
    assert [one.paused for one in followed(services, where)] == [None]


async def test_a_reopened_topic_goes_on(chat: Chat, services: Services) -> None:
    chat.api.administrators.add((-1007, 7))
    await chat.group("/subscribe 原始创新", message_thread_id=5, is_topic_message=True)
    services.subscriptions.pause_place(Destination(-1007, 5), "closed")
    await chat.group(None, message_thread_id=5, is_topic_message=True, forum_topic_reopened={})
    assert [one.paused for one in followed(services, -1007, 5)] == [None]


class Channel(Screen):
    """Knows the channel @mynews."""

    def _getChat(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if parameters["chat_id"] != "@mynews":
            raise InvalidError("chat not found")
        about = {"id": -1009, "type": "channel", "title": "我的频道"}
        return about | {
            "accent_color_id": 1,
            "max_reaction_count": 1,
            "accepted_gift_types": dict.fromkeys(GIFTS, False),
        }


GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


async def test_a_channel_is_subscribed_from_private_by_who_runs_it(services: Services, tmp_path: Path) -> None:
    api = Channel()
    application = app.assemble(
        Settings(token=SecretStr(TOKEN), data=tmp_path), services, ScreenWire(api), UNLIMITED
    ).application
    async with application:
        chat = Chat(application, api, Updates())
        for there in (set(), {(-1009, 7)}, {(-1009, 123456)}):
            api.administrators = there
            [message] = await chat.private("/subscribe @mynews 原始创新")
            assert "都必须是它的管理员" in message.text
        [message] = await chat.private("/subscribe @another 原始创新")
        assert "都必须是它的管理员" in message.text
        [message] = await chat.group("/subscribe @mynews 原始创新")
        assert "管理员" in message.text
        api.administrators = {(-1009, 7), (-1009, 123456)}
        await chat.private("/subscribe @mynews 原始创新 08:00")
        [one] = services.subscriptions.in_channels(7)
        assert one.spec.place == Destination(-1009)
        [message] = await chat.private("/subscriptions")
        assert "我的频道 · 原始创新" in message.text
        await chat.press("1.")
        assert "已暂停" in await chat.press("暂停")
        assert followed(services, -1009)[0].paused == "asked"


async def test_status_tells_of_deliveries(chat: Chat, services: Services) -> None:
    await chat.private("/subscribe 原始创新")
    [message] = await chat.private("/status")
    assert "这里的推送：上次 –，下次" in message.text


async def test_all_of_it_is_said_in_english_too(chat: Chat, services: Services) -> None:
    for command in ("/subscribe", "/subscribe 原始创新", "/subscriptions", "/digest", "/status"):
        for message in await chat.private(command, language="en"):
            text, _ = parse(message.parameters["text"])
            assert not any("\u4e00" <= c <= "\u9fff" for c in text.replace("原始创新", "").replace("数据要素", "")[:60])
