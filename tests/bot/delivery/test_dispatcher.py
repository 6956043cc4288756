"""Digests under a driven clock, through the wire."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.digest.delivery_records import CursorAdvance, DeliveryDraft
from bot.digest.schedule import LastDelivery, Schedule
from bot.digest.subscription import MAX_SUBSCRIPTIONS, Cursor, Destination, LimitError
from tests.support.subscriptions import MORNING, Life, beijing

EVENING = Schedule("daily", time(18), "Asia/Shanghai")


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(tmp_path, beijing("2026-07-01T06:00"))
    yield life
    life.stop()


async def test_what_is_new_comes_once_at_the_hour(life: Life) -> None:
    life.ingest(life.news("旧闻", "以前的事情"))
    life.follow()
    life.ingest(life.news("新闻甲", "北京研发强度为6.5%"), life.news("新闻乙", "上海建成120家企业"))
    assert not await life.tick(beijing("2026-07-01T07:29"))
    [message] = await life.tick(beijing("2026-07-01T07:30"))
    assert message.parameters["chat_id"] == 7
    assert "2026-07-01 周三：新摘要 2 篇" in message.text
    assert "6.5%" in message.text
    assert "120家" in message.text
    assert "以前的事情" not in message.text
    assert not await life.until(beijing("2026-07-02T23:00"))
    life.ingest(life.news("新闻丙", "深圳有30个实验室"))
    [(at, message)] = await life.until(beijing("2026-07-03T23:00"))
    assert at == beijing("2026-07-03T07:30")
    assert "30个" in message.text
    assert "6.5%" not in message.text


async def test_what_is_cancelled_while_it_waits_for_its_turn_is_not_queued_again(life: Life) -> None:
    one = life.follow()
    life.ingest(life.news("新闻甲"))
    life.now = beijing("2026-07-01T07:30")
    await life.delivery.plan()
    [message] = life.outbox.ready(life.now, 9)
    life.outbox.cancel(one.id, "it was cancelled", life.now)
    life.outbox.requeue(message.id, life.now, "other messages were more urgent", life.now)
    assert not await life.tick()
    assert not life.outbox.ready(life.now, 9)


async def test_nothing_new_sends_nothing(life: Life) -> None:
    life.ingest(life.news("旧闻"))
    life.follow()
    assert not await life.until(beijing("2026-07-03T00:00"))


async def test_one_message_for_all_subscriptions_of_a_place_and_time(life: Life) -> None:
    life.follow("原始创新")
    life.follow("冰雪经济")
    life.follow("数据要素", schedule=EVENING)
    life.follow("原始创新", chat=-1007, thread=5)
    life.follow("原始创新", chat=-1007, thread=6)
    tokyo = Schedule("daily", time(8, 30), "Asia/Tokyo")
    life.follow("银发经济", schedule=tokyo)
    for topic in ("原始创新", "冰雪经济", "数据要素", "银发经济"):
        life.ingest(life.news(f"{topic}的消息", f"{topic}规模达到{len(topic) * 11}亿元的{topic}", topic=topic))
    sent = await life.until(beijing("2026-07-02T00:00"))
    sent.sort(key=lambda entry: (entry[0], entry[1].parameters["chat_id"]))
    assert [(at.hour, call.parameters["chat_id"], call.parameters.get("message_thread_id")) for at, call in sent] == [
        (7, -1007, 5), (7, -1007, 6), (7, 7, None), (18, 7, None)]  # fmt: skip
    morning = sent[2][1].text
    assert morning.index("原始创新") < morning.index("冰雪经济") < morning.index("银发经济")
    assert "数据要素" in sent[3][1].text


async def test_a_changed_hour_or_zone_gives_no_second_in_a_day(life: Life) -> None:
    one = life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    assert len(await life.tick(beijing("2026-07-01T07:30"))) == 1
    for schedule in (EVENING, Schedule("daily", time(20), "America/New_York"), EVENING):
        now = life.subscriptions.get(one.id)
        assert now
        moved = replace(now, spec=replace(now.spec, schedule=schedule))
        life.subscriptions.reschedule(one.id, schedule, life.planner.next_of(moved, life.now), life.now)
    life.ingest(life.news("乙", "第二件事有22项"))
    [(at, _)] = await life.until(beijing("2026-07-03T00:00"))
    assert at == beijing("2026-07-02T18:00")


async def test_after_downtime_today_s_is_sent_and_older_days_are_merged(life: Life) -> None:
    life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    life.now = beijing("2026-07-03T06:00")
    await life.restart()
    life.ingest(life.news("乙", "第二件事有22项"))
    assert not await life.tick()
    await life.restart()
    [message] = await life.tick(beijing("2026-07-03T09:00"))
    assert "11项" in message.text
    assert "22项" in message.text


@pytest.mark.parametrize(
    ("code", "description", "extra"),
    [(500, "Internal Server Error", {}), (429, "Too Many Requests", {"retry_after": 1})],
)
async def test_what_surely_failed_is_sent_again_the_same_day(
    life: Life, code: int, description: str, extra: dict[str, int]
) -> None:
    life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    for _ in range(3):
        life.api.refuse("sendMessage", code, description, **extra)
    sent = await life.until(beijing("2026-07-02T00:00"))
    assert len(sent) == 4  # three refusals
    assert len({call.text for _, call in sent}) == 1
    assert not life.outbox.problems(beijing("2026-07-01T00:00"))


async def test_what_could_not_be_sent_all_day_is_merged_into_the_next(life: Life) -> None:
    life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    for _ in range(500):
        life.api.refuse("sendMessage", 502, "Bad Gateway")
    await life.until(beijing("2026-07-02T00:30"))
    assert [trouble.state for trouble in life.outbox.problems(beijing("2026-07-01T00:00"))] == ["failed"]
    assert any("15 分钟" in alarm for alarm in life.alerts)
    life.api.refusals.clear()
    life.ingest(life.news("乙", "第二件事有22项"))
    [(at, message)] = await life.until(beijing("2026-07-03T00:00"))
    assert at == beijing("2026-07-02T07:30")
    assert "11项" in message.text
    assert "22项" in message.text


async def test_what_may_have_gone_through_is_not_repeated_and_listed(life: Life) -> None:
    life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    life.api.refuse("sendMessage", 504, "Gateway Timeout")
    sent = await life.until(beijing("2026-07-03T00:00"))
    assert len(sent) == 1
    [trouble] = life.outbox.problems(beijing("2026-07-01T00:00"))
    assert (trouble.chat, trouble.state) == (7, "uncertain")


async def test_killed_between_claim_and_answer_it_is_uncertain(life: Life) -> None:
    life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    life.now = beijing("2026-07-01T07:30")
    await life.delivery.plan()
    [message] = life.outbox.ready(life.now, 10)
    assert life.outbox.claim(message.id, life.now)
    assert not life.outbox.claim(message.id, life.now)
    await life.restart()
    assert not await life.until(beijing("2026-07-02T12:00"))
    assert [trouble.state for trouble in life.outbox.problems(beijing("2026-07-01T00:00"))] == ["uncertain"]
    assert len(life.alerts) == 1


@pytest.mark.parametrize(
    ("code", "description", "reason"),
    [
        (403, "Forbidden: bot was blocked by the user", "blocked"),
        (403, "Forbidden: user is deactivated", "gone"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "kicked"),
        (403, "Forbidden: bot is not a member of the channel chat", "kicked"),
        (400, "Bad Request: chat not found", "gone"),
        (400, "Bad Request: not enough rights to send text messages to the chat", "rights"),
        (400, "Bad Request: need administrator rights in the channel chat", "rights"),
    ],
)
async def test_who_cannot_be_reached_is_paused_with_the_reason_and_comes_back(
    life: Life, code: int, description: str, reason: str
) -> None:
    one, other = life.follow(chat=-1007), life.follow("冰雪经济", chat=-1007, schedule=EVENING)
    life.ingest(life.news("甲", "第一件事有11项"))
    life.api.refuse("sendMessage", code, description)
    assert len(await life.until(beijing("2026-07-02T12:00"))) == 1
    for subscription in (one, other):
        now = life.subscriptions.get(subscription.id)
        assert now
        assert now.paused == reason
    for paused in life.subscriptions.paused(Destination(-1007), [reason]):  # type: ignore[list-item]
        life.subscriptions.resume(paused.id, life.planner.next_of(paused, life.now))
    [(_, message)] = await life.until(beijing("2026-07-03T12:00"))
    assert "11项" in message.text


@pytest.mark.parametrize("description", ["Bad Request: message thread not found", "Bad Request: TOPIC_CLOSED"])
async def test_a_closed_topic_pauses_only_its_own(life: Life, description: str) -> None:
    closed, other = life.follow(chat=-1007, thread=5), life.follow(chat=-1007, thread=6, schedule=EVENING)
    life.ingest(life.news("甲", "第一件事有11项"))
    life.api.refuse("sendMessage", 400, description)
    sent = await life.until(beijing("2026-07-02T00:00"))
    assert [call.parameters["message_thread_id"] for _, call in sent] == [5, 6]
    states = [life.subscriptions.get(one.id) for one in (closed, other)]
    assert [one.paused for one in states if one] == ["closed", None]
    assert life.alerts


async def test_a_group_that_became_a_supergroup_takes_everything_along(life: Life) -> None:
    life.follow(chat=-77)
    life.ingest(life.news("甲", "第一件事有11项"))
    life.api.refuse("sendMessage", 400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
    sent = await life.until(beijing("2026-07-02T00:00"))
    assert [call.parameters["chat_id"] for _, call in sent] == [-77, -1009]
    assert life.subscriptions.at(Destination(-1009))


async def test_refused_markup_is_sent_as_plain_text(life: Life) -> None:
    life.follow()
    life.ingest(life.news("甲 & 乙", "第一件事<11>项"))
    life.api.refuse("sendMessage", 400, "Bad Request: can't parse entities")
    _, again = await life.tick(beijing("2026-07-01T07:30"))
    assert "parse_mode" not in again.parameters
    assert "第一件事<11>项" in again.parameters["text"]


async def test_who_may_not_use_the_bot_gets_nothing(life: Life) -> None:
    one = life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    life.allowed = False
    assert not await life.until(beijing("2026-07-02T00:00"))
    now = life.subscriptions.get(one.id)
    assert now
    assert now.paused == "access"


async def test_whoever_is_shut_out_meanwhile_gets_nothing(life: Life) -> None:
    life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    life.now = beijing("2026-07-01T07:30")
    await life.delivery.plan()
    life.allowed = False
    assert not await life.delivery.send()
    assert not life.api.sent()
    assert [trouble.state for trouble in life.outbox.problems(beijing("2026-07-01T00:00"))] == ["failed"]


async def test_long_ones_are_split_between_items_and_sent_in_order(life: Life) -> None:
    topics = [f"主题{n}" for n in range(6)]
    for topic in topics:
        life.follow(topic)
        life.ingest(
            *(
                life.news(f"{topic}第{n}条", f"{topic}里编号为{n * 7919 + 13}的" + "长句子。" * 70, topic=topic)
                for n in range(12)
            )
        )
    sent = await life.tick(beijing("2026-07-01T07:30"))
    assert len(sent) > 2
    text = "\n".join(call.text for call in sent)
    assert [text.index(f"# {topic}") for topic in topics] == sorted(text.index(f"# {topic}") for topic in topics)
    assert ["reply_markup" in call.parameters for call in sent] == [False] * (len(sent) - 1) + [True]


async def test_a_part_that_fails_is_all_that_is_repeated(life: Life) -> None:
    for topic in ("甲", "乙", "丙"):
        life.follow(topic)
        documents = [life.news(f"{topic}{n}", f"{topic}{n * 97}号" + "长句子。" * 75, topic=topic) for n in range(10)]
        life.ingest(*documents)
    life.now = beijing("2026-07-01T07:30")
    await life.delivery.plan()
    await life.delivery.send()
    life.api.refuse("sendMessage", 500, "Internal Server Error")
    sent = await life.until(beijing("2026-07-01T09:00"))
    parts = [call.text for call in life.api.sent()]
    assert len(parts) == len(set(parts)) + 1
    assert sent


async def test_seven_days_of_silence_are_said_once_and_the_admins_told(life: Life) -> None:
    life.follow()
    life.follow(chat=8)
    life.ingest(life.news("甲", "第一件事有11项"))
    sent = await life.until(beijing("2026-08-15T00:00"))
    said = [(at.date().isoformat(), call.parameters["chat_id"]) for at, call in sent]
    assert said == [("2026-07-01", 7), ("2026-07-01", 8), ("2026-07-08", 7), ("2026-07-08", 8)]
    assert "已经 7 天没有收到" in sent[2][1].text
    assert len([alarm for alarm in life.alerts if "原始创新" in alarm]) == 1
    life.ingest(life.news("乙", "第二件事有22项"))
    later = await life.until(beijing("2026-08-25T00:00"))
    assert len(later) == 4  # news, and silence once more
    assert len([alarm for alarm in life.alerts if "原始创新" in alarm]) == 2


async def test_what_only_repeats_is_no_news_and_no_silence(life: Life) -> None:
    life.follow()
    text = "Beijing invested 312 billion yuan in 26 laboratories in 2025"
    life.ingest(life.news("甲", text))
    assert len(await life.tick(beijing("2026-07-01T07:30"))) == 1
    for day in range(2, 20):
        life.ingest(life.news(f"转载{day}", f"{text}, it was said"))
        assert not await life.until(beijing(f"2026-07-{day:02}T12:00"))
    assert not life.alerts


async def test_news_behind_a_large_archive_is_not_lost(life: Life) -> None:
    life.follow()
    old = life.now - timedelta(days=900)
    life.ingest(*(life.news(f"旧{n}", f"第{n}个旧项目投资{n * 37 + 11}亿元", at=old) for n in range(1200)))
    life.ingest(life.news("新", "今天发布了9项措施"))
    [message] = await life.tick(beijing("2026-07-01T07:30"))
    assert "9项" in message.text
    assert "1,200 篇较早的文章" in message.text
    assert message.text.count("\n• ") == 1


async def test_what_came_in_counts_and_not_what_was_published_since(life: Life) -> None:
    life.follow()
    life.ingest(life.news("去年的文章", "去年有44项", at=life.now - timedelta(days=300)))
    [message] = await life.tick(beijing("2026-07-01T07:30"))
    assert "44项" in message.text


async def test_a_run_of_which_nothing_is_known_to_have_arrived_is_told(life: Life) -> None:
    life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    life.api.refuse("sendMessage", 504, "Gateway Timeout")
    assert len(await life.tick(beijing("2026-07-01T07:30"))) == 1
    assert not life.alerts
    for minute in (46, 59):
        await life.tick(beijing(f"2026-07-01T07:{minute}"))
    assert len([alarm for alarm in life.alerts if "一条也没有发成" in alarm]) == 1


async def test_what_is_due_and_cannot_be_looked_up_is_told(life: Life) -> None:
    life.follow()
    life.store.write("ALTER TABLE subscriptions RENAME TO away")
    life.now += timedelta(minutes=16)
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(life.delivery.run())
        for _ in range(1000):
            await asyncio.sleep(0 if life.alerts else 0.01)
        life.delivery.stop()
    [alarm] = life.alerts
    assert "哪些推送该发" in alarm


async def test_a_delivery_is_recorded_with_all_that_it_moves_or_not_at_all(life: Life) -> None:
    one, other = life.follow(), life.follow("冰雪经济")
    life.ingest(life.news("甲", "第一件事有11项"))
    now = beijing("2026-07-01T07:30")
    [(due, composed)] = life.planner.preview(now)
    life.subscriptions.delete(other.id)
    served = Cursor(life.library.counts().last_seen, 0, LastDelivery(now, now.date()))
    moves = [CursorAdvance(subscription, served, None) for subscription in due.subscriptions]
    draft = DeliveryDraft("digest", one.spec, now, now, composed.pages, moves)
    assert life.outbox.record([draft], now) == 0
    assert life.subscriptions.get(one.id) == one
    assert not life.outbox.ready(now, 9)
    assert life.outbox.record([replace(draft, moves=moves[:1])], now) == 1
    after = life.subscriptions.get(one.id)
    assert after
    assert after.cursor == served


async def test_what_many_readers_get_is_composed_once(life: Life) -> None:
    for chat in range(7, 47):
        life.follow(chat=chat)
    life.ingest(life.news("甲", "第一件事有11项"))
    life.links_made = 0
    assert len(await life.tick(beijing("2026-07-01T07:30"))) == 40
    assert life.links_made == 1


async def test_quiet_ones_make_no_sound(life: Life) -> None:
    life.follow(quiet=True)
    life.follow(chat=8)
    life.ingest(life.news("甲", "第一件事有11项"))
    sent = await life.tick(beijing("2026-07-01T07:30"))
    assert [call.parameters.get("disable_notification", False) for call in sent] == [True, False]


def test_a_chat_follows_so_much_and_no_more(life: Life) -> None:
    for n in range(MAX_SUBSCRIPTIONS):
        life.follow(f"主题{n}")
    life.follow("主题1")  # again is no more
    with pytest.raises(LimitError):
        life.follow("再一个")
    assert len(life.subscriptions.at(Destination(7))) == MAX_SUBSCRIPTIONS


async def test_a_dry_run_says_all_and_changes_nothing(life: Life) -> None:
    life.follow()
    life.ingest(life.news("甲", "第一件事有11项"))
    at = beijing("2026-07-01T07:30")
    [(due, composed)] = life.planner.preview(at)
    assert due.place == Destination(7)
    assert "11项" in composed.pages[0]
    assert not life.api.sent()
    [message] = await life.tick(at)
    assert message.parameters["text"] == composed.pages[0]


async def test_one_s_own_can_be_taken_and_erased(life: Life) -> None:
    life.follow()
    life.follow(chat=-1007)
    life.ingest(life.news("甲", "第一件事有11项"))
    await life.tick(beijing("2026-07-01T07:30"))
    assert len(life.subscriptions.export(7)["subscriptions"]) == 2
    assert len(life.outbox.export(7)["deliveries"]) == 1
    assert life.subscriptions.forget(7) == 2
    assert life.outbox.forget(7) == 1
    assert life.subscriptions.export(7) == {"subscriptions": []}
    assert life.subscriptions.at(Destination(-1007))  # the group's own stays
    assert MORNING
