"""Checks what may be missing: the loops in C, the encoder, and matplotlib with the font of the /stats chart."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec

from bot.analytics.chart import FONT_FILE
from bot.doctor.finding import Finding, Severity
from retrieval.runtime.errors import MissingKernelsError
from retrieval.runtime.kernels import require_library
from retrieval.semantic.loader import unavailable_reason
from retrieval.semantic.mode import Mode


def check_extras(mode: Mode) -> Iterator[Finding]:
    yield check_kernels()
    yield check_encoder(mode, None if mode == "off" else unavailable_reason())
    font = files("bot.render").joinpath("texts", FONT_FILE).is_file()
    yield check_charts(matplotlib=find_spec("matplotlib") is not None, font=font)


def check_kernels() -> Finding:
    try:
        require_library()
    except MissingKernelsError as error:
        return Finding("error", "search", str(error))
    return Finding("ok", "search", "its loops in C are compiled")


def check_encoder(mode: Mode, unavailable: str | None) -> Finding:
    if mode == "off":
        return Finding("ok", "semantic", "off")
    if unavailable is None:
        return Finding("ok", "semantic", "the encoder is installed, and its weights are the tested ones")
    severity: Severity = "warning" if mode == "auto" else "error"
    return Finding(severity, "semantic", f"words alone answer: {unavailable}", "pip install -c constraints.txt .")


def check_charts(*, matplotlib: bool, font: bool) -> Finding:
    """The font comes with the bot, since few servers have a Chinese one."""
    if not matplotlib:
        return Finding("ok", "pictures", "/stats has bars of characters: the extra `charts` is not installed")
    if not font:
        text = "the font of /stats is missing from what was installed"
        return Finding("warning", "pictures", text, "pip install -c constraints.txt .")
    return Finding("ok", "pictures", "/stats can be drawn, with its own Chinese font")
