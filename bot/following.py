"""/subscribe, /subscriptions, /digest and the buttons of what is followed: in groups for administrators only."""

import asyncio

from telegram import Bot, Message, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, Forbidden

from bot import cards
from bot.asking import Context
from bot.callbacks import Operation, Press
from bot.codes import is_number
from bot.desk import Desk
from bot.followings import Followings, Reader
from bot.markets import available
from bot.markup import cut, escape, line
from bot.messages import Reply
from bot.own import ANONYMOUS, administers
from bot.reading import after_command
from bot.sending import NO_PREVIEW, asker, keyboard, post, send
from bot.wishes import Pause, Place, Subscription

OUTSIDE = {ChatMemberStatus.LEFT, ChatMemberStatus.BANNED}
ALL_POINTS = 5  # messages that a press for all points brings at most


class Following:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def operations(self) -> dict[str, Operation]:
        return {
            "f": self._bell,
            "g": self._everything,
            "h": self._change,
            "i": self._list,
            "u": self._unsubscribe,
            "w": self._pause,
        }

    async def subscribe(self, update: Update, context: Context) -> None:
        if (message := update.message) and await self._may(message, context.bot):
            reader, here = await self._reader(message), self._here(context)
            order = await asyncio.to_thread(here.order, after_command(message), reader)
            channel, title, refusal = None, "", ""
            if order.channel:
                channel, title, refusal = await self._channel(order.channel, message, context.bot, reader)
            if refusal:
                await send(message, Reply(escape(refusal)))
            else:
                await send(message, await asyncio.to_thread(here.subscribe, order, reader, channel, title))

    async def subscriptions(self, update: Update, context: Context) -> None:
        """Whoever looks is there: what was paused because the chat could not be reached goes on."""
        if message := update.message:
            reader, here = await self._reader(message), self._here(context)
            await asyncio.to_thread(here.back, reader.place)
            await send(message, await asyncio.to_thread(here.listing, 0, reader))

    async def digest(self, update: Update, context: Context) -> None:
        if message := update.message:
            reader, here = await self._reader(message), self._here(context)
            for page in await asyncio.to_thread(here.digest, reader):
                await send(message, Reply(page))

    async def membership(self, update: Update, context: Context) -> None:
        """Blocked or removed, everything of the chat is paused; let in again, it goes on."""
        if change := update.my_chat_member:
            place, here = Place(change.chat.id), self._here(context)
            if change.new_chat_member.status in OUTSIDE:
                reason: Pause = "blocked" if change.chat.type == ChatType.PRIVATE else "kicked"
                await asyncio.to_thread(here.planner.subscriptions.pause_place, place, reason)
                await asyncio.to_thread(here.planner.outbox.drop, place, reason, here.now)
            else:
                await asyncio.to_thread(here.back, place)

    async def reopened(self, update: Update, context: Context) -> None:
        if message := update.message:
            await asyncio.to_thread(self._here(context).back, Place(message.chat_id, message.message_thread_id or 0))

    async def _bell(self, press: Press) -> str:
        reader = self._presser(press)
        if refusal := await self._refusal(press):
            return refusal
        kind, number = (*press.parts, "", "")[:2]
        here = self._at(press)
        if kind == "t":
            reply = await asyncio.to_thread(here.follow_topic, number, reader)
        else:
            reply = await asyncio.to_thread(here.follow_question, _number(number), reader)
        if reply is None:
            return press.say("too-old")
        await self._post(press, reply)
        return ""

    async def _everything(self, press: Press) -> str:
        here, number = self._at(press), _number(press.parts[0] if press.parts else "")
        pages = await asyncio.to_thread(here.everything, number, self._presser(press))
        for page in pages[:ALL_POINTS]:
            await self._post(press, Reply(page))
        return "" if pages else press.say("too-old")

    async def _list(self, press: Press) -> str:
        """0 is the list, which stands in a message of its own; any other number a card in its place."""
        id, page = (*(_number(part) for part in press.parts), 0, 0)[:2]
        here, reader = self._at(press), self._presser(press)
        if not id:
            reply = await asyncio.to_thread(here.listing, page, reader)
            return await press.show(reply)
        one = await asyncio.to_thread(here.one, id, reader)
        return await press.show(cards.card(one, press.say)) if one else press.say("follow-gone")

    async def _change(self, press: Press) -> str:
        """Menus take the place of the buttons alone: the digest above them stays."""
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, rest = found
        what, number = (*rest, "", "")[:2]
        menus = {
            "": lambda: cards.hours(one, delivery, press.say),
            "d": lambda: cards.days(one, delivery, available(), press.say),
            "z": lambda: cards.zones(one, delivery, press.say),
        }
        if what in menus and not number:
            return await press.show(Reply("", menus[what]()))
        changed: Subscription | None = one
        if what != "b":
            changed = await asyncio.to_thread(self._at(press).change, one, what, _number(number))
        if changed is None:
            return press.say("too-old")
        await self._shown(press, changed, delivery)
        return "" if what == "b" else f"{press.say('follow-kept')} {cards.state(changed, press.say)}"

    async def _pause(self, press: Press) -> str:
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, _ = found
        paused = await asyncio.to_thread(self._at(press).pause, one)
        if paused is None:
            return press.say("follow-gone")
        if delivery and paused.paused:
            await press.show(Reply("", cards.below_paused(one.id, delivery, press.say)))
        else:
            await self._shown(press, paused, delivery)
        return cards.state(paused, press.say)

    async def _unsubscribe(self, press: Press) -> str:
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, _ = found
        await asyncio.to_thread(self._at(press).delete, one)
        said = press.say("follow-undone", subject=cut(line(one.wanted.subject), 80))
        back = (cards.bell_for_topic(one.wanted.subject, press.say),) if one.wanted.kind == "topic" else ()
        rows = (back,) if back else ()
        await press.show(Reply("" if delivery and rows else escape(said), rows))
        return said

    async def _shown(self, press: Press, one: Subscription, delivery: int) -> None:
        """A card anew, or the buttons that a digest had."""
        if delivery:
            await press.show(Reply("", cards.below_digest(delivery, [one.id], press.say)))
        else:
            await press.show(cards.card(one, press.say))

    async def _found(self, press: Press) -> tuple[Subscription, int, tuple[str, ...]] | str:
        """The subscription, the delivery that the button stands under and the rest; or why not."""
        if refusal := await self._refusal(press):
            return refusal
        id, delivery = (*(_number(part) for part in press.parts[:2]), 0, 0)[:2]
        one = await asyncio.to_thread(self._at(press).one, id, self._presser(press))
        return (one, delivery, press.parts[2:]) if one else press.say("follow-gone")

    async def _refusal(self, press: Press) -> str:
        """Who may is looked up at the press: in a group anybody sees the buttons."""
        chat = press.asker.chat
        if chat is None:
            return press.say("too-old")
        if press.user == ANONYMOUS:
            return press.say("anonymous-press")
        may = await administers(press.context.bot, chat, press.user)
        return "" if may else press.say("follow-groups-only")

    async def _may(self, message: Message, bot: Bot) -> bool:
        """An anonymous administrator writes in the group's name."""
        anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat_id
        user = message.from_user.id if message.from_user else 0
        if anonymous or await administers(bot, message.chat_id, user):
            return True
        reader = await self._reader(message)
        await send(message, Reply(escape(reader.say("follow-groups-only"))))
        return False

    async def _channel(self, name: str, message: Message, bot: Bot, reader: Reader) -> tuple[Place | None, str, str]:
        """The channel's place and title, or why not: asker and bot must both be its administrators."""
        if message.chat.type != ChatType.PRIVATE:
            return None, "", reader.say("follow-channel-private")
        try:
            chat = await bot.get_chat(name)
            mine = await bot.get_chat_member(chat.id, bot.id)
            theirs = reader.user is not None and await administers(bot, chat.id, reader.user)
        except (BadRequest, Forbidden):
            return None, "", reader.say("follow-channel-rights")
        if not theirs or not getattr(mine, "can_post_messages", mine.status == ChatMemberStatus.OWNER):
            return None, "", reader.say("follow-channel-rights")
        return Place(chat.id), chat.title or name, ""

    async def _post(self, press: Press, reply: Reply) -> None:
        """Under the message whose button was pressed, in its forum topic."""
        place = self._presser(press).place
        if place.thread:
            await press.context.bot.send_message(
                place.chat,
                reply.text,
                message_thread_id=place.thread,
                reply_markup=keyboard(reply.rows),
                link_preview_options=NO_PREVIEW,
            )
        else:
            await post(press.context.bot, place.chat, reply)

    async def _reader(self, message: Message) -> Reader:
        who = asker(message)
        code = message.from_user.language_code if message.from_user else None
        language = await asyncio.to_thread(self._desk.language, who, code, message.text or "")
        user = who.user if who.user != ANONYMOUS else None
        return Reader(Place(message.chat_id, who.thread or 0), user, language)

    def _presser(self, press: Press) -> Reader:
        message = press.query.message
        there = isinstance(message, Message) and message.is_topic_message
        thread = message.message_thread_id if there and isinstance(message, Message) else None
        return Reader(Place(press.asker.chat or 0, thread or 0), press.user, press.language)

    def _here(self, context: Context) -> Followings:
        return self._desk.followings(context.bot.username)

    def _at(self, press: Press) -> Followings:
        return self._here(press.context)


def _number(part: str) -> int:
    return int(part, 36) if is_number(part) else 0
