"""The buttons of what is followed: bells, menus, pauses, all points; in groups for administrators only."""

import asyncio

from telegram.error import BadRequest, Forbidden

from bot.container import Desk
from bot.digest import subscription_card
from bot.digest.subscription import Subscription
from bot.digest.subscription_service import Followings
from bot.digest.trading_calendar import available
from bot.handlers.buttons import Operation, Press
from bot.handlers.permissions import presser, refusal, still_theirs
from bot.render.callback_data import is_number
from bot.render.follow_button import bell_for_topic
from bot.render.html import cut, escape, line
from bot.render.reply import Reply
from bot.transport.sender import NO_PREVIEW, keyboard, post

ALL_POINTS = 5  # messages that a press for all points brings at most


class Bells:
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

    async def _bell(self, press: Press) -> str:
        if refused := await refusal(press):
            return refused
        kind, number = (*press.parts, "", "")[:2]
        here, reader = self._here(press), presser(press)
        if kind == "t":
            reply = await asyncio.to_thread(here.follow_topic, number, reader)
        else:
            reply = await asyncio.to_thread(here.follow_question, _number(number), reader)
        if reply is None:
            return press.say("too-old")
        await _post(press, reply)
        return ""

    async def _everything(self, press: Press) -> str:
        """Many pages, for who asked: from a group or a channel into their private chat, if they ever opened it."""
        number = _number(press.parts[0] if press.parts else "")
        pages = await asyncio.to_thread(self._here(press).everything, number, presser(press))
        try:
            for page in pages[:ALL_POINTS]:
                await post(press.context.bot, press.user, Reply(page))
        except (BadRequest, Forbidden):
            if not press.short:
                raise
            return press.say("all-points-start", bot=press.context.bot.username)
        if not pages:
            return press.say("too-old")
        return press.say("all-points-private") if press.short else ""

    async def _list(self, press: Press) -> str:
        """0 is the list, which stands in a message of its own; any other number a card in its place."""
        id, page = (*(_number(part) for part in press.parts), 0, 0)[:2]
        here, reader = self._here(press), presser(press)
        if not id:
            reply = await asyncio.to_thread(here.listing, page, reader)
            return await press.show(reply)
        one = await asyncio.to_thread(here.one, id, reader)
        return await press.show(subscription_card.card(one, press.say)) if one else press.say("follow-gone")

    async def _change(self, press: Press) -> str:
        """Menus take the place of the buttons alone: the digest above them stays."""
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, rest = found
        what, number = (*rest, "", "")[:2]
        menus = {
            "": lambda: subscription_card.hours(one, delivery, press.say),
            "d": lambda: subscription_card.days(one, delivery, available(), press.say),
            "z": lambda: subscription_card.zones(one, delivery, press.say),
        }
        if what in menus and not number:
            shown = await press.show(Reply("", menus[what]()))
            return shown or (press.say("follow-any-zone") if what == "z" else "")
        changed: Subscription | None = one
        if what != "b":
            changed = await asyncio.to_thread(self._here(press).change, one, what, _number(number), presser(press))
        if changed is None:
            return press.say("too-old")
        await self._shown(press, changed, delivery)
        return "" if what == "b" else f"{press.say('follow-kept')} {subscription_card.state(changed, press.say)}"

    async def _pause(self, press: Press) -> str:
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, _ = found
        paused = await asyncio.to_thread(self._here(press).pause, one)
        if paused is None:
            return press.say("follow-gone")
        if delivery and paused.paused:
            await press.show(Reply("", subscription_card.below_paused(one.id, delivery, press.say)))
        else:
            await self._shown(press, paused, delivery)
        return subscription_card.state(paused, press.say)

    async def _unsubscribe(self, press: Press) -> str:
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, _ = found
        await asyncio.to_thread(self._here(press).delete, one)
        said = press.say("follow-undone", subject=cut(line(one.wanted.subject), 80))
        back = (bell_for_topic(one.wanted.subject, press.say),) if one.wanted.kind == "topic" else ()
        rows = (back,) if back else ()
        await press.show(Reply("" if delivery else escape(said), rows))
        return said

    async def _shown(self, press: Press, one: Subscription, delivery: int) -> None:
        """A card anew, or the buttons that a digest had."""
        if delivery:
            await press.show(Reply("", subscription_card.below_digest(delivery, [one.id], press.say)))
        else:
            await press.show(subscription_card.card(one, press.say))

    async def _found(self, press: Press) -> tuple[Subscription, int, tuple[str, ...]] | str:
        """The subscription, the delivery that the button stands under and the rest; or why not."""
        if refused := await refusal(press):
            return refused
        id, delivery = (*(_number(part) for part in press.parts[:2]), 0, 0)[:2]
        one = await asyncio.to_thread(self._here(press).one, id, presser(press))
        if one is None:
            return press.say("follow-gone")
        if not await still_theirs(one, press):
            return press.say("follow-channel-rights")
        return one, delivery, press.parts[2:]

    def _here(self, press: Press) -> Followings:
        return self._desk.followings(press.context.bot.username)


async def _post(press: Press, reply: Reply) -> None:
    """Under the message whose button was pressed, in its forum topic."""
    place = presser(press).place
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


def _number(part: str) -> int:
    return int(part, 36) if is_number(part) else 0
