"""The operator's model as one service: settings go in, its translator and its composer come out."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from bot.language_model.answer_composer import AnswerComposer
from bot.language_model.budget import ModelBudget, budget_migrations
from bot.language_model.client import ModelClient
from bot.language_model.completion import completed_texts
from bot.language_model.health import ModelHealth
from bot.language_model.proper_names import NameSource
from bot.language_model.translated_lines import TranslatedLines
from bot.language_model.translation_store import TranslationStore, translation_migrations
from bot.language_model.translator import MAX_REQUESTS_AT_ONCE, Translator
from bot.render.reply import Reply
from bot.render.translation import places_in
from bot.settings import Settings
from retrieval.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """`composer` is None unless ZHIDIAN_COMPOSE is on; `host` is where texts are sent."""

    host: str
    client: ModelClient
    health: ModelHealth
    budget: ModelBudget
    translations: TranslationStore
    translator: Translator
    lines: TranslatedLines
    composer: AnswerComposer | None

    @classmethod
    def of(cls, settings: Settings, names: NameSource, now: Callable[[], datetime]) -> Self:
        path = settings.data / "bot.db"
        budget = ModelBudget(Store(path, budget_migrations), settings.model_requests, settings.model_tokens)
        translations = TranslationStore(Store(path, translation_migrations), settings.model)
        client, health = ModelClient.of(settings, budget), ModelHealth(log.error, now)
        requests = asyncio.Semaphore(MAX_REQUESTS_AT_ONCE)
        translator = Translator(client, translations, names, health, requests, now)
        return cls(
            host=urlsplit(settings.model_url).hostname or "",
            client=client,
            health=health,
            budget=budget,
            translations=translations,
            translator=translator,
            lines=TranslatedLines(translator),
            composer=AnswerComposer(client, names, health, requests, now) if settings.compose == "on" else None,
        )

    def completions(self, reply: Reply, *, composing: bool) -> AsyncGenerator[str, None] | None:
        """The texts to edit a sent reply to, as they get ready; None where there is nothing to wait for."""
        answer = reply.composable if composing and self.composer else None
        if answer is None and not places_in(reply.text):
            return None
        return completed_texts(reply.text, self.lines, self.translator, self.composer if answer else None, answer)

    def close(self) -> None:
        self.budget.close()
        self.translations.close()

    def expiring(self) -> Sequence[tuple[str, Callable[[datetime], int]]]:
        """What is kept, and what erases it from before a time."""
        return ("translations", self.translations.expire), ("counts of a model's use", self.budget.expire)
