"""What people ask, as messages in Telegram's HTML and as bars of characters. Pure."""

from collections.abc import Iterator, Sequence

from bot.analytics.queries import DayCounts
from bot.analytics.statistics import UsageStats
from bot.analytics.unanswered import UnansweredGroup
from bot.render.html import bold, escape, paginate, single_line, truncate
from bot.render.i18n import Say

MAX_WORDING_CHARS = 300  # of a question, in UTF-16 units: of one that is longer the beginning tells enough
MAX_WORDS_SHOWN = 4  # found nowhere, of one question
BAR_BLOCKS = "█▓░"  # answered, perhaps, not found: as the text stats-bars has them


def caption(stats: UsageStats, say: Say) -> str:
    days = stats.days
    answer, maybe, none = sum(d.answer for d in days), sum(d.maybe for d in days), sum(d.none for d in days)
    head = say("stats-head", days=len(days), questions=answer + maybe + none, people=stats.people)
    return f"{bold(head)}\n{escape(say('stats-verdicts', answer=answer, maybe=maybe, none=none))}"


def pages(stats: UsageStats, say: Say) -> list[str]:
    """What was not found, what was thought of answers, and who reads digests."""
    gaps = stats.unanswered
    blocks = [bold(say("stats-gaps"))]
    blocks += [_gap(number, gap, say) for number, gap in enumerate(gaps.groups, 1)]
    if not gaps.groups:
        blocks.append(escape(say("stats-gaps-none")))
    if gaps.unseen:
        blocks.append(escape(say("stats-unseen", questions=gaps.unseen)))
    if gaps.words:
        lines = [f"{escape(say('stats-word', word=word, people=count))} {_hint(word)}" for word, count in gaps.words]
        blocks.append("\n".join([bold(say("stats-words")), *lines]))
    blocks.append(f"{bold(say('stats-feedback'))}\n{escape(' · '.join(_reasons(stats, say)) or '–')}")
    readers = stats.readers
    told = say("stats-readers", chats=readers.chats, reached=readers.reached, digests=readers.digests)
    blocks.append(f"{bold(say('stats-digests'))}\n{escape(told)}")
    return list(paginate(blocks))


def bars(days: Sequence[DayCounts], width: int) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """For each day its date, its three parts as so many blocks of one character each, and its questions."""
    most = max([day.answer + day.maybe + day.none for day in days], default=0)
    scale = min(1.0, width / max(most, 1))
    for day in days:
        counts = (day.answer, day.maybe, day.none)
        parts = tuple(block * max(round(n * scale), n > 0) for block, n in zip(BAR_BLOCKS, counts, strict=True))
        yield f"{day.date:%m-%d}", parts, sum(counts)


def _gap(number: int, gap: UnansweredGroup, say: Say) -> str:
    wording = truncate(single_line(gap.wording), MAX_WORDING_CHARS)
    lines = [f"{number}. {escape(wording)}", escape(say("stats-asked", questions=gap.questions, people=gap.people))]
    if gap.words:
        words = say("between-words").join(
            say("in-quotes", word=single_line(word)) for word in gap.words[:MAX_WORDS_SHOWN]
        )
        lines.append(escape(say("none-nowhere", words=words)))
        lines.append("  ".join(map(_hint, gap.words[:MAX_WORDS_SHOWN])))
    return "\n".join(lines)


def _hint(word: str) -> str:
    """To be copied, completed and sent: a tap on it is enough."""
    return f"<code>/alias {escape(single_line(word))} = </code>"


def _reasons(stats: UsageStats, say: Say) -> Iterator[str]:
    names = {
        "good": "👍",
        "off": f"👎 {say('reason-off')}",
        "outdated": f"👎 {say('reason-outdated')}",
        "incomplete": f"👎 {say('reason-incomplete')}",
    }
    for reason, times in stats.reasons.items():
        yield f"{names.get(reason, reason)} {times}"
