"""The buttons of what is followed: bells, menus, pauses, all points; in groups for administrators only."""

import asyncio

from telegram.error import BadRequest, Forbidden

from bot.container import Services
from bot.digest import subscription_card
from bot.digest.subscription import Subscription
from bot.digest.subscription_service import SubscriptionService
from bot.digest.trading_calendar import available
from bot.handlers.buttons import ButtonPress, Operation
from bot.handlers.permissions import refusal, still_theirs, subscriber_from_press
from bot.render.callback_data import is_number
from bot.render.follow_button import bell_for_topic
from bot.render.html import escape, single_line, truncate
from bot.render.reply import Reply
from bot.transport.sender import NO_PREVIEW, keyboard, post

ALL_POINTS_PAGE = 5  # messages that a press for all points brings at most


class SubscriptionButtons:
    def __init__(self, services: Services) -> None:
        self._services = services

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

    async def _bell(self, press: ButtonPress) -> str:
        if refused := await refusal(press):
            return refused
        kind, number = (*press.parts, "", "")[:2]
        here, reader = self._here(press), subscriber_from_press(press)
        if kind == "t":
            reply = await asyncio.to_thread(here.follow_topic, number, reader)
        else:
            reply = await asyncio.to_thread(here.follow_question, _number(number), reader)
        if reply is None:
            return press.say("too-old")
        await _post(press, reply)
        return ""

    async def _everything(self, press: ButtonPress) -> str:
        """Many pages, for who asked: from a group or a channel into their private chat, if they ever opened it."""
        number = _number(press.parts[0] if press.parts else "")
        pages = await asyncio.to_thread(self._here(press).everything, number, subscriber_from_press(press))
        try:
            for page in pages[:ALL_POINTS_PAGE]:
                await post(press.context.bot, press.user, Reply(page))
        except (BadRequest, Forbidden):
            if not press.compact:
                raise
            return press.say("all-points-start", bot=press.context.bot.username)
        if not pages:
            return press.say("too-old")
        return press.say("all-points-private") if press.compact else ""

    async def _list(self, press: ButtonPress) -> str:
        """0 is the list, which stands in a message of its own; any other number a card in its place."""
        id, page = (*(_number(part) for part in press.parts), 0, 0)[:2]
        here, reader = self._here(press), subscriber_from_press(press)
        if not id:
            reply = await asyncio.to_thread(here.listing, page, reader)
            return await press.show(reply)
        one = await asyncio.to_thread(here.one, id, reader)
        return await press.show(subscription_card.render_card(one, press.say)) if one else press.say("follow-gone")

    async def _change(self, press: ButtonPress) -> str:
        """Menus take the place of the buttons alone: the digest above them stays."""
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, rest = found
        what, number = (*rest, "", "")[:2]
        menus = {
            "": lambda: subscription_card.hour_buttons(one, delivery, press.say),
            "d": lambda: subscription_card.day_buttons(one, delivery, available(), press.say),
            "z": lambda: subscription_card.zone_buttons(one, delivery, press.say),
        }
        if what in menus and not number:
            shown = await press.show(Reply("", menus[what]()))
            return shown or (press.say("follow-any-zone") if what == "z" else "")
        changed: Subscription | None = one
        if what != "b":
            changed = await asyncio.to_thread(
                self._here(press).change, one, what, _number(number), subscriber_from_press(press)
            )
        if changed is None:
            return press.say("too-old")
        await self._shown(press, changed, delivery)
        return (
            "" if what == "b" else f"{press.say('follow-kept')} {subscription_card.describe_state(changed, press.say)}"
        )

    async def _pause(self, press: ButtonPress) -> str:
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, _ = found
        paused = await asyncio.to_thread(self._here(press).pause, one)
        if paused is None:
            return press.say("follow-gone")
        if delivery and paused.paused:
            await press.show(Reply("", subscription_card.paused_buttons(one.id, delivery, press.say)))
        else:
            await self._shown(press, paused, delivery)
        return subscription_card.describe_state(paused, press.say)

    async def _unsubscribe(self, press: ButtonPress) -> str:
        found = await self._found(press)
        if isinstance(found, str):
            return found
        one, delivery, _ = found
        await asyncio.to_thread(self._here(press).delete, one)
        said = press.say("follow-undone", subject=truncate(single_line(one.spec.subject), 80))
        back = (bell_for_topic(one.spec.subject, press.say),) if one.spec.kind == "topic" else ()
        rows = (back,) if back else ()
        await press.show(Reply("" if delivery else escape(said), rows))
        return said

    async def _shown(self, press: ButtonPress, one: Subscription, delivery: int) -> None:
        """A card anew, or the buttons that a digest had."""
        if delivery:
            await press.show(Reply("", subscription_card.digest_buttons(delivery, [one.id], press.say)))
        else:
            await press.show(subscription_card.render_card(one, press.say))

    async def _found(self, press: ButtonPress) -> tuple[Subscription, int, tuple[str, ...]] | str:
        """The subscription, the delivery that the button stands under and the rest; or why not."""
        if refused := await refusal(press):
            return refused
        id, delivery = (*(_number(part) for part in press.parts[:2]), 0, 0)[:2]
        one = await asyncio.to_thread(self._here(press).one, id, subscriber_from_press(press))
        if one is None:
            return press.say("follow-gone")
        if not await still_theirs(one, press):
            return press.say("follow-channel-rights")
        return one, delivery, press.parts[2:]

    def _here(self, press: ButtonPress) -> SubscriptionService:
        return self._services.subscription_service(press.context.bot.username)


async def _post(press: ButtonPress, reply: Reply) -> None:
    """Under the message whose button was pressed, in its forum topic."""
    place = subscriber_from_press(press).place
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
