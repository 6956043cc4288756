"""Redaction: a text and a secret go in, the text without the secret comes out."""

import re


def redact(text: str, secret: str) -> str:
    """Ignores case: python-telegram-bot lower-cases all but the first letter of Telegram's error descriptions."""
    return re.sub(re.escape(secret), "[token]", text, flags=re.IGNORECASE) if secret else text
