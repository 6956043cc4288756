"""The client and the budget, against the double at the wire."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.language_model import client as client_module
from bot.language_model.budget import ModelBudget, budget_migrations
from bot.language_model.client import (
    MAX_REPLY_CHARS,
    BudgetError,
    ChatMessage,
    ModelClient,
    ModelError,
    RefusedError,
    UnusableError,
)
from retrieval.storage.store import Store
from tests.support.model_server import Misbehaviour, ModelServer, cut_off, endless, refusing

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
KEY = "sk-s3cret-0123456789"
ASKED = [ChatMessage("system", "You translate."), ChatMessage("user", "储能")]


def opened(url: str, requests: int = 100, tokens: int = 100_000, proxy: str | None = None) -> ModelClient:
    return ModelClient(url, "small", KEY, proxy, ModelBudget(Store(None, budget_migrations), requests, tokens))


async def say(client: ModelClient) -> str:
    try:
        return await client.say(ASKED, NOW)
    finally:
        await client.close()


async def test_what_is_said_comes_in_pieces_with_the_key_in_its_header_alone(server: ModelServer) -> None:
    server.says = lambda _system, _user: "energy storage stations"
    client = opened(server.url)
    pieces = [piece async for piece in client.stream(ASKED, NOW)]
    await client.close()
    assert "".join(pieces) == "energy storage stations"
    assert len(pieces) > 1
    [request], [headers] = server.requests, server.headers
    assert request["model"] == "small"
    assert request["messages"] == [{"role": "system", "content": "You translate."}, {"role": "user", "content": "储能"}]
    assert headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in str(request)


async def test_nothing_is_taken_from_variables_of_another_program(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/other")
    server.says = lambda _system, _user: "ready"
    assert await say(opened(server.url)) == "ready"
    assert "other" not in str(server.headers)


@pytest.mark.parametrize(
    ("behaviour", "kind", "told"),
    [
        (refusing(401, f"Incorrect API key provided: {KEY}"), RefusedError, "status 401"),
        (refusing(404, "model 'small' not found"), RefusedError, "not found"),
        (refusing(429, "slow down"), RefusedError, "slow down"),
        (Misbehaviour(503, "<html>no</html>"), RefusedError, "status 503"),
        (Misbehaviour(302, ""), RefusedError, "status 302"),
        (cut_off("half an ans"), UnusableError, "cut off"),
        (Misbehaviour(raw=lambda write: write(b"HTTP/1.1 200 OK\r\nContent-Len")), UnusableError, "."),
        (Misbehaviour(200, "this is no stream"), UnusableError, "."),
        (Misbehaviour(200, '{"choices": "none"}'), UnusableError, "."),
        (Misbehaviour(raw=lambda write: write(b"\x00\xff" * 9)), UnusableError, "."),
    ],
)
async def test_every_misbehaviour_is_one_error_without_the_key(
    server: ModelServer, behaviour: Misbehaviour, kind: type[ModelError], told: str
) -> None:
    server.says = lambda _system, _user: behaviour
    with pytest.raises(kind, match=told) as caught:
        await say(opened(server.url))
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.requests) == 1, "it is not asked again by itself"


@pytest.mark.parametrize("said", ["", "  \n ", f"The key is {KEY}."])
async def test_silence_and_the_key_are_no_answers(server: ModelServer, said: str) -> None:
    server.says = lambda _system, _user: said
    with pytest.raises(UnusableError):
        await say(opened(server.url))


async def test_an_endless_answer_is_cut(server: ModelServer) -> None:
    server.says = lambda _system, _user: endless("on and on ")
    assert len(await say(opened(server.url))) == MAX_REPLY_CHARS


async def test_a_slow_answer_ends_in_time(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "REQUEST_SECONDS", 0.3)
    server.hold.clear()
    with pytest.raises(UnusableError, match="longer than"):
        await say(opened(server.url))


async def test_an_endpoint_that_is_down() -> None:
    with pytest.raises(UnusableError, match="no connection"):
        await say(opened("http://127.0.0.1:1/v1"))


async def test_a_proxy_is_used_and_a_dead_one_named(server: ModelServer) -> None:
    with pytest.raises(UnusableError):
        await say(opened(server.url, proxy="http://127.0.0.1:1"))
    assert not server.requests


async def test_requests_end_where_the_budget_does(server: ModelServer) -> None:
    server.says = lambda _system, _user: "ready"
    client = opened(server.url, requests=3)
    outcomes = await asyncio.gather(*(client.say(ASKED, NOW) for _ in range(8)), return_exceptions=True)
    assert sum(outcome == "ready" for outcome in outcomes) == len(server.requests) == 3
    assert sum(isinstance(outcome, BudgetError) for outcome in outcomes) == 5
    assert await client.say(ASKED, NOW + timedelta(days=1)) == "ready"
    await client.close()


@pytest.mark.parametrize("counted", [0, 900])
async def test_tokens_count_as_told_or_as_estimated(server: ModelServer, counted: int) -> None:
    server.tokens = counted
    server.says = lambda _system, _user: "a word " * 300
    budget = ModelBudget(Store(None, budget_migrations), 100, 1000)
    client = ModelClient(server.url, "small", KEY, None, budget)
    await client.say(ASKED, NOW)
    requests, tokens = budget.used(NOW)
    assert requests == 1
    assert tokens >= (counted or 1000)
    if not counted:
        with pytest.raises(BudgetError):
            await client.say(ASKED, NOW)
    await client.close()


async def test_a_request_that_failed_counts(server: ModelServer) -> None:
    server.says = lambda _system, _user: refusing(500, "no")
    budget = ModelBudget(Store(None, budget_migrations), 100, 1000)
    client = ModelClient(server.url, "small", KEY, None, budget)
    with pytest.raises(RefusedError):
        await client.say(ASKED, NOW)
    assert budget.used(NOW)[0] == 1
    await client.close()


async def test_a_reader_who_leaves_ends_the_request(server: ModelServer) -> None:
    server.says = lambda _system, _user: endless("on and on ")
    client = opened(server.url)
    stream = client.stream(ASKED, NOW)
    assert await anext(stream)
    await stream.aclose()
    await client.close()


def test_the_day_is_beijing_s() -> None:
    budget = ModelBudget(Store(None, budget_migrations), 1, 100)
    evening = datetime(2026, 11, 29, 15, 59, tzinfo=UTC)
    assert budget.reserve(10, evening)
    assert not budget.reserve(10, evening)
    assert budget.reserve(10, evening + timedelta(minutes=1))
    assert not ModelBudget(Store(None, budget_migrations), 1, 100).reserve(101, evening)
    assert budget.expire(evening + timedelta(days=1)) == 1
