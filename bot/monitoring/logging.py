"""Sets up the process log: one line per record on standard error, without secrets and without questions' words."""

import logging
import sys
from collections.abc import Collection
from datetime import UTC, datetime
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


# Of the names that structlog gives a meaning, those that a record's own fields might have.
RESERVED_FIELDS = frozenset({"event", "level", "logger", "timestamp", "exception", "stack"})
OWN_FIELDS = logging.makeLogRecord({}).__dict__.keys()
QUOTED_CHARACTERS = frozenset(" \t=\r\n\"'")
LEVEL_WIDTH = 9


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
        self._kind = kind

    def format(self, record: logging.LogRecord) -> str:
        has_trace = record.exc_info or record.exc_text or record.stack_info
        line = render_line(record) if self._kind == "text" and not has_trace else None
        return redact(super().format(record) if line is None else line, *self._secrets)


def render_line(record: logging.LogRecord) -> str | None:
    """As structlog's ConsoleRenderer does it, in a third of the time: each question has a line.

    None for a record with fields that it shows in another way.
    """
    own = {name: value for name, value in record.__dict__.items() if name not in OWN_FIELDS}
    fields = structlog.contextvars.get_contextvars() | own
    if not RESERVED_FIELDS.isdisjoint(fields):
        return None
    head = f"{datetime.now(UTC).isoformat().replace('+00:00', 'Z')} [{record.levelname.lower():<{LEVEL_WIDTH}}]"
    parts = [head, record.getMessage(), f"[{record.name}]"]
    parts += [f"{name}={_shown(fields[name])}" for name in sorted(fields)]
    return " ".join(filter(None, parts)).rstrip(" ")


def _shown(value: object) -> str:
    return value if isinstance(value, str) and QUOTED_CHARACTERS.isdisjoint(value) else repr(value)


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
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line names them
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
