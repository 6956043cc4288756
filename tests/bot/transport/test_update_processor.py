"""Order within a chat, none across chats."""

import asyncio
import threading
import time
from typing import Any

import pytest
from telegram import Update

from bot.transport.inbox_table import inbox_migrations
from bot.transport.routing import STALE_AFTER
from bot.transport.update_inbox import UpdateInbox
from bot.transport.update_processor import FLOOD_UPDATES, PerChatUpdateProcessor
from bot.transport.waiting_sign import WaitingSign
from retrieval.storage.store import Store
from tests.support.telegram import Updates

NO_SIGN = WaitingSign(lambda *_: None)


class Work:
    """Handlers that begin, wait until they are let go, and end."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self._gates: dict[int, asyncio.Event] = {}

    async def handle(self, update: Update) -> None:
        self.begun.append(update.update_id)
        await self.gate(update.update_id).wait()
        self.ended.append(update.update_id)

    def gate(self, number: int) -> asyncio.Event:
        return self._gates.setdefault(number, asyncio.Event())


@pytest.fixture
def inbox() -> Any:
    inbox = UpdateInbox(Store(None, inbox_migrations), lambda _: "passing", lambda _: None)
    yield inbox
    inbox.close()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_chat_s_updates_follow_each_other_and_other_chats_do_not_wait(inbox: UpdateInbox) -> None:
    processor, work, updates = PerChatUpdateProcessor(inbox, NO_SIGN), Work(), Updates()
    of_chats = [updates.private("?", chat={"id": chat, "type": "private"}) for chat in (1, 1, 2, 1, 2)]
    read = [Update.de_json(update, None) for update in of_chats]
    one, two, three, four, five = (update.update_id for update in read)
    tasks = [asyncio.create_task(processor.process_update(update, work.handle(update))) for update in read]
    await settle()
    assert work.begun == [one, three]
    work.gate(three).set()
    await settle()
    assert work.begun == [one, three, five]
    for number in (four, two, five, one):
        work.gate(number).set()
    await asyncio.gather(*tasks)
    assert [number for number in work.ended if number in {one, two, four}] == [one, two, four]


async def test_a_button_and_a_keystroke_do_not_wait_for_an_answer(inbox: UpdateInbox) -> None:
    processor, work, updates = PerChatUpdateProcessor(inbox, NO_SIGN), Work(), Updates()
    message = updates.private("?")
    person = message["message"]["from"]
    query = {"id": "1", "from": person, "query": "jia", "offset": ""}
    press = {"id": "1", "from": person, "chat_instance": "1", "data": "v1", "message": message["message"]}
    others = [{"update_id": 2, "callback_query": press}, {"update_id": 3, "inline_query": query}]
    read = [Update.de_json(update, None) for update in (message, *others, {"update_id": 4, "inline_query": query})]
    tasks = [asyncio.create_task(processor.process_update(update, work.handle(update))) for update in read]
    await settle()
    assert work.begun == [update.update_id for update in read]
    for update in read:
        work.gate(update.update_id).set()
    await asyncio.gather(*tasks)


async def test_after_a_stop_nothing_more_is_begun(inbox: UpdateInbox) -> None:
    processor, work, updates = PerChatUpdateProcessor(inbox, NO_SIGN), Work(), Updates()
    read = [Update.de_json(updates.private("?"), None) for _ in range(3)]
    tasks = [asyncio.create_task(processor.process_update(update, work.handle(update))) for update in read]
    await settle()
    processor.stop()
    work.gate(read[0].update_id).set()
    await asyncio.gather(*tasks)
    assert work.ended == [read[0].update_id]


async def test_a_failing_handler_lets_the_next_one_in(inbox: UpdateInbox) -> None:
    processor, updates = PerChatUpdateProcessor(inbox, NO_SIGN), Updates()
    update = Update.de_json(updates.private("?"), None)

    async def fail() -> None:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await processor.process_update(update, fail())


async def test_what_became_too_late_while_it_waited_is_not_answered(inbox: UpdateInbox) -> None:
    """In a group: whoever asked in private is answered however late."""
    processor, work, updates = PerChatUpdateProcessor(inbox, NO_SIGN), Work(), Updates()
    late = int(time.time() - 2 * STALE_AFTER.total_seconds())
    sent = [updates.group("/ask ?", date=late), updates.group("/ask ?", date=int(time.time())), updates.private("?")]
    sent[2]["message"]["date"] = late
    read = [Update.de_json(update, None) for update in sent]
    for update in read:
        work.gate(update.update_id).set()
    await asyncio.gather(*(processor.process_update(update, work.handle(update)) for update in read))
    assert sorted(work.ended) == [read[1].update_id, read[2].update_id]


async def test_until_the_start_is_over_messages_wait_and_none_is_blamed_for_a_crash(inbox: UpdateInbox) -> None:
    processor, work, updates = PerChatUpdateProcessor(inbox, NO_SIGN), Work(), Updates()
    loaded = threading.Event()
    holding = asyncio.create_task(processor.hold(loaded.wait))
    await settle()
    update = Update.de_json(updates.private("?"), None)
    handling = asyncio.create_task(processor.process_update(update, work.handle(update)))
    await settle()
    assert work.begun == []
    loaded.set()
    await holding
    work.gate(update.update_id).set()
    await handling
    assert work.ended == [update.update_id]


async def test_a_stop_ends_the_wait_for_the_start(inbox: UpdateInbox) -> None:
    processor, work, updates = PerChatUpdateProcessor(inbox, NO_SIGN), Work(), Updates()
    loaded = threading.Event()
    holding = asyncio.create_task(processor.hold(loaded.wait))
    await settle()
    update = Update.de_json(updates.private("?"), None)
    handling = asyncio.create_task(processor.process_update(update, work.handle(update)))
    await settle()
    processor.stop()
    await handling
    assert work.begun == []
    loaded.set()
    await holding


async def test_who_sends_many_at_once_is_told_that_it_takes_a_while(inbox: UpdateInbox) -> None:
    told: list[int] = []
    sign = WaitingSign(lambda message, _: told.append(message.message_id))
    processor, work, updates = PerChatUpdateProcessor(inbox, sign), Work(), Updates()
    other = Update.de_json(updates.private("?", chat={"id": 8, "type": "private"}), None)
    read = [Update.de_json(updates.private("?"), None) for _ in range(FLOOD_UPDATES + 1)]
    tasks = [asyncio.create_task(processor.process_update(update, work.handle(update))) for update in [other, *read]]
    async with asyncio.timeout(20):
        while not told:  # noqa: ASYNC110 - the sign has no event
            await asyncio.sleep(0.01)
    assert read[-1].message
    assert told == [read[-1].message.message_id]
    for update in (other, *read):
        work.gate(update.update_id).set()
    await asyncio.gather(*tasks)
    one = Update.de_json(updates.private("?"), None)
    work.gate(one.update_id).set()
    await processor.process_update(one, work.handle(one))
    assert len(told) == 1
