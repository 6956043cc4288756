"""Reports of past and coming deliveries as text: of one chat for its readers, of all chats for operators. Blocks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.digest import subscription_card
from bot.digest.planner import DigestPlanner
from bot.digest.subscription import Destination, Subscription
from bot.render.i18n import Say

REPORTED_SPAN = timedelta(days=1)


def chat_report(
    planner: DigestPlanner, place: Destination, followed: Sequence[Subscription], zone: str, say: Say
) -> str:
    if not followed:
        return say("follow-none")
    last = planner.outbox.last_delivery(place)
    coming = [one.next_at for one in followed if one.next_at and not one.paused]
    return say(
        "deliveries-mine",
        last=subscription_card.local_time(last, zone, say) if last else "–",
        next=subscription_card.local_time(min(coming), zone, say) if coming else "–",
    )


def total_report(planner: DigestPlanner, now: datetime, zone: str, say: Say) -> list[str]:
    counts, states = planner.outbox.counts(now - REPORTED_SPAN), planner.subscriptions.count()
    lines = [
        say(
            "deliveries-status",
            waiting=counts["waiting"],
            sending=counts["sending"],
            sent=counts["sent"],
            failed=counts["failed"],
            uncertain=counts["uncertain"],
            due=len(planner.subscriptions.due(now)),
            active=states["active"],
            paused=states.total() - states["active"],
        )
    ]
    for problem in planner.outbox.problems(now - REPORTED_SPAN):
        when, chat = subscription_card.local_time(problem.due_at, zone, say), str(problem.chat)
        lines.append(say("deliveries-trouble", time=when, chat=chat, state=problem.state, error=problem.error))
    return lines
