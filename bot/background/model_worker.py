"""Translates digests ahead of their hour, and ends what waits for the language model when the bot stops."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from bot.background.service import run_beside
from bot.container import Services
from bot.language_model.service import LanguageModel
from bot.render.i18n import Language
from bot.render.translation import TranslatedLine
from bot.transport.admin_alerts import AdminAlerts

log = logging.getLogger(__name__)

AHEAD_TICK_SECONDS = 300.0  # between two looks at the digests of the next half hour
AHEAD = timedelta(minutes=30)  # for what comes in meanwhile there is another look


@asynccontextmanager
async def run_model(services: Services, bot_name: str, alerts: AdminAlerts) -> AsyncIterator[None]:
    """Messages that still wait at the end stay as they are: they are whole answers."""
    model = services.model
    if model is None:
        yield
        return
    model.health.alert = partial(alerts, kind="model")
    try:
        async with run_beside(_translate_regularly(services, model, bot_name)):
            yield
    finally:
        await services.editor.close()
        await model.translator.close()
        await model.client.close()


async def _translate_regularly(services: Services, model: LanguageModel, bot_name: str) -> None:
    while True:
        try:
            await translate_ahead(services, model, bot_name)
        except Exception:
            log.exception("digests could not be translated ahead")
        await asyncio.sleep(AHEAD_TICK_SECONDS)


async def translate_ahead(services: Services, model: LanguageModel, bot_name: str) -> None:
    """Translates what the digests of the next half hour would say now."""
    wanted = await asyncio.to_thread(_texts_ahead, services, bot_name)
    for language, texts in wanted.items():
        if tasks := await model.translator.start(list(texts), language):
            await asyncio.wait(tasks)


def _texts_ahead(services: Services, bot_name: str) -> dict[Language, dict[str, None]]:
    wanted: dict[Language, dict[str, None]] = {}

    def collecting(language: Language) -> TranslatedLine:
        texts = wanted.setdefault(language, {})

        def line(text: str) -> str:
            texts[text] = None
            return ""

        return line

    for _ in services.planner(bot_name, collecting).preview(services.answers.now() + AHEAD):
        pass
    return wanted
