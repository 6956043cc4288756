"""The composer of answers: a question and the points shown go in, checked sentences come out while they are written."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime

from bot.language_model.client import ModelClient, ModelError
from bot.language_model.composition_check import read_sentence, sentence_faults, split_sentences
from bot.language_model.health import ModelHealth
from bot.language_model.prompts import composition_messages
from bot.language_model.proper_names import NameSource
from bot.language_model.translator import THOUGHT
from bot.render.composed import Composable, ComposedSentence

MAX_SENTENCES = 2  # that are read of what the model says
NOTHING = "NONE"  # what the model is told to say where the points do not answer


class AnswerComposer:
    def __init__(
        self,
        client: ModelClient,
        names: NameSource,
        health: ModelHealth,
        requests: asyncio.Semaphore,
        now: Callable[[], datetime],
    ) -> None:
        self._client, self._names, self._health, self._requests, self._now = client, names, health, requests, now

    async def compose(self, answer: Composable) -> AsyncGenerator[tuple[ComposedSentence, ...], None]:
        """All sentences so far that passed their checks, each time that there is one more."""
        passed: list[ComposedSentence] = []
        faults: list[str] = []
        read = 0
        async with contextlib.aclosing(self._written(answer)) as growing:
            async for written in growing:
                for sentence in written[read:MAX_SENTENCES]:
                    one = read_sentence(sentence)
                    found = await asyncio.to_thread(sentence_faults, one, answer.points, answer.language, self._names)
                    faults += found
                    if not found:
                        passed.append(one)
                        yield tuple(passed)
                read = max(read, min(len(written), MAX_SENTENCES))
        if read:
            self._health.judged(faults)

    async def _written(self, answer: Composable) -> AsyncGenerator[Sequence[str], None]:
        """The sentences that are at their end; a citation may still follow the last one until the next begins."""
        messages = composition_messages(answer.question, answer.points, answer.language)
        said = ""
        async with self._requests:
            if not self._health.usable:
                return
            try:
                async with contextlib.aclosing(self._client.stream(messages, self._now())) as pieces:
                    async for piece in pieces:
                        said += piece
                        sentences = split_sentences(THOUGHT.sub("", said))[:-1]
                        yield sentences
                        if len(sentences) >= MAX_SENTENCES:
                            return
            except ModelError as error:
                self._health.failed(error)
                return
        spoken = THOUGHT.sub("", said).strip()
        if spoken.strip(".。 ").upper() != NOTHING:
            yield split_sentences(spoken)
