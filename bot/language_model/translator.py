"""The translator: texts go in, those translations that passed their checks come out; each text is asked for once."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.language_model.client import ModelClient, ModelError
from bot.language_model.health import ModelHealth
from bot.language_model.prompts import translation_messages
from bot.language_model.proper_names import NameSource
from bot.language_model.translation_check import needs_translation, translation_faults
from bot.language_model.translation_store import TranslationStore
from bot.render.i18n import Language

MAX_REQUESTS_AT_ONCE = 3  # a local server works through them one by one, and a paid one has limits
MAX_TEXT_CHARS = 2000  # longer ones are left as they are
THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)  # what reasoning models say to themselves
QUOTED = re.compile(r"^[\"“「](.*)[\"”」]$", re.DOTALL)


class Translator:
    """`requests` is shared with whatever else asks the model."""

    def __init__(
        self,
        client: ModelClient,
        store: TranslationStore,
        names: NameSource,
        health: ModelHealth,
        requests: asyncio.Semaphore,
        now: Callable[[], datetime],
    ) -> None:
        self._client, self._store, self._names, self._health = client, store, names, health
        self._requests, self._now = requests, now
        self._asked: dict[tuple[str, Language], asyncio.Task[bool]] = {}

    def known(self, texts: Sequence[str], language: Language) -> dict[str, str]:
        """Translations that are there already. Blocks on SQLite."""
        wanted = [text for text in texts if needs_translation(text, language)]
        return self._store.find(wanted, language, self._now()).translated if wanted else {}

    async def start(self, texts: Sequence[str], language: Language) -> set[asyncio.Task[bool]]:
        """A task for each text that may get a translation; its result is whether there is one now. None raises."""
        wanted = [text for text in dict.fromkeys(texts) if needs_translation(text, language)]
        wanted = [text for text in wanted if len(text) <= MAX_TEXT_CHARS]
        known = await asyncio.to_thread(self._store.find, wanted, language, self._now())
        unknown = [text for text in wanted if text not in known.translated and text not in known.refused]
        return {self._task(text, language) for text in unknown}

    def _task(self, text: str, language: Language) -> asyncio.Task[bool]:
        """One for all who want the same text."""
        key = text, language
        if (task := self._asked.get(key)) is None:
            task = self._asked[key] = asyncio.create_task(self._translate(text, language))
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        return task

    async def _translate(self, text: str, language: Language) -> bool:
        async with self._requests:
            if not self._health.usable:
                return False
            try:
                said = await self._client.say(translation_messages(text, language), self._now())
            except ModelError as error:
                self._health.failed(error)
                return False
        translated = clean_translation(said, text)
        faults = await asyncio.to_thread(translation_faults, text, translated, language, self._names)
        self._health.judged(faults)
        await asyncio.to_thread(self._store.keep, text, language, None if faults else translated, self._now())
        return not faults

    async def close(self) -> None:
        for task in list(self._asked.values()):
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)


def clean_translation(said: str, original: str) -> str:
    """In one line, without a model's thoughts and the quotation marks that it likes to add."""
    text = " ".join(THOUGHT.sub("", said).split())
    quoted = QUOTED.match(text)
    return quoted[1].strip() if quoted and not QUOTED.match(original.strip()) else text
