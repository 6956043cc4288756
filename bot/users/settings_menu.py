"""/settings, /forget and the access list as text and buttons, pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.render.callback_data import pack
from bot.render.html import bold, cut, escape, line
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Button, Reply, Row
from bot.users.access_list import Admitted
from bot.users.preferences import Preferences

# What there is to choose, in this order in the codes: only ever appended to.
SPOKEN: tuple[Language | None, ...] = (None, "zh", "en")
HOURS = ("07:00", "07:30", "08:00", "09:00", "12:00", "18:00", "20:00", "21:30")
ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)
MOST_ADMITTED = 50  # listed; Telegram shows at most 100 buttons


def settings(chosen: Preferences, language: Language, personal: bool) -> Reply:
    """`personal`: in a private chat, with the way to one's own data."""
    say = say_in(language)
    spoken = _language(chosen.language, say)
    lines = [
        say("settings-language", language=spoken),
        say("settings-hour", hour=chosen.hour or say("settings-unset")),
        say("settings-zone", zone=chosen.zone or say("settings-unset")),
    ]
    choose = (
        Button(say("button-language"), pack("p", "l")),
        Button(say("button-hour"), pack("p", "h")),
        Button(say("button-zone"), pack("p", "z")),
    )
    if not personal:
        return Reply("\n".join([bold(say("settings-group")), *map(escape, lines)]), (choose,))
    lines.append(say("settings-open") if chosen.open else say("settings-closed"))
    label = say("button-close") if chosen.open else say("button-open")
    words = Button(label, pack("p", "s", 0 if chosen.open else 1))
    data = (Button(say("button-export"), pack("d", "e")), Button(say("button-forget"), pack("d", "f")))
    return Reply("\n".join([bold(say("settings")), *map(escape, lines)]), (choose, (words,), data))


def choice(what: str, language: Language) -> tuple[Row, ...]:
    say = say_in(language)
    names = {"l": [_language(one, say) for one in SPOKEN], "h": list(HOURS), "z": list(ZONES)}[what]
    buttons = [Button(name, pack("p", what, number)) for number, name in enumerate(names)]
    width = 2 if what == "z" else 3
    rows = [tuple(buttons[at : at + width]) for at in range(0, len(buttons), width)]
    return (*rows, (Button(say("button-back"), pack("p")),))


def chosen(before: Preferences, what: str, number: int) -> Preferences | None:
    """None where there is no such choice."""
    match what:
        case "l" if number < len(SPOKEN):
            return replace(before, language=SPOKEN[number])
        case "h" if number < len(HOURS):
            return replace(before, hour=HOURS[number])
        case "z" if number < len(ZONES):
            return replace(before, zone=ZONES[number])
        case "s" if number < 2:
            return replace(before, open=bool(number))
    return None


def forget(language: Language, invited: bool) -> Reply:
    say = say_in(language)
    text = say("forget-ask") + (f" {say('forget-invited')}" if invited else "")
    return Reply(
        escape(text),
        ((Button(say("button-really"), pack("d", "y")), Button(say("button-keep"), pack("d", "n"))),),
    )


def admitted(there: Sequence[Admitted], language: Language) -> Reply:
    """Everybody with a button that takes their access back; the latest first."""
    say = say_in(language)
    if not there:
        return Reply(escape(say("admitted-none")))
    rows = [
        (Button(f"✕ {cut(line(one.name), 40)} {one.id}", pack("v", str(one.id))),)
        for one in reversed(there[-MOST_ADMITTED:])
    ]
    return Reply(escape(say("admitted", count=len(there))), tuple(rows))


def _language(language: Language | None, say: Say) -> str:
    return {"zh": "中文", "en": "English"}[language] if language else say("settings-language-auto")
