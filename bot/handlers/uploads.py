"""Uploads: files, links and aliases from operators go in, reports with an undo button go out."""

import asyncio
import re
from pathlib import PurePosixPath

from telegram import Document, Message
from telegram.error import TelegramError

from bot.container import Services
from bot.handlers.base import Context, HandlerGroup, operators_only
from bot.handlers.buttons import ButtonPress, PressHandler
from bot.ingestion.uploader import UPLOAD_SUFFIXES
from bot.render.callback_data import Operation, encode
from bot.render.html import escape, single_line, truncate
from bot.render.i18n import Say
from bot.render.reply import Button, Reply
from bot.transport import message_text
from bot.transport.sender import send
from retrieval.library import IngestReport

MAX_UPLOAD_BYTES = 20_000_000  # of a file that the Bot API hands to bots
UPLOADED_LINK = re.compile(r"(https?://\S+)(?:\s+(\S.*))?")
MAX_KIND_CHARS = 10  # of a suffix that is named
MAX_REFUSALS_SHOWN = 5
MAX_REASON_CHARS = 300


def refuse_upload(say: Say) -> str:
    return say("upload-operators-only")


class UploadHandlers(HandlerGroup):
    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._uploader = services.uploader()

    @property
    def operations(self) -> dict[Operation, PressHandler]:
        return {Operation.UNDO_UPLOAD: self._undo}

    @operators_only(refusal=refuse_upload)
    async def document(self, message: Message, context: Context, say: Say) -> None:
        """A file; its caption is the topic of documents without one."""
        if problem := _problem(message, say):
            await send(message, Reply(escape(problem)))
        elif file := message.document:
            await send(message, await self._add_file(file, (message.caption or "").strip(), context, say))

    @operators_only(refusal=refuse_upload)
    async def link(self, message: Message, _: Context, say: Say) -> None:
        if found := UPLOADED_LINK.fullmatch((message.text or "").strip()):
            address, topic = found[1], (found[2] or "").strip()
            await send(message, _report(*await asyncio.to_thread(self._uploader.add_page, address, topic), say))

    @operators_only()
    async def alias(self, message: Message, _: Context, say: Say) -> None:
        text = await asyncio.to_thread(self._alias, message_text.after_command(message).strip(), say)
        await send(message, Reply(escape(text)))

    async def _add_file(self, file: Document, topic: str, context: Context, say: Say) -> Reply:
        try:
            body = bytes(await (await context.bot.get_file(file.file_id)).download_as_bytearray())
        except TelegramError as error:
            return Reply(escape(say("upload-failed", error=str(error))))
        name = PurePosixPath(file.file_name or "").name
        return _report(*await asyncio.to_thread(self._uploader.add_file, name, body, topic), say)

    def _alias(self, arguments: str, say: Say) -> str:
        """`NAME = NAME` or `remove NAME`."""
        library = self._services.answers.library
        word, _, name = arguments.partition(" ")
        if word == "remove" and "=" not in name and name.strip():
            removed = library.unalias(name)
            listed = "\n".join(truncate(" = ".join(names), MAX_REASON_CHARS) for names in removed[:MAX_REFUSALS_SHOWN])
            return say("alias-removed", names=listed) if removed else say("alias-unknown", name=name.strip())
        names = library.alias(arguments)
        return say("alias-added", names=" = ".join(names)) if names else say("alias-how")

    async def _undo(self, press: ButtonPress) -> str:
        if not self._services.access.is_admin(press.user):
            return press.say("operators-only")
        if not press.number(0):
            return press.say("too-old")
        removed, restored = await asyncio.to_thread(self._uploader.undo, press.number(0))
        return await press.show(Reply(escape(press.say("upload-undone", documents=removed, restored=restored))))


def _problem(message: Message, say: Say) -> str:
    file = message.document
    suffix = PurePosixPath(file.file_name or "").suffix.lower() if file else ""
    if file is None or suffix not in UPLOAD_SUFFIXES:
        kind = truncate(single_line(suffix.removeprefix(".").upper()), MAX_KIND_CHARS) or "?"
        return say("upload-kind", kind=kind, kinds=", ".join(sorted(UPLOAD_SUFFIXES)))
    if (file.file_size or 0) > MAX_UPLOAD_BYTES:
        return say("upload-too-large", megabytes=MAX_UPLOAD_BYTES // 1_000_000)
    return ""


def _report(report: IngestReport, undo: int | None, say: Say) -> Reply:
    new, changed, unchanged, refused = report.new, report.changed, report.unchanged, len(report.refused)
    lines = [say("upload-counts", new=new, changed=changed, unchanged=unchanged, refused=refused)]
    lines += [
        say(f"refused-{one.kind}")
        if one.kind
        else f"{one.line}: {truncate(single_line(one.message), MAX_REASON_CHARS)}"
        for one in report.refused[:MAX_REFUSALS_SHOWN]
    ]
    if refused > MAX_REFUSALS_SHOWN:
        lines.append(say("upload-more", refused=refused - MAX_REFUSALS_SHOWN))
    rows = ((Button(say("button-undo-upload"), encode(Operation.UNDO_UPLOAD, undo)),),) if undo else ()
    return Reply(escape("\n".join(lines)), rows)
