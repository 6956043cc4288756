"""Files, links and aliases that who runs the bot sends it in private; everybody else gets a polite no."""

import asyncio
import re
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from telegram import Message, Update
from telegram.error import TelegramError

from bot.container import Services
from bot.handlers.buttons import ButtonPress, Operation
from bot.handlers.questions import Context
from bot.ingestion.web import fetch_documents
from bot.render import callback_data
from bot.render.html import escape, single_line, truncate
from bot.render.i18n import Say, say_in
from bot.render.reply import Button, Reply
from bot.transport import message_text
from bot.transport.sender import asker, send
from retrieval.formats import jsonl, reader
from retrieval.formats.reader import Refusal
from retrieval.library import IngestReport
from retrieval.model.documents import Document
from retrieval.runtime.sandbox import SandboxError

MAX_UPLOAD_BYTES = 20_000_000  # bytes of a file that the Bot API hands to bots
UPLOAD_SUFFIXES = frozenset({".txt", ".jsonl", *reader.SINGLE_DOCUMENT_PARSERS})
UPLOADED_LINK = re.compile(r"(https?://\S+)(?:\s+(\S.*))?")
MAX_REFUSALS_SHOWN = 5  # refusals that are told one by one
MAX_FILENAME_CHARS = 100  # characters of a file's own name: file systems end at 255 bytes
MAX_REASON_CHARS = 300  # characters of one


class UploadHandlers:
    def __init__(self, services: Services) -> None:
        self._services = services

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
        elif PurePosixPath(name).suffix.lower() not in UPLOAD_SUFFIXES:
            await send(message, Reply(escape(say("upload-kind", kinds=", ".join(sorted(UPLOAD_SUFFIXES))))))
        elif (message.document.file_size or 0) > MAX_UPLOAD_BYTES:
            await send(message, Reply(escape(say("upload-too-large", megabytes=MAX_UPLOAD_BYTES // 1_000_000))))
        else:
            try:
                file = await context.bot.get_file(message.document.file_id)
                body = bytes(await file.download_as_bytearray())
            except TelegramError as error:
                await send(message, Reply(escape(say("upload-failed", error=str(error)))))
                return
            topic = (message.caption or "").strip()
            await send(message, await asyncio.to_thread(self._file, name, body, topic, say))

    async def link(self, update: Update, _: Context) -> None:
        """An address alone, or with a topic behind it."""
        message = update.message
        if message and (found := UPLOADED_LINK.fullmatch((message.text or "").strip())):
            say = await self._say(message)
            if not self._is_admin(message):
                await send(message, Reply(escape(say("upload-operators-only"))))
                return
            address, topic = found[1], (found[2] or "").strip()
            await send(message, await asyncio.to_thread(self._page, address, topic, say))

    async def alias(self, update: Update, _: Context) -> None:
        if message := update.message:
            say = await self._say(message)
            if not self._is_admin(message):
                await send(message, Reply(escape(say("operators-only"))))
                return
            said = await asyncio.to_thread(self._named, message_text.after_command(message).strip(), say)
            await send(message, Reply(escape(said)))

    def _named(self, wanted: str, say: Say) -> str:
        library = self._services.answers.library
        word, _, name = wanted.partition(" ")
        if word == "remove" and "=" not in name and name.strip():
            gone = library.unalias(name)
            listed = "\n".join(truncate(" = ".join(names), MAX_REASON_CHARS) for names in gone[:MAX_REFUSALS_SHOWN])
            return say("alias-removed", names=listed) if gone else say("alias-unknown", name=name.strip())
        names = library.alias(wanted)
        return say("alias-added", names=" = ".join(names)) if names else say("alias-how")

    def _file(self, name: str, body: bytes, topic: str, say: Say) -> Reply:
        library = self._services.answers.library
        with TemporaryDirectory() as folder:
            path = Path(folder) / shorten(name)
            path.write_bytes(body)
            if path.suffix.lower() not in reader.SINGLE_DOCUMENT_PARSERS:
                read = list(reader.read(path, topic))
                return self._taken(read, lambda: library.ingest([path], topic=topic), say)
            try:
                read = self._services.sandbox(chunks, path, topic)
            except SandboxError as error:
                read = [Refusal(name, 1, str(error))]
            return self._taken(read, lambda: library.add_parsed(read, name), say)

    def _page(self, address: str, topic: str, say: Say) -> Reply:
        read = fetch_documents(self._services.web, self._services.sandbox, address, topic)
        return self._taken(read, lambda: self._services.answers.library.add_parsed(read, "fetched"), say)

    def _taken(self, read: Sequence[Document | Refusal], take: Callable[[], IngestReport], say: Say) -> Reply:
        """Whoever sends something wants what is in it, also what was removed once."""
        library = self._services.answers.library
        documents = {
            one.id: one for one in library.resolve_revisions([one for one in read if isinstance(one, Document)])
        }
        there = {id: library.document(id) for id in documents}
        fresh = [id for id, before in there.items() if before is None]
        before = [old for id, old in there.items() if old and old.points != documents[id].points]
        library.allow_again(fresh, [url for id in fresh if (url := documents[id].url)])
        report = take()
        counts = say(
            "upload-counts",
            new=report.new,
            changed=report.changed,
            unchanged=report.unchanged,
            refused=len(report.refused),
        )
        told = [
            f"{one.line}: {truncate(single_line(one.message), MAX_REASON_CHARS)}"
            for one in report.refused[:MAX_REFUSALS_SHOWN]
        ]
        if len(report.refused) > MAX_REFUSALS_SHOWN:
            told.append(say("upload-more", refused=len(report.refused) - MAX_REFUSALS_SHOWN))
        reply = Reply(escape("\n".join([counts, *told])))
        if not report.new and not report.changed:
            return reply
        lines = "".join(f"{jsonl.to_json(old)}\n" for old in before)
        number = self._services.uploads.add(fresh, lines, self._services.answers.now())
        return reply.under((Button(say("button-undo-upload"), callback_data.encode("y", number)),))

    async def _undone(self, press: ButtonPress) -> str:
        """Takes out what came in new, and brings back what it changed as it was."""
        if not self._services.access.is_admin(press.user):
            return press.say("operators-only")
        number = press.parts[0] if press.parts else ""
        if not callback_data.is_number(number):
            return press.say("too-old")
        gone, restored = await asyncio.to_thread(self._undo, int(number, 36))
        return await press.show(Reply(escape(press.say("upload-undone", documents=gone, restored=restored))))

    def _undo(self, number: int) -> tuple[int, int]:
        library = self._services.answers.library
        ids, lines = self._services.uploads.take(number)
        before = reader.parse(BytesIO(lines.encode()), "before.jsonl") if lines else ()
        restored = library.add_parsed(list(before), "undone").changed
        return library.remove(ids) if ids else 0, restored

    def _is_admin(self, message: Message) -> bool:
        return self._services.access.is_admin(message.from_user.id if message.from_user else None)

    async def _say(self, message: Message) -> Say:
        code = message.from_user.language_code if message.from_user else None
        return say_in(await asyncio.to_thread(self._services.language, asker(message), code))


def chunks(path: Path, topic: str) -> list[Document | Refusal]:
    return list(reader.read(path, topic))


def shorten(name: str) -> str:
    """A name that any file system takes, with the suffix that it has."""
    return (
        name.replace("\x00", "")[-MAX_FILENAME_CHARS:]
        .encode("utf-8", "ignore")[-2 * MAX_FILENAME_CHARS :]
        .decode("utf-8", "ignore")
    )
