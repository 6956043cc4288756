"""Menus of /settings, /forget and /revoke: preferences and the access list go in, texts and buttons come out."""

from collections.abc import Sequence
from dataclasses import replace

from bot.render.callback_data import Operation, encode
from bot.render.html import bold, escape, single_line, truncate
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Button, ButtonRow, Reply, wrap_buttons
from bot.render.time_zones import zone_label
from bot.users.access_list import AdmittedChat
from bot.users.preferences import Preferences

# Choices; buttons hold the position: only ever append.
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
MAX_ADMITTED_SHOWN = 50  # Telegram shows at most 100 buttons


def settings_reply(
    chosen: Preferences, language: Language, personal: bool, model: bool = False, composing: bool = False
) -> Reply:
    """`personal`: in a private chat, with the buttons for one's own data; `model`: with switches of what it adds."""
    say = say_in(language)
    lines = [
        say("settings-language", language=_language(chosen.language, say)),
        say("settings-hour", hour=chosen.hour or say("settings-unset")),
        say("settings-zone", zone=zone_label(chosen.zone, say) if chosen.zone else say("settings-unset")),
    ]
    choose = (
        Button(say("button-language"), encode(Operation.PREFERENCE, "l")),
        Button(say("button-hour"), encode(Operation.PREFERENCE, "h")),
        Button(say("button-zone"), encode(Operation.PREFERENCE, "z")),
    )
    switches: list[Button] = []
    if model:
        off = chosen.untranslated
        lines.append(say("settings-translation-off") if off else say("settings-translation-on"))
        label = say("button-translation-on") if off else say("button-translation-off")
        switches.append(Button(label, encode(Operation.PREFERENCE, "m", 0 if off else 1)))
    if composing and personal:
        off = chosen.uncomposed
        lines.append(say("settings-composing-off") if off else say("settings-composing-on"))
        label = say("button-composing-on") if off else say("button-composing-off")
        switches.append(Button(label, encode(Operation.PREFERENCE, "c", 0 if off else 1)))
    added = (tuple(switches),) if switches else ()
    if not personal:
        return Reply("\n".join([bold(say("settings-group")), *map(escape, lines)]), (choose, *added))
    lines.append(say("settings-open") if chosen.open else say("settings-closed"))
    label = say("button-close") if chosen.open else say("button-open")
    consent = Button(label, encode(Operation.PREFERENCE, "s", 0 if chosen.open else 1))
    data = (
        Button(say("button-export"), encode(Operation.PERSONAL_DATA, "e")),
        Button(say("button-forget"), encode(Operation.PERSONAL_DATA, "f")),
    )
    return Reply("\n".join([bold(say("settings")), *map(escape, lines)]), (choose, *added, (consent,), data))


def choice_rows(setting: str, language: Language) -> tuple[ButtonRow, ...]:
    """`setting`: l for the language, h for the hour, z for the time zone."""
    say = say_in(language)
    languages = [_language(one, say) for one in SPOKEN_LANGUAGES]
    names: Sequence[str] = {"l": languages, "h": HOUR_CHOICES, "z": [zone_label(zone, say) for zone in ZONE_CHOICES]}[
        setting
    ]
    buttons = [Button(name, encode(Operation.PREFERENCE, setting, number)) for number, name in enumerate(names)]
    back = Button(say("button-back"), encode(Operation.PREFERENCE))
    return (*wrap_buttons(buttons, 2 if setting == "z" else 3), (back,))


def apply_choice(before: Preferences, setting: str, number: int) -> Preferences | None:
    """None where there is no such choice; s is the consent, m and c are what a model adds, which 1 turns off."""
    match setting:
        case "l" if number < len(SPOKEN_LANGUAGES):
            return replace(before, language=SPOKEN_LANGUAGES[number])
        case "h" if number < len(HOUR_CHOICES):
            return replace(before, hour=HOUR_CHOICES[number])
        case "z" if number < len(ZONE_CHOICES):
            return replace(before, zone=ZONE_CHOICES[number])
        case "s" if number < 2:
            return replace(before, open=bool(number))
        case "m" | "c" if number < 2:
            off = bool(number)
            return replace(before, untranslated=off) if setting == "m" else replace(before, uncomposed=off)
    return None


def forget_reply(language: Language, invited: bool) -> Reply:
    say = say_in(language)
    text = say("forget-ask") + (f" {say('forget-invited')}" if invited else "")
    really = Button(say("button-really"), encode(Operation.PERSONAL_DATA, "y"))
    return Reply(escape(text), ((really, Button(say("button-keep"), encode(Operation.PERSONAL_DATA, "n"))),))


def admitted_reply(admitted: Sequence[AdmittedChat], language: Language) -> Reply:
    say = say_in(language)
    if not admitted:
        return Reply(escape(say("admitted-none")))
    rows = [
        (Button(f"✕ {truncate(single_line(one.name), 40)} {one.id}", encode(Operation.REVOKE, str(one.id))),)
        for one in reversed(admitted[-MAX_ADMITTED_SHOWN:])
    ]
    return Reply(escape(say("admitted", count=len(admitted))), tuple(rows))


def _language(language: Language | None, say: Say) -> str:
    return {"zh": "中文", "en": "English"}[language] if language else say("settings-language-auto")
