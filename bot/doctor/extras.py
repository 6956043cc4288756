"""Checks the optional packages: the encoder, and matplotlib with the font of the /stats chart."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec

from bot.analytics.chart import FONT_FILE
from bot.doctor.finding import Finding
from retrieval.semantic import encoder as semantic
from retrieval.semantic.mode import Mode


def check_extras(mode: Mode) -> Iterator[Finding]:
    yield check_encoder(mode, semantic.unavailable_reason())
    font = files("bot.render").joinpath("texts", FONT_FILE).is_file()
    yield check_charts(matplotlib=find_spec("matplotlib") is not None, font=font)


def check_encoder(mode: Mode, unavailable: str | None) -> Finding:
    if mode == "off":
        return Finding("ok", "semantic", "off")
    if unavailable is None:
        return Finding("ok", "semantic", "the extra is installed, and this processor can")
    if mode == "auto":
        return Finding("ok", "semantic", f"not used: {unavailable}")
    return Finding("error", "semantic", unavailable, "install it, or ZHIDIAN_SEMANTIC=auto, which does without")


def check_charts(*, matplotlib: bool, font: bool) -> Finding:
    """The font comes with the bot, since few servers have a Chinese one."""
    if not matplotlib:
        return Finding("ok", "pictures", "/stats has bars of characters: the extra `charts` is not installed")
    if not font:
        text = "the font of /stats is missing from what was installed"
        return Finding("warning", "pictures", text, "pip install -c constraints.txt .")
    return Finding("ok", "pictures", "/stats can be drawn, with its own Chinese font")
