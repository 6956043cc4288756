"""Uploads: files, links and aliases from operators go in, reports with an undo button go out."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from telegram import Document, Message
from telegram.error import TelegramError

from bot.container import Services
from bot.handlers.base import Context, HandlerGroup, operators_only
from bot.handlers.buttons import ButtonPress, PressHandler
from bot.ingestion.uploader import UPLOAD_SUFFIXES
from bot.render.callback_data import Operation, encode
from bot.render.html import escape, single_line, truncate
from bot.render.i18n import Language, Say, say_in
from bot.render.reply import Button, Reply
from bot.transport import message_text
from bot.transport.message_joiner import parts_of
from bot.transport.sender import send
from retrieval.formats.problem_texts import describe
from retrieval.formats.reader import WHOLE_FILE_PROBLEMS, Refusal
from retrieval.library import IngestReport

MAX_UPLOAD_BYTES = 20_000_000  # of a file that the Bot API hands to bots
UPLOADED_LINK = re.compile(r"(https?://\S+)(?:\s+(\S.*))?")
MAX_KIND_CHARS = 10  # of a suffix that is named
MAX_REFUSALS_SHOWN = 5
MAX_REASON_CHARS = 300
MAX_FILE_NAME_CHARS = 60  # of a file, where several came at once


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
        """A file, or an album of files; the caption is the topic of documents without one."""
        files: list[tuple[str, bytes]] = []
        problems: list[str] = []
        album = parts_of(message)
        for part in album:
            problem = _problem(part, say)
            if part.document and not problem:
                try:
                    files.append((_name(part.document), await _download(part.document, context)))
                except TelegramError as error:
                    problem = say("upload-failed", error=str(error))
            if problem:
                of_file = f"{_shorten(_name(part.document))}: " if len(album) > 1 and part.document else ""
                problems.append(f"{of_file}{problem}")
        topic = (message.caption or "").strip()
        if files:
            added = await asyncio.to_thread(self._uploader.add_files, files, topic)
            language = await asyncio.to_thread(self.language, message)
            await send(message, _report(*added, language, problems, named=len(album) > 1))
        else:
            await send(message, Reply(escape("\n".join(problems))))

    @operators_only(refusal=refuse_upload)
    async def link(self, message: Message, _: Context, __: Say) -> None:
        if found := UPLOADED_LINK.fullmatch((message.text or "").strip()):
            address, topic = found[1], (found[2] or "").strip()
            report, undo = await asyncio.to_thread(self._uploader.add_page, address, topic)
            await send(message, _report(report, undo, await asyncio.to_thread(self.language, message)))

    @operators_only()
    async def alias(self, message: Message, _: Context, say: Say) -> None:
        text = await asyncio.to_thread(self._alias, message_text.after_command(message).strip(), say)
        await send(message, Reply(escape(text)))

    def _alias(self, arguments: str, say: Say) -> str:
        """`NAME = NAME` or `remove NAME`."""
        library = self._services.answers.library
        word, _, name = arguments.partition(" ")
        if word == "remove" and "=" not in name and name.strip():
            removed = library.aliases.remove(name)
            listed = "\n".join(truncate(" = ".join(names), MAX_REASON_CHARS) for names in removed[:MAX_REFUSALS_SHOWN])
            return say("alias-removed", names=listed) if removed else say("alias-unknown", name=name.strip())
        names = library.aliases.add(arguments)
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


def _name(file: Document) -> str:
    return PurePosixPath(file.file_name or "").name


def _shorten(name: str) -> str:
    return truncate(single_line(name), MAX_FILE_NAME_CHARS)


async def _download(file: Document, context: Context) -> bytes:
    return bytes(await (await context.bot.get_file(file.file_id)).download_as_bytearray())


def _report(
    report: IngestReport, undo: int | None, language: Language, problems: Sequence[str] = (), named: bool = False
) -> Reply:
    """`problems` are of files that were not read; what was refused is `named` by its file where there are several."""
    say = say_in(language)
    new, changed, unchanged = report.new, report.changed, report.unchanged
    refused = len(report.refused) + len(problems)
    lines = [say("upload-counts", new=new, changed=changed, unchanged=unchanged, refused=refused)]
    reasons = [*problems, *(_reason(one, language, named) for one in report.refused[:MAX_REFUSALS_SHOWN])]
    lines += reasons[:MAX_REFUSALS_SHOWN]
    if refused > MAX_REFUSALS_SHOWN:
        lines.append(say("upload-more", refused=refused - MAX_REFUSALS_SHOWN))
    rows = ((Button(say("button-undo-upload"), encode(Operation.UNDO_UPLOAD, undo)),),) if undo else ()
    return Reply(escape("\n".join(lines)), rows)


def _reason(one: Refusal, language: Language, named: bool) -> str:
    of_file = f"{_shorten(PurePosixPath(one.file).name)}: " if named else ""
    if one.problem.name in WHOLE_FILE_PROBLEMS:
        return f"{of_file}{say_in(language)(f'refused-{one.problem.name}')}"
    return f"{of_file}{one.line}: {truncate(single_line(describe(one.problem, language)), MAX_REASON_CHARS)}"
