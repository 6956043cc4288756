"""Buttons of subscriptions: presses go in, cards, menus and changes come out; in groups for administrators only."""

import asyncio
from collections.abc import Awaitable, Callable

from telegram.error import BadRequest, Forbidden

from bot.digest import subscription_card
from bot.digest.subscription import Subscription
from bot.digest.subscription_service import SubscriptionService
from bot.digest.trading_calendar import available
from bot.handlers.base import HandlerGroup
from bot.handlers.buttons import ButtonPress, PressHandler
from bot.handlers.permissions import may_change, may_delete, refuse_press, subscriber_from_press
from bot.render.callback_data import Operation
from bot.render.follow_button import follow_topic_button
from bot.render.html import escape
from bot.render.reply import ButtonRow, Reply

MAX_PAGES_SENT = 5  # messages for one press of 'all points'


class SubscriptionButtons(HandlerGroup):
    @property
    def operations(self) -> dict[Operation, PressHandler]:
        return {
            Operation.FOLLOW: self._follow,
            Operation.ALL_POINTS: self._all_points,
            Operation.CHANGE: self._change,
            Operation.SUBSCRIPTIONS: self._list,
            Operation.UNSUBSCRIBE: self._unsubscribe,
            Operation.PAUSE: self._pause,
        }

    async def _follow(self, press: ButtonPress) -> str:
        if refusal := await refuse_press(press, press.say("follow-groups-only")):
            return refusal
        service, subscriber = self._service(press), subscriber_from_press(press)
        if press.part(0) == "t":
            reply = await asyncio.to_thread(service.follow_topic, press.part(1), subscriber)
        else:
            reply = await asyncio.to_thread(service.follow_question, press.number(1), subscriber)
        if reply is None:
            return press.say("too-old")
        await post_below(press, reply)
        return ""

    async def _all_points(self, press: ButtonPress) -> str:
        """To the private chat of the person who pressed, if they ever opened it: it may be many pages."""
        every_page = self._service(press).everything
        pages = await asyncio.to_thread(every_page, press.number(0), subscriber_from_press(press))
        try:
            for page in pages[:MAX_PAGES_SENT]:
                await press.completer.post(press.context.bot, press.user, Reply(page))
        except (BadRequest, Forbidden):
            if not press.compact:
                raise
            return press.say("all-points-start", bot=press.context.bot.username)
        if not pages:
            return press.say("too-old")
        return press.say("all-points-private") if press.compact else ""

    async def _list(self, press: ButtonPress) -> str:
        """The id 0 stands for the list, any other for a subscription's card."""
        service, subscriber, id = self._service(press), subscriber_from_press(press), press.number(0)
        if not id:
            return await press.show(await asyncio.to_thread(service.listing, press.number(1), subscriber))
        subscription = await asyncio.to_thread(service.one, id, subscriber)
        if subscription is None:
            return press.say("follow-gone")
        return await press.show(await asyncio.to_thread(service.card, subscription, subscriber))

    async def _change(self, press: ButtonPress) -> str:
        """A menu replaces only the buttons: the digest above them stays. Part 2 is the setting, part 3 the choice."""
        subscription, refusal = await self._subscription(press)
        if subscription is None:
            return refusal
        setting, delivery = press.part(2), press.number(1)
        if not press.part(3) and (menu := _menu(press, subscription, setting, delivery)):
            toast = await press.show(Reply("", menu))
            return toast or (press.say("follow-any-zone") if setting == "z" else "")
        if setting == "b":
            await self._show(press, subscription, delivery)
            return ""
        subscriber, change = subscriber_from_press(press), self._service(press).change
        changed = await asyncio.to_thread(change, subscription, setting, press.number(3), subscriber)
        if changed is None:
            return press.say("too-old")
        await self._show(press, changed, delivery)
        return f"{press.say('follow-kept')} {subscription_card.describe_state(changed, press.say)}"

    async def _pause(self, press: ButtonPress) -> str:
        subscription, refusal = await self._subscription(press)
        if subscription is None:
            return refusal
        changed, delivery = await asyncio.to_thread(self._service(press).pause, subscription), press.number(1)
        if changed is None:
            return press.say("follow-gone")
        if delivery and changed.paused:
            await press.show(Reply("", subscription_card.paused_buttons(changed.id, delivery, press.say)))
        else:
            await self._show(press, changed, delivery)
        return subscription_card.describe_state(changed, press.say)

    async def _unsubscribe(self, press: ButtonPress) -> str:
        subscription, refusal = await self._subscription(press, may_delete)
        if subscription is None:
            return refusal
        await asyncio.to_thread(self._service(press).delete, subscription)
        subject, service = subscription.spec.subject, self._service(press)
        named = await asyncio.to_thread(service.shown_subject, subscription, subscriber_from_press(press))
        toast = press.say("follow-undone", subject=named)
        rows = ((follow_topic_button(subject, press.say),),) if subscription.spec.kind == "topic" else ()
        await press.show(Reply("" if press.number(1) else escape(toast), rows))
        return toast

    async def _subscription(
        self, press: ButtonPress, may: Callable[[Subscription, ButtonPress], Awaitable[bool]] = may_change
    ) -> tuple[Subscription | None, str]:
        """The subscription of part 0, or the refusal; part 1 is the delivery that the button stands under."""
        if refusal := await refuse_press(press, press.say("follow-groups-only")):
            return None, refusal
        subscriber = subscriber_from_press(press)
        subscription = await asyncio.to_thread(self._service(press).one, press.number(0), subscriber)
        if subscription is None:
            return None, press.say("follow-gone")
        allowed = await may(subscription, press)
        return (subscription, "") if allowed else (None, press.say("follow-channel-rights"))

    async def _show(self, press: ButtonPress, subscription: Subscription, delivery: int) -> None:
        if delivery:
            await press.show(Reply("", subscription_card.digest_buttons(delivery, [subscription.id], press.say)))
        else:
            card = self._service(press).card
            await press.show(await asyncio.to_thread(card, subscription, subscriber_from_press(press)))

    def _service(self, press: ButtonPress) -> SubscriptionService:
        return self._services.subscription_service(press.context.bot.username)


def _menu(press: ButtonPress, subscription: Subscription, setting: str, delivery: int) -> tuple[ButtonRow, ...]:
    match setting:
        case "":
            return subscription_card.hour_buttons(subscription, delivery, press.say)
        case "d":
            return subscription_card.day_buttons(subscription, delivery, available(), press.say)
        case "z":
            return subscription_card.zone_buttons(subscription, delivery, press.say)
    return ()


async def post_below(press: ButtonPress, reply: Reply) -> None:
    """In the forum topic of the message with the button."""
    place = subscriber_from_press(press).place
    await press.completer.post(press.context.bot, place.chat, reply, place.thread or None)
