"""Serves /metrics for Prometheus and /healthz for a supervisor, on a port of this machine."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from bot.container import Services
from bot.question_log.log import LoggedAnswer
from bot.transport.heartbeat import Heartbeat

log = logging.getLogger(__name__)

STALE_SECONDS = 120.0  # without an answer from Telegram, after which the bot is unhealthy
FEED_LABELS = ("id", "url")
LATENCY_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class QueueGauges:
    """Read at each scrape: waiting updates, and how often Telegram answered 429."""

    waiting: Callable[[], int]
    floods: Callable[[], int]


class Metrics:
    def __init__(self, services: Services, queues: QueueGauges, heartbeat: Heartbeat) -> None:
        self._services, self._queues, self._heartbeat = services, queues, heartbeat
        self.registry = CollectorRegistry()
        self._questions = Counter(
            "zhidian_questions", "Questions answered", ("place", "verdict"), registry=self.registry
        )
        self._search = Histogram("zhidian_search_seconds", "A search", buckets=LATENCY_BUCKETS, registry=self.registry)
        self._answer = Histogram(
            "zhidian_answer_seconds",
            "From an update's turn to its handler's end",
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.registry.register(self)

    def asked(self, question: LoggedAnswer) -> None:
        self._questions.labels(question.asker.place, question.verdict).inc()
        self._search.observe(question.milliseconds / 1000)

    def answered(self, seconds: float) -> None:
        self._answer.observe(seconds)

    def collect(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        totals = self._services.answers.library.counts()
        yield _gauge("zhidian_documents", "Documents in the corpus", totals.documents)
        yield _gauge("zhidian_points", "Points in the corpus", totals.points)
        yield GaugeMetricFamily(
            "zhidian_inbox_waiting", "Updates that wait for their turn", value=self._queues.waiting()
        )
        yield CounterMetricFamily("zhidian_flood_waits", "Times that Telegram said 429", value=self._queues.floods())
        deliveries = GaugeMetricFamily("zhidian_deliveries", "Messages of digests in the last day", labels=["state"])
        for state, count in self._services.outbox.counts(now - timedelta(days=1)).items():
            deliveries.add_metric([state], count)
        yield deliveries
        feeds = GaugeMetricFamily("zhidian_feed_age_seconds", "Since a source was last read", labels=FEED_LABELS)
        failures = GaugeMetricFamily("zhidian_feed_failures", "Failures of a source in a row", labels=FEED_LABELS)
        for feed in self._services.feeds.all():
            named = [str(feed.id), public_address(feed.url)]
            if feed.fetched is not None:
                feeds.add_metric(named, now.timestamp() - feed.fetched)
            failures.add_metric(named, feed.failures)
        yield feeds
        yield failures
        yield GaugeMetricFamily(
            "zhidian_last_poll_seconds", "When Telegram last answered", value=self._heartbeat.answered
        )

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether Telegram answered recently, and details for the body; a starting bot is not healthy yet."""
        age = time.time() - self._heartbeat.answered
        return age < STALE_SECONDS, {"polled": round(age, 1) if self._heartbeat.answered else None}


def public_address(url: str) -> str:
    """Without user and query, in which keys are."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class MetricsServer:
    """Serves until `close`. If the port is taken, it logs that, and the bot runs without metrics."""

    def __init__(self, metrics: Metrics, host: str, port: int) -> None:
        self._server: ThreadingHTTPServer | None = None
        try:
            self._server = ThreadingHTTPServer((host, port), _handler(metrics))
        except OSError as error:
            log.warning("ZHIDIAN_METRICS: nothing listens on %s:%d: %s", host, port, error)
            return
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, name="metrics", daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port if self._server else 0

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


def _handler(metrics: Metrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._send(200, "text/plain; version=0.0.4; charset=utf-8", generate_latest(metrics.registry))
            elif self.path == "/healthz":
                healthy, details = metrics.health()
                body = {"status": "ok" if healthy else "not well"} | details
                self._send(200 if healthy else 503, "application/json", json.dumps(body).encode())
            else:
                self._send(404, "text/plain", b"/metrics or /healthz\n")

        def _send(self, code: int, kind: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent: a scrape comes every few seconds."""

    return Handler


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
