"""Completion of a sent message: its HTML with places goes in; the texts to edit it to come out, as they get ready."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from typing import Any

from bot.language_model.answer_composer import AnswerComposer
from bot.language_model.translated_lines import TranslatedLines
from bot.language_model.translator import Translator
from bot.render.composed import Composable, ComposedSentence, render_composed
from bot.render.html import fits_message
from bot.render.i18n import say_in
from bot.render.translation import fill_places

log = logging.getLogger(__name__)

EDIT_PACE_SECONDS = 3.0  # between two edits of a message: Telegram takes one a second in a chat, and readers read
Sentences = tuple[ComposedSentence, ...]


async def completed_texts(
    html: str,
    lines: TranslatedLines,
    translator: Translator,
    composer: AnswerComposer | None = None,
    answer: Composable | None = None,
) -> AsyncGenerator[str, None]:
    """Each text is other than the one before; none comes where there is nothing to add."""
    awaited = lines.awaited_in(html)
    translations: set[asyncio.Task[bool]] = set()
    if awaited:
        translations = await translator.start([one.text for one in awaited], awaited[0].language)
    shown, composed = fill_places(html, {}), ""
    composing = composer.compose(answer) if composer and answer else None
    async with _closing(composing):
        sentence = _next(composing)
        pending: set[asyncio.Task[Any]] = translations | ({sentence} if sentence else set())
        try:
            while pending:
                done, pending = await asyncio.wait(pending, timeout=EDIT_PACE_SECONDS)
                if sentence in done:
                    if answer and (sentences := _result(sentence)):
                        composed = render_composed(sentences, say_in(answer.language))
                        sentence = _next(composing)
                        pending |= {sentence} if sentence else set()
                    else:
                        sentence = None
                known = await asyncio.to_thread(lines.lines, awaited)
                text = _completed(html, composed, known)
                if text != shown:
                    shown = text
                    yield text
        finally:
            if sentence:
                sentence.cancel()
                await asyncio.gather(sentence, return_exceptions=True)


def _completed(html: str, composed: str, lines: dict[int, str]) -> str:
    """What was composed goes before translations where there is room for one of both only."""
    if composed and fits_message(f"{composed}\n\n{fill_places(html, {})}"):
        html = f"{composed}\n\n{html}"
    return fill_places(html, lines)


def _next(composing: AsyncGenerator[Sentences, None] | None) -> asyncio.Task[Sentences | None] | None:
    async def following(generator: AsyncGenerator[Sentences, None]) -> Sentences | None:
        return await anext(generator, None)

    return asyncio.create_task(following(composing)) if composing else None


def _result(task: asyncio.Task[Sentences | None] | None) -> Sentences | None:
    """None at the end, and where composing failed in a way that nobody foresaw."""
    if task is None or task.cancelled():
        return None
    if error := task.exception():
        log.error("an answer could not be composed", exc_info=error)
        return None
    return task.result()


@contextlib.asynccontextmanager
async def _closing(generator: AsyncGenerator[Any, None] | None) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        if generator:
            await generator.aclose()
