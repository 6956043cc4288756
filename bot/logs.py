"""The process's log: standard error, and never the token."""

import logging
import re
import sys


def redacted(text: str, secret: str) -> str:
    """In any case: python-telegram-bot puts all but the first letter of Telegram's descriptions in small ones."""
    return re.sub(re.escape(secret), "[token]", text, flags=re.IGNORECASE) if secret else text


class Redacted(logging.Formatter):
    """Takes a secret out of whole records, tracebacks and other libraries' words included."""

    def __init__(self, secret: str) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record), self._secret)


def start_logging(secret: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacted(secret))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells every address, and ours hold the token
