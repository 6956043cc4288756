"""Redaction: a text and secrets go in, the text without the secrets comes out."""

import re


def redact(text: str, *secrets: str) -> str:
    """Ignores case: python-telegram-bot lower-cases all but the first letter of Telegram's error descriptions."""
    for secret in filter(None, secrets):
        text = re.sub(re.escape(secret), "[token]", text, flags=re.IGNORECASE)
    return text
