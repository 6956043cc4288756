"""Ends what waits for the language model when the bot stops, and gives its alarms to the operators."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from bot.container import Services
from bot.transport.admin_alerts import AdminAlerts


@asynccontextmanager
async def run_model(services: Services, alerts: AdminAlerts) -> AsyncIterator[None]:
    """Messages that still wait stay as they are: they are whole answers."""
    if services.model is None:
        yield
        return
    services.model.health.alert = partial(alerts, kind="model")
    try:
        yield
    finally:
        await services.editor.close()
        await services.model.translator.close()
        await services.model.client.close()
