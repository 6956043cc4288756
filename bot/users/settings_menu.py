"""/settings, /forget and the access list as text and buttons, pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.render.callback_data import encode
from bot.render.html import bold, escape, single_line, truncate
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Button, ButtonRow, Reply
from bot.users.access_list import AdmittedChat
from bot.users.preferences import Preferences

# What there is to choose, in this order in the codes: only ever appended to.
SPOKEN_LANGUAGES: tuple[Language | None, ...] = (None, "zh", "en")
HOUR_CHOICES = ("07:00", "07:30", "08:00", "09:00", "12:00", "18:00", "20:00", "21:30")
ZONE_CHOICES = (
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
MAX_ADMITTED_SHOWN = 50  # listed; Telegram shows at most 100 buttons


def settings_reply(chosen: Preferences, language: Language, personal: bool) -> Reply:
    """`personal`: in a private chat, with the way to one's own data."""
    say = say_in(language)
    spoken = _language(chosen.language, say)
    lines = [
        say("settings-language", language=spoken),
        say("settings-hour", hour=chosen.hour or say("settings-unset")),
        say("settings-zone", zone=chosen.zone or say("settings-unset")),
    ]
    choose = (
        Button(say("button-language"), encode("p", "l")),
        Button(say("button-hour"), encode("p", "h")),
        Button(say("button-zone"), encode("p", "z")),
    )
    if not personal:
        return Reply("\n".join([bold(say("settings-group")), *map(escape, lines)]), (choose,))
    lines.append(say("settings-open") if chosen.open else say("settings-closed"))
    label = say("button-close") if chosen.open else say("button-open")
    words = Button(label, encode("p", "s", 0 if chosen.open else 1))
    data = (Button(say("button-export"), encode("d", "e")), Button(say("button-forget"), encode("d", "f")))
    return Reply("\n".join([bold(say("settings")), *map(escape, lines)]), (choose, (words,), data))


def choice_reply(what: str, language: Language) -> tuple[ButtonRow, ...]:
    say = say_in(language)
    names = {"l": [_language(one, say) for one in SPOKEN_LANGUAGES], "h": list(HOUR_CHOICES), "z": list(ZONE_CHOICES)}[
        what
    ]
    buttons = [Button(name, encode("p", what, number)) for number, name in enumerate(names)]
    width = 2 if what == "z" else 3
    rows = [tuple(buttons[at : at + width]) for at in range(0, len(buttons), width)]
    return (*rows, (Button(say("button-back"), encode("p")),))


def chosen_reply(before: Preferences, what: str, number: int) -> Preferences | None:
    """None where there is no such choice."""
    match what:
        case "l" if number < len(SPOKEN_LANGUAGES):
            return replace(before, language=SPOKEN_LANGUAGES[number])
        case "h" if number < len(HOUR_CHOICES):
            return replace(before, hour=HOUR_CHOICES[number])
        case "z" if number < len(ZONE_CHOICES):
            return replace(before, zone=ZONE_CHOICES[number])
        case "s" if number < 2:
            return replace(before, open=bool(number))
    return None


def forget_reply(language: Language, invited: bool) -> Reply:
    say = say_in(language)
    text = say("forget-ask") + (f" {say('forget-invited')}" if invited else "")
    return Reply(
        escape(text),
        ((Button(say("button-really"), encode("d", "y")), Button(say("button-keep"), encode("d", "n"))),),
    )


def admitted_reply(there: Sequence[AdmittedChat], language: Language) -> Reply:
    """Everybody with a button that takes their access back; the latest first."""
    say = say_in(language)
    if not there:
        return Reply(escape(say("admitted-none")))
    rows = [
        (Button(f"✕ {truncate(single_line(one.name), 40)} {one.id}", encode("v", str(one.id))),)
        for one in reversed(there[-MAX_ADMITTED_SHOWN:])
    ]
    return Reply(escape(say("admitted", count=len(there))), tuple(rows))


def _language(language: Language | None, say: Say) -> str:
    return {"zh": "中文", "en": "English"}[language] if language else say("settings-language-auto")
