"""Checks the followed feeds: those that fail, those that are overdue, those that bring nothing."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.doctor.finding import Finding
from feeds.registry import Feed, FeedRegistry, feed_migrations
from retrieval.storage.store import Store

MAX_FEEDS_SHOWN = 5
QUIET_AFTER = timedelta(days=14)  # without anything new: most feeds bring something daily


def check_feeds(data: Path, now: datetime) -> list[Finding]:
    """Needs a bot.db of this version: opening another one would upgrade it."""
    feeds = FeedRegistry(Store(data / "bot.db", feed_migrations))
    try:
        return list(_judge(feeds.all(), {one.id for one in feeds.idle(now - QUIET_AFTER)}, now))
    finally:
        feeds.close()


def _judge(feeds: Sequence[Feed], quiet: set[int], now: datetime) -> Iterator[Finding]:
    if not feeds:
        yield Finding("ok", "sources", "none is followed")
        return
    failing = [feed for feed in feeds if feed.failures]
    late = [feed for feed in feeds if not feed.failures and _is_late(feed, now)]
    silent = [feed for feed in feeds if feed.id in quiet and feed not in failing and feed not in late]
    for feed in failing[:MAX_FEEDS_SHOWN]:
        text = f"{feed.url} failed {feed.failures} times: {feed.error}"
        remedy = f"`zhidian feed test {feed.url}`, or `feed remove {feed.id}`"
        yield Finding("warning", f"source {feed.id}", text, remedy)
    if late:
        text = f"{len(late)} were due long ago and nobody looked, the first of them {late[0].url}"
        yield Finding("warning", "sources", text, "is the bot running? `zhidian feed fetch` looks now")
    for feed in silent[:MAX_FEEDS_SHOWN]:
        text = f"{feed.url} answers, and has brought nothing for {QUIET_AFTER.days} days"
        yield Finding("warning", f"source {feed.id}", text, f"`zhidian feed test {feed.url}` shows what it offers")
    healthy = len(feeds) - len(failing) - len(late) - len(silent)
    hidden = max(0, len(failing) - MAX_FEEDS_SHOWN) + max(0, len(silent) - MAX_FEEDS_SHOWN)
    more = f", {hidden} more have problems: `zhidian feed list`" if hidden else ""
    yield Finding("warning" if hidden else "ok", "sources", f"{healthy} of {len(feeds)} are well{more}")


def _is_late(feed: Feed, now: datetime) -> bool:
    return now - datetime.fromtimestamp(feed.due, UTC) > max(timedelta(hours=1), timedelta(seconds=feed.every))
