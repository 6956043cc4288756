"""Checks the operator's model: tries one short request, and names what is wrong with address, key or model."""

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.doctor.finding import Finding
from bot.language_model.budget import ModelBudget, budget_migrations
from bot.language_model.client import ChatMessage, ModelClient, ModelError, RefusedError
from bot.settings import Settings
from retrieval.storage.store import Store

PROBE = (ChatMessage("user", "Answer with the word: ready"),)
REMEDIES = {
    400: "the endpoint does not take the request: is it OpenAI-compatible (…/v1), and is the model one for chat?",
    401: "the key: ZHIDIAN_MODEL_KEY, or the file that ZHIDIAN_MODEL_KEY_FILE names",
    402: "the account has no credit",
    403: "the key may not use this model: see the account at the provider",
    404: "the model's name in ZHIDIAN_MODEL, or the address, which usually ends in /v1 (`ollama list` names models)",
    407: "ZHIDIAN_MODEL_PROXY: the proxy wants another password",
    429: "the provider's own limit: wait, or see the account",
}


async def check_model(settings: Settings) -> list[Finding]:
    if not settings.model_url:
        return list(_without_address(settings))
    if not settings.model:
        text = "ZHIDIAN_MODEL_URL has no model to ask for"
        return [Finding("error", "ZHIDIAN_MODEL", text, "name one that the endpoint has")]
    found = list(_exposed(settings))
    # A budget in memory: what doctor asks for is not counted, and it writes nothing.
    client = ModelClient.of(settings, ModelBudget(Store(None, budget_migrations), 1, 1000))
    try:
        await client.say(PROBE, datetime.now(UTC))
    except ModelError as error:
        remedy = "is it running, and is the address right (http://127.0.0.1:11434/v1 for Ollama)?"
        if isinstance(error, RefusedError):
            remedy = REMEDIES.get(error.status, "see the log of the endpoint")
        found.append(Finding("warning", "model", f"{urlsplit(settings.model_url).netloc}: {error}", remedy))
    else:
        found.append(Finding("ok", "model", f"{settings.model} at {urlsplit(settings.model_url).netloc} answers"))
    finally:
        await client.close()
    return found


def _without_address(settings: Settings) -> Iterator[Finding]:
    if settings.model or settings.model_key or settings.compose == "on":
        text = "a model's settings are there, and no address of it"
        yield Finding("warning", "ZHIDIAN_MODEL_URL", text, "write the address of the endpoint, or leave all of it out")
    else:
        yield Finding("ok", "model", "none: ZHIDIAN_MODEL_URL is empty")


def _exposed(settings: Settings) -> Iterator[Finding]:
    parts = urlsplit(settings.model_url)
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        text = f"points, questions and the key go to {parts.hostname} in the clear"
        yield Finding("warning", "ZHIDIAN_MODEL_URL", text, "use https, unless the network between is your own")


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal"))
