"""Checks the settings: invalid values, unknown names, a readable .env, and values that do not fit together."""

import difflib
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from dotenv import dotenv_values

from bot.doctor.finding import Finding
from bot.settings import Settings

SETTING_PREFIXES = ("ZHIDIAN_", "TELEGRAM_")
ENV_FILE = Path(".env")


def check_settings(
    settings: Settings, wrong: Mapping[str, str], environ: Mapping[str, str], env: Path = ENV_FILE
) -> list[Finding]:
    """`wrong`: the invalid variables with the reason, as `Settings.usable` returns them."""
    found = [
        *(Finding("error", name, text, "mend it; .env.example shows how") for name, text in wrong.items()),
        *_unknown({*environ, *_names_in(env)}),
        *_exposed(env),
        *_contradictory(settings),
    ]
    return found or [Finding("ok", "settings", "all valid")]


def _names_in(env: Path) -> Collection[str]:
    try:
        return dotenv_values(env).keys()
    except (OSError, UnicodeDecodeError):
        return ()


def _unknown(names: Collection[str]) -> Iterator[Finding]:
    known = [str(field.validation_alias) for field in Settings.model_fields.values()]
    for name in sorted(names):
        if name.startswith(SETTING_PREFIXES) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            remedy = f"did you mean {near[0]}?" if near else ".env.example lists all settings"
            yield Finding("warning", name, "no setting has this name", remedy)


def _exposed(env: Path) -> Iterator[Finding]:
    if env.is_file() and env.stat().st_mode & stat.S_IROTH:
        yield Finding("warning", str(env), "everybody on this machine may read the token in it", f"chmod o= {env}")


def _contradictory(settings: Settings) -> Iterator[Finding]:
    if not settings.token:
        return
    remedy = "put your own number there; @userinfobot tells it"
    if not settings.admins and settings.access == "invite":
        text = "only those may use the bot who are invited, and there is nobody to invite them"
        yield Finding("error", "ZHIDIAN_ADMINS", text, remedy)
    elif not settings.admins:
        yield Finding("warning", "ZHIDIAN_ADMINS", "nobody gets the alarms", remedy)
    host = settings.metrics.rpartition(":")[0].strip("[]")
    if host in {"0.0.0.0", "::"}:  # noqa: S104
        remedy = "write 127.0.0.1, unless a firewall or a container stands before it"
        yield Finding("warning", "ZHIDIAN_METRICS", "whoever reaches this machine reads /metrics", remedy)
