"""The client of an OpenAI-compatible endpoint: messages go in, the pieces of what the model says come out.

ModelError
  ├ BudgetError    the day's budget is used up: nothing was sent
  ├ RefusedError   the endpoint answered with an error: key, model, address, its own limits
  └ UnusableError  down, slow, cut off, endless, or it says what it must not
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from bot.language_model.budget import ModelBudget
from bot.render.redaction import redact
from bot.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

REQUEST_SECONDS = 20.0  # for a whole request, to the last word
MAX_REPLY_CHARS = 4000  # a message of Telegram has no more; what is longer is cut off, so that it costs no more
MAX_ERROR_CHARS = 200
CHARS_PER_TOKEN = 2  # on the safe side where an endpoint does not count: English has four, Chinese one and a half
PLACEHOLDER_KEY = "none"  # the library wants one, and a local server reads none


class ModelError(Exception):
    """For the operator: one line, without the key. Readers get their answer as if there were no model."""


class BudgetError(ModelError): ...


class RefusedError(ModelError):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"status {status}: {reason}")
        self.status = status


class UnusableError(ModelError): ...


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Literal["system", "user"]
    content: str


class ModelClient:
    """`model` at `url`. The library is imported at the first request, since it takes half a second and 35 MB."""

    def __init__(self, url: str, model: str, key: str, proxy: str | None, budget: ModelBudget) -> None:
        self._url, self.model, self._key, self._proxy = url, model, key, proxy
        self._budget = budget
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    @classmethod
    def of(cls, settings: Settings, budget: ModelBudget) -> "ModelClient":
        key = settings.model_key.get_secret_value() if settings.model_key else ""
        proxy = settings.model_proxy.get_secret_value() if settings.model_proxy else None
        return cls(settings.model_url, settings.model, key, proxy, budget)

    async def close(self) -> None:
        if self._client:
            await self._client.close()
            self._client = None

    async def say(self, messages: Sequence[ChatMessage], now: datetime) -> str:
        return "".join([piece async for piece in self.stream(messages, now)])

    async def stream(self, messages: Sequence[ChatMessage], now: datetime) -> AsyncGenerator[str, None]:
        """Pieces as they come, MAX_REPLY_CHARS at most; ModelError may come behind the first of them."""
        asked = sum(len(message.content) for message in messages)
        if not await asyncio.to_thread(self._budget.reserve, asked // CHARS_PER_TOKEN + 1, now):
            raise BudgetError("the model's budget of today is used up")
        said, used = "", 0
        deadline = asyncio.get_running_loop().time() + REQUEST_SECONDS
        try:
            async with contextlib.aclosing(self._pieces(messages)) as pieces:
                while (found := await _next_by(deadline, pieces)) and len(said) < MAX_REPLY_CHARS:
                    piece, used = found[0][: MAX_REPLY_CHARS - len(said)], max(used, found[1])
                    said += piece
                    if self._key and self._key in said:
                        raise UnusableError("the model's answer has the key in it")
                    if piece:
                        yield piece
        finally:
            more = used - asked // CHARS_PER_TOKEN if used else len(said) // CHARS_PER_TOKEN
            await asyncio.to_thread(self._budget.add_tokens, max(0, more), now)
        if not said.strip():
            raise UnusableError("the model said nothing")

    async def _pieces(self, messages: Sequence[ChatMessage]) -> AsyncGenerator[tuple[str, int], None]:
        """Each with the number of tokens used so far, 0 where the endpoint does not say."""
        import openai

        client = await self._opened()
        sent: Any = [{"role": message.role, "content": message.content} for message in messages]
        finished = False
        try:
            # Neither temperature nor a limit of tokens: some endpoints refuse one or the other.
            stream = await client.chat.completions.create(
                model=self.model, messages=sent, stream=True, stream_options={"include_usage": True}
            )
            async with stream:
                async for chunk in stream:
                    choice = chunk.choices[0] if chunk.choices else None
                    finished = finished or bool(choice and choice.finish_reason)
                    text = choice.delta.content if choice and choice.delta else None
                    yield text or "", chunk.usage.total_tokens if chunk.usage else 0
        except openai.APIStatusError as error:
            raise RefusedError(error.status_code, self._clean(error.message)) from None
        except openai.APIConnectionError as error:
            raise UnusableError(f"no connection: {self._clean(str(error.__cause__ or error))}") from None
        except (openai.OpenAIError, ValueError, AttributeError, TypeError, LookupError) as error:
            # ValueError and what follows: an answer that is no such stream
            raise UnusableError(f"an answer that cannot be read: {self._clean(repr(error))}") from None
        except Exception as error:  # the wire below the library breaks with errors of its own
            raise UnusableError(f"the connection broke: {type(error).__name__}") from None
        if not finished:
            raise UnusableError("the answer was cut off")

    async def _opened(self) -> "AsyncOpenAI":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._open)
            return self._client

    def _open(self) -> "AsyncOpenAI":
        import openai

        return openai.AsyncOpenAI(
            api_key=self._key or PLACEHOLDER_KEY,
            base_url=self._url,
            organization="",  # nothing is taken from OPENAI_… variables that were set for another program
            project="",
            max_retries=0,
            timeout=REQUEST_SECONDS,
            http_client=openai.DefaultAsyncHttpxClient(
                proxy=self._proxy, trust_env=False, follow_redirects=False, timeout=REQUEST_SECONDS
            ),
        )

    def _clean(self, text: str) -> str:
        return redact(" ".join(text.split()), self._key)[:MAX_ERROR_CHARS]


async def _next_by(deadline: float, pieces: AsyncGenerator[tuple[str, int], None]) -> tuple[str, int] | None:
    """None at the end. The wait alone is timed: a timer around a `yield` would cancel whoever reads."""
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(pieces, None)
    except TimeoutError:
        raise UnusableError(f"the model took longer than {REQUEST_SECONDS:.0f} s") from None
