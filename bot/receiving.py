"""Files, links and aliases that who runs the bot sends it in private; everybody else gets a polite no."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from telegram import Message, Update
from telegram.error import TelegramError

from bot import codes, reading
from bot.asking import Context
from bot.callbacks import Operation, Press
from bot.catalogue import Say, say_in
from bot.desk import Desk
from bot.markup import cut, escape, line
from bot.messages import Button, Reply
from bot.sending import asker, send
from bot.sources import fetched
from retrieval import exports
from retrieval.documents import Document
from retrieval.library import Report

LARGEST = 20_000_000  # bytes of a file that the Bot API hands to bots
KINDS = frozenset({".txt", ".jsonl", *exports.ONE_DOCUMENT})
LINK = re.compile(r"(https?://\S+)(?:\s+(\S.*))?")
REFUSED = 5  # refusals that are told one by one
MANY = 10_000  # documents of one address
REASON = 300  # characters of one


class Receiving:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def operations(self) -> dict[str, Operation]:
        return {"y": self._undone}

    async def document(self, update: Update, context: Context) -> None:
        """A file; its caption is the topic of what names none."""
        message = update.message
        if message is None or message.document is None:
            return
        say = await self._say(message)
        name = PurePosixPath(message.document.file_name or "").name
        if not self._is_admin(message):
            await send(message, Reply(escape(say("upload-operators-only"))))
        elif PurePosixPath(name).suffix.lower() not in KINDS:
            await send(message, Reply(escape(say("upload-kind", kinds=", ".join(sorted(KINDS))))))
        elif (message.document.file_size or 0) > LARGEST:
            await send(message, Reply(escape(say("upload-too-large", megabytes=LARGEST // 1_000_000))))
        else:
            try:
                file = await context.bot.get_file(message.document.file_id)
                body = bytes(await file.download_as_bytearray())
            except TelegramError as error:
                await send(message, Reply(escape(say("upload-failed", error=str(error)))))
                return
            topic = (message.caption or "").strip()
            await send(message, await asyncio.to_thread(self._taken, lambda: self._file(name, body, topic), say))

    async def link(self, update: Update, _: Context) -> None:
        """An address alone, or with a topic behind it."""
        message = update.message
        if message and (found := LINK.fullmatch((message.text or "").strip())):
            say = await self._say(message)
            if not self._is_admin(message):
                await send(message, Reply(escape(say("upload-operators-only"))))
                return
            address, topic = found[1], (found[2] or "").strip()
            await send(message, await asyncio.to_thread(self._taken, lambda: self._page(address, topic), say))

    async def alias(self, update: Update, _: Context) -> None:
        if message := update.message:
            say = await self._say(message)
            if not self._is_admin(message):
                await send(message, Reply(escape(say("operators-only"))))
                return
            names = await asyncio.to_thread(self._desk.replies.library.alias, reading.after_command(message))
            said = say("alias-added", names=" = ".join(names)) if names else say("alias-how")
            await send(message, Reply(escape(said)))

    def _file(self, name: str, body: bytes, topic: str) -> tuple[Report, list[str]]:
        library = self._desk.replies.library
        with TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(body)
            ids = [one.id for one in exports.read(path, topic) if isinstance(one, Document)]
            fresh = [id for id in dict.fromkeys(ids) if library.document(id) is None]
            library.readmit(fresh)  # whoever sends a file wants what is in it
            return library.ingest([path], topic=topic), fresh

    def _page(self, address: str, topic: str) -> tuple[Report, list[str]]:
        library = self._desk.replies.library
        before = library.counts().last_seen
        report = fetched(library, self._desk.web, address, topic)
        return report, [document.id for _, document in library.after(before, limit=MANY)] if report.new else []

    def _taken(self, take: Callable[[], tuple[Report, list[str]]], say: Say) -> Reply:
        report, fresh = take()
        counts = say(
            "upload-counts",
            new=report.new,
            changed=report.changed,
            unchanged=report.unchanged,
            refused=len(report.refused),
        )
        told = [f"{one.line}: {cut(line(one.message), REASON)}" for one in report.refused[:REFUSED]]
        if len(report.refused) > REFUSED:
            told.append(say("upload-more", refused=len(report.refused) - REFUSED))
        reply = Reply(escape("\n".join([counts, *told])))
        if not report.new:
            return reply
        number = self._desk.uploads.add(fresh, self._desk.replies.now())
        return reply.under((Button(say("button-undo-upload"), codes.pack("y", number)),))

    async def _undone(self, press: Press) -> str:
        """Takes out what came in new; what it changed stays as it is."""
        if not self._desk.access.is_admin(press.user):
            return press.say("operators-only")
        number = press.parts[0] if press.parts else ""
        if not codes.is_number(number):
            return press.say("too-old")
        ids = await asyncio.to_thread(self._desk.uploads.take, int(number, 36))
        gone = await asyncio.to_thread(self._desk.replies.library.remove, ids) if ids else 0
        return await press.show(Reply(escape(press.say("upload-undone", documents=gone))))

    def _is_admin(self, message: Message) -> bool:
        return self._desk.access.is_admin(message.from_user.id if message.from_user else None)

    async def _say(self, message: Message) -> Say:
        code = message.from_user.language_code if message.from_user else None
        return say_in(await asyncio.to_thread(self._desk.language, asker(message), code))
