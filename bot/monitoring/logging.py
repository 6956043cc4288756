"""Sets up the process log: one line per record on standard error, without secrets and without questions' words."""

import logging
import sys
from collections.abc import Collection
from typing import Literal

import structlog
from structlog.dev import plain_traceback
from structlog.stdlib import ExtraAdder, ProcessorFormatter
from structlog.typing import Processor

from bot.question_log.log import LoggedAnswer
from bot.render.redaction import redact

log = logging.getLogger(__name__)

LogFormat = Literal["text", "json"]

COMMON_PROCESSORS: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso"),
)


class RedactingFormatter(ProcessorFormatter):
    """Removes secrets from whole records, including tracebacks and messages of other libraries."""

    def __init__(self, secrets: Collection[str], kind: LogFormat = "text") -> None:
        plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain_traceback, pad_event_to=0)
        rendering: list[Processor] = [plain]
        if kind == "json":
            rendering = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        super().__init__(
            processors=[ProcessorFormatter.remove_processors_meta, *rendering], foreign_pre_chain=COMMON_PROCESSORS
        )
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record), *self._secrets)


def omit_update_data(record: logging.LogRecord) -> bool:
    """A filter: python-telegram-bot logs whole updates that it cannot parse, with what somebody wrote."""
    before, found, _ = str(record.msg).partition("Received data was")
    if found and "%r" in record.msg:
        record.msg, record.args = f"{before.strip()} (the data is left out)", ()
    return True


def start_logging(secrets: Collection[str], kind: LogFormat = "text") -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(secrets, kind))
    handler.addFilter(omit_update_data)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in ("httpx", "httpx2"):  # they log every URL, and ours contain the token
        logging.getLogger(name).setLevel(logging.WARNING)


def log_question(question: LoggedAnswer, *, texts: bool) -> None:
    fields: dict[str, object] = {
        "place": question.asker.place,
        "verdict": question.verdict,
        "points": len(question.points),
        "milliseconds": round(question.milliseconds, 1),
    }
    log.info("question", extra=fields | ({"text": question.text} if texts else {}))
