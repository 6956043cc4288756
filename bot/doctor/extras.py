"""What is installed beside the bot itself: the encoder, and the pictures' Chinese letters."""

from collections.abc import Collection, Iterator
from importlib import import_module
from importlib.util import find_spec

from bot.doctor.findings import Finding
from retrieval import semantic

# Families with simplified Chinese that distributions ship, by the beginning of their names.
CHINESE = ("Noto Sans CJK", "Noto Serif CJK", "Noto Sans SC", "Source Han", "WenQuanYi", "Droid Sans Fallback", "AR PL")


def extras(mode: semantic.Mode) -> Iterator[Finding]:
    yield encoder(mode, semantic.lack())
    if find_spec("matplotlib"):
        fonts = import_module("matplotlib.font_manager")  # by name: it may not be installed
        yield letters({font.name for font in fonts.fontManager.ttflist})


def encoder(mode: semantic.Mode, lack: str | None) -> Finding:
    if mode == "off":
        return Finding("well", "semantic", "off")
    if lack is None:
        return Finding("well", "semantic", "the extra is installed, and this processor can")
    if mode == "auto":
        return Finding("well", "semantic", f"not used: {lack}")
    return Finding("fault", "semantic", lack, "install it, or ZHIDIAN_SEMANTIC=auto, which does without")


def letters(families: Collection[str]) -> Finding:
    if found := sorted(name for name in families if name.startswith(CHINESE)):
        return Finding("well", "fonts", f"Chinese in pictures: {found[0]}")
    return Finding("mind", "fonts", "none for Chinese: pictures show boxes", "apt-get install fonts-noto-cjk")
