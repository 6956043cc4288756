"""The sources that are followed: which fail, which are not looked at, which bring nothing."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.doctor.finding import Finding
from feeds.subscriptions import Feed, FeedStore, feed_migrations
from retrieval.storage.store import Store

MAX_FEEDS_SHOWN = 5
QUIET_AFTER = timedelta(days=14)  # without anything new: most sources write daily


def check_feeds(data: Path, now: datetime) -> list[Finding]:
    """Of a bot.db that is there and of this version: to open it would change another."""
    feeds = FeedStore(Store(data / "bot.db", feed_migrations))
    try:
        return list(told(feeds.all(), {one.id for one in feeds.quiet(now - QUIET_AFTER)}, now))
    finally:
        feeds.close()


def told(feeds: Sequence[Feed], quiet: set[int], now: datetime) -> Iterator[Finding]:
    if not feeds:
        yield Finding("well", "sources", "none is followed")
        return
    failing = [one for one in feeds if one.failures]
    late = [one for one in feeds if not one.failures and _late(one, now)]
    silent = [one for one in feeds if one.id in quiet and one not in failing and one not in late]
    for one in failing[:MAX_FEEDS_SHOWN]:
        text = f"{one.url} failed {one.failures} times: {one.error}"
        yield Finding("mind", f"source {one.id}", text, f"`zhidian feed test {one.url}`, or `feed remove {one.id}`")
    if late:
        text = f"{len(late)} were due long ago and nobody looked, the first of them {late[0].url}"
        yield Finding("mind", "sources", text, "is the bot running? `zhidian feed fetch` looks now")
    for one in silent[:MAX_FEEDS_SHOWN]:
        text = f"{one.url} answers, and has brought nothing for {QUIET_AFTER.days} days"
        yield Finding("mind", f"source {one.id}", text, f"`zhidian feed test {one.url}` shows what it offers")
    fine = len(feeds) - len(failing) - len(late) - len(silent)
    hidden = max(0, len(failing) - MAX_FEEDS_SHOWN) + max(0, len(silent) - MAX_FEEDS_SHOWN)
    more = f", {hidden} more are not well: `zhidian feed list`" if hidden else ""
    yield Finding("mind" if hidden else "well", "sources", f"{fine} of {len(feeds)} are well{more}")


def _late(feed: Feed, now: datetime) -> bool:
    return now - datetime.fromtimestamp(feed.due, UTC) > max(timedelta(hours=1), timedelta(seconds=feed.every))
