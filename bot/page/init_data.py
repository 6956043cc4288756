"""Telegram's initData: what a Mini App was opened with goes in; the person comes out, if Telegram signed it of late.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl

MAX_AGE = timedelta(hours=1)
CLOCK_SKEW = timedelta(minutes=5)  # that Telegram's clock may be ahead of ours
MAX_INIT_DATA_CHARS = 8_192


@dataclass(frozen=True, slots=True)
class MiniAppUser:
    """`language` is Telegram's tag, or ''; `signature` is of this initData alone, however its fields are ordered."""

    id: int
    language: str
    signature: str


def check_init_data(init_data: str, token: str, now: datetime) -> MiniAppUser | None:
    """None for what was not signed with this token, is older than MAX_AGE, of the future, or of nobody."""
    if not token or len(init_data) > MAX_INIT_DATA_CHARS:
        return None
    try:
        pairs = parse_qsl(init_data, keep_blank_values=True, strict_parsing=True, max_num_fields=30)
    except ValueError:
        return None
    fields = dict(pairs)
    stated = fields.pop("hash", "")
    if len(fields) + 1 != len(pairs):  # a field that stands twice could be read in two ways
        return None
    signed = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    secret = hmac.digest(b"WebAppData", token.encode(), sha256)
    right = hmac.new(secret, signed.encode("utf-8", "surrogatepass"), sha256).hexdigest()
    if not hmac.compare_digest(right.encode(), stated.encode("utf-8", "replace")):
        return None
    return _user(fields, right) if _is_fresh(fields.get("auth_date", ""), now) else None


def _is_fresh(written: str, now: datetime) -> bool:
    if not (written.isascii() and written.isdigit() and len(written) <= 12):
        return False
    age = now.timestamp() - int(written)
    return -CLOCK_SKEW.total_seconds() <= age <= MAX_AGE.total_seconds()


def _user(fields: dict[str, str], signature: str) -> MiniAppUser | None:
    try:
        user = json.loads(fields.get("user", ""))
    except ValueError:
        return None
    id, language = (user.get("id"), user.get("language_code", "")) if isinstance(user, dict) else (None, "")
    if not isinstance(id, int) or isinstance(id, bool) or not 0 < id < 2**63:
        return None
    return MiniAppUser(id, language if isinstance(language, str) else "", signature)
