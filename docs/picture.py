"""The conversation at the top of the README, as a phone shows it: real questions, and what the bot answers them.

    make picture

writes docs/picture.html, which tests/test_picture.py holds against what the bot answers, and draws it light and dark.
That needs some of Debian's packages: those in NEEDED.
"""

import asyncio
import hashlib
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from bot.app import application as app
from bot.container import Services
from bot.question_log.log import QuestionLog
from bot.render.html import escape
from bot.settings import Settings
from bot.transport.send_scheduler import UNLIMITED
from retrieval.library import Library
from retrieval.model.documents import BEIJING
from tests.conftest import Chat
from tests.support.telegram import TOKEN, Updates
from tests.support.telegram_screen import Screen, ScreenWire, Shown

HERE = Path(__file__).parent
PAGE = HERE / "picture.html"
PICTURES = {"": HERE / "picture.png", "#dark": HERE / "picture-dark.png"}
BROWSER = "chromium-headless-shell"
NEEDED = f"{BROWSER} fonts-noto-cjk fonts-noto-color-emoji fonts-roboto-unhinted pngquant"
SIZE = "880,826"  # that of the body in picture.css; drawn twice as fine
DAY = datetime(2025, 8, 20, 9, tzinfo=BEIJING)  # soon after the seeds: no answer says how old it is
# Each phone with its language and what is done there: a question is written, a bell pressed.
BELL = "🔔"
PHONES = (
    ("zh-hans", ("有多少企业借助供应链平台找到了科研团队？", "上海的研发强度是多少?", BELL)),
    (
        "en",
        ("How many hours of work have users had at Huairou?", "What share of global steel patents does China hold?"),
    ),
)

Talk = Sequence[tuple[str, Shown]]


async def talk(library: Library, folder: Path, language: str, done: Sequence[str]) -> Talk:
    """What was written, '' where a button was pressed, with what the bot said to it."""
    settings, question_log, screen = (
        Settings(token=SecretStr(TOKEN), data=folder),
        QuestionLog(folder / "bot.db"),
        Screen(),
    )
    services = Services.of(settings, library, question_log, now=lambda: DAY)
    said = []
    async with app.assemble(settings, services, ScreenWire(screen), UNLIMITED).application as application:
        chat = Chat(application, screen, Updates())
        for one in done:
            if one == BELL:
                await chat.press(one, language=language)
            else:
                await chat.private(one, language=language)
            said.append(("" if one == BELL else one, chat.last()[1]))
    services.close()
    question_log.close()
    return said


def page(talks: Mapping[str, Talk]) -> str:
    style = (HERE / "picture.css").read_text("utf-8")
    head = f'<!doctype html>\n<html id="dark">\n<meta charset="utf-8">\n<title>知点</title>\n<style>\n{style}</style>'
    return "\n".join([head, "<body>", *(phone(language, said) for language, said in talks.items()), ""])


def phone(language: str, said: Talk) -> str:
    head = "<header><i>知</i><div><b>知点 Zhidian</b><small>bot</small></div></header>"
    messages = [message for words, shown in said for message in (mine(words), bots(shown)) if message]
    return "\n".join([f'<section lang="{language}">', head, "<main>", *messages, "</main>", "</section>"])


def mine(words: str) -> str:
    return f'<p class="mine">{escape(words)}</p>' if words else ""


def bots(shown: Shown) -> str:
    rows = ["<nav>" + "".join(f"<span>{escape(label)}</span>" for label in row) + "</nav>" for row in shown.labels]
    return "\n".join(['<div class="bot">', f"<div>{shown.html}</div>", *rows, "</div>"])


def draw(to: Path, variant: str) -> None:
    """Signed with the page that was drawn, so that a test sees whether it is still that one."""
    with TemporaryDirectory() as folder:
        drawn = Path(folder) / "drawn.png"
        options = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--default-background-color=00000000"]
        options += [f"--window-size={SIZE}", "--force-device-scale-factor=2", f"--user-data-dir={folder}/profile"]
        address = PAGE.as_uri() + variant
        subprocess.run([BROWSER, *options, f"--screenshot={drawn}", address], check=True, capture_output=True)
        body = drawn.read_bytes()
    # Without colours to spare: a third of the size.
    body = subprocess.run(["pngquant", "--speed=1", "64", "-"], input=body, check=True, capture_output=True).stdout
    text = b"Source\0" + signature().encode()
    chunk = struct.pack(">I", len(text)) + b"tEXt" + text + struct.pack(">I", zlib.crc32(b"tEXt" + text))
    end = body.rindex(b"IEND") - 4
    to.write_bytes(body[:end] + chunk + body[end:])


def signature() -> str:
    return hashlib.sha256(PAGE.read_bytes()).hexdigest()


async def conversation(library: Library, folder: Path) -> str:
    return page({language: await talk(library, folder / language, language, done) for language, done in PHONES})


def main() -> None:
    if not (shutil.which(BROWSER) and shutil.which("pngquant")):
        sys.exit(f"to draw it takes: apt-get install {NEEDED}")
    with TemporaryDirectory() as folder:
        library = Library(Path(folder))
        library.ingest((HERE.parent / "seeds",))
        PAGE.write_text(asyncio.run(conversation(library, Path(folder))), "utf-8")
        library.close()
    for variant, picture in PICTURES.items():
        draw(picture, variant)


if __name__ == "__main__":
    main()
