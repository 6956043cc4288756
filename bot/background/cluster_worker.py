"""Tells operators when the cluster with the corpus cannot be read or written, and when it can be again."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from bot.background.service import run_beside
from bot.container import Services
from bot.transport.admin_alerts import AdminAlerts

CLUSTER_TICK_SECONDS = 5.0
PATIENCE_TICKS = 2  # a node that restarts is no trouble yet


class ClusterWatch:
    """`trouble` says what is wrong now, and is empty where nothing is."""

    def __init__(self, trouble: Callable[[], str], alerts: AdminAlerts) -> None:
        self._trouble, self._alerts = trouble, alerts
        self._ticks, self._told = 0, ""

    async def run(self) -> None:
        while True:
            self.tick()
            await asyncio.sleep(CLUSTER_TICK_SECONDS)

    def tick(self) -> None:
        trouble = self._trouble()
        self._ticks = self._ticks + 1 if trouble else 0
        if self._ticks >= PATIENCE_TICKS and not self._told:
            self._told = trouble
            self._alerts(lambda say: say("alarm-cluster", trouble=trouble), "cluster")
        elif self._told and not trouble:
            self._told = ""
            self._alerts(lambda say: say("alarm-cluster-over"), "cluster")


def run_cluster_watch(services: Services, alerts: AdminAlerts) -> AbstractAsyncContextManager[None]:
    return run_beside(ClusterWatch(services.answers.library.trouble, alerts).run())
