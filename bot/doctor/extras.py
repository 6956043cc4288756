"""The encoder, and what is installed beside the bot itself: what draws the picture of /stats."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec

from bot.analytics.chart import FONT_FILE
from bot.doctor.finding import Finding
from retrieval.semantic.loader import unavailable_reason
from retrieval.semantic.mode import Mode


def check_extras(mode: Mode) -> Iterator[Finding]:
    yield check_encoder(mode, None if mode == "off" else unavailable_reason())
    letters = files("bot.render").joinpath("texts", FONT_FILE).is_file()
    yield check_charts(matplotlib=find_spec("matplotlib") is not None, letters=letters)


def check_encoder(mode: Mode, reason: str | None) -> Finding:
    if mode == "off":
        return Finding("well", "semantic", "off")
    if reason is None:
        return Finding("well", "semantic", "the encoder is installed, and its weights are those that were tried")
    remedy = "pip install -c constraints.txt ."
    return Finding("mind" if mode == "auto" else "fault", "semantic", f"words alone answer: {reason}", remedy)


def check_charts(*, matplotlib: bool, letters: bool) -> Finding:
    """The letters come with the bot, since few servers have Chinese ones."""
    if not matplotlib:
        return Finding("well", "pictures", "/stats has bars of characters: the extra `charts` is not installed")
    if not letters:
        text = "the font of /stats is missing from what was installed"
        return Finding("mind", "pictures", text, "pip install -c constraints.txt .")
    return Finding("well", "pictures", "/stats can be drawn, with its own Chinese font")
