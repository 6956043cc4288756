"""The report of /stats: usage figures go in, messages in Telegram's HTML and bars of characters come out."""

from collections.abc import Iterator, Sequence

from bot.analytics.queries import DayCounts
from bot.analytics.statistics import UsageStats
from bot.analytics.unanswered import UnansweredGroup
from bot.render.html import bold, escape, paginate, single_line, truncate
from bot.render.i18n import Say

MAX_WORDING_CHARS = 300  # UTF-16 units of a question
MAX_WORDS_SHOWN = 4  # of a question's words that no summary has
BAR_BLOCKS = "█▓░"  # answer, maybe, none: the text stats-bars explains them


def render_caption(stats: UsageStats, say: Say) -> str:
    days = stats.days
    answer, maybe, none = sum(d.answer for d in days), sum(d.maybe for d in days), sum(d.none for d in days)
    head = say("stats-head", days=len(days), questions=answer + maybe + none, people=stats.people)
    return f"{bold(head)}\n{escape(say('stats-verdicts', answer=answer, maybe=maybe, none=none))}"


def render_pages(stats: UsageStats, say: Say) -> list[str]:
    unanswered, readers = stats.unanswered, stats.readers
    blocks = [bold(say("stats-gaps"))]
    blocks += [_group(number, group, say) for number, group in enumerate(unanswered.groups, 1)]
    if not unanswered.groups:
        blocks.append(escape(say("stats-gaps-none")))
    if unanswered.unseen:
        blocks.append(escape(say("stats-unseen", questions=unanswered.unseen)))
    if unanswered.words:
        lines = [f"{escape(say('stats-word', word=word, people=n))} {_hint(word)}" for word, n in unanswered.words]
        blocks.append("\n".join([bold(say("stats-words")), *lines]))
    blocks.append(f"{bold(say('stats-feedback'))}\n{escape(' · '.join(_reasons(stats, say)) or '–')}")
    digests = say("stats-readers", chats=readers.chats, reached=readers.reached, digests=readers.digests)
    blocks.append(f"{bold(say('stats-digests'))}\n{escape(digests)}")
    return list(paginate(blocks))


def draw_bars(days: Sequence[DayCounts], width: int) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """For each day its date, three bars of one character each, and the number of questions."""
    most = max([day.answer + day.maybe + day.none for day in days], default=0)
    scale = min(1.0, width / max(most, 1))
    for day in days:
        counts = (day.answer, day.maybe, day.none)
        parts = tuple(block * max(round(n * scale), n > 0) for block, n in zip(BAR_BLOCKS, counts, strict=True))
        yield f"{day.date:%m-%d}", parts, sum(counts)


def _group(number: int, group: UnansweredGroup, say: Say) -> str:
    wording = truncate(single_line(group.wording), MAX_WORDING_CHARS)
    lines = [f"{number}. {escape(wording)}", escape(say("stats-asked", questions=group.questions, people=group.people))]
    if words := group.words[:MAX_WORDS_SHOWN]:
        listed = say("between-words").join(say("in-quotes", word=single_line(word)) for word in words)
        lines += [escape(say("none-nowhere", words=listed)), "  ".join(map(_hint, words))]
    return "\n".join(lines)


def _hint(word: str) -> str:
    """A tap copies it, to be completed and sent."""
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
