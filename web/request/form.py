"""Forms that are sent to the page: a request goes in, its fields come out, if this page gave the form to this session.

A browser says of which page a form is; a token, which nobody can know without the session's cookie, says that it was
given to this session. Whatever lacks either is refused.
"""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

MAX_POST_BYTES = 16_384  # Telegram's initData has about one thousand
MAX_FORM_FIELDS = 10


async def read_form(request: Request, public_url: str) -> dict[str, str]:
    """Only of this page's own forms: a foreign page could enter a reader under another's name."""
    if not is_own(request, public_url):
        raise HTTPException(403)
    body = await bounded_body(request)
    if body is None:
        raise HTTPException(413)
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return {name: values[0] for name, values in fields.items()}


def is_own(request: Request, public_url: str) -> bool:
    """Whether a form was sent from this page, by what browsers say of it; a form without a word of it is none."""
    if (stated := request.headers.get("origin")) is None:
        return False
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    hosts = {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}
    return urlsplit(stated).netloc in hosts


async def bounded_body(request: Request) -> bytes | None:
    """None where it is longer than it says or may be, or the client went before all of it came."""
    body = b""
    with suppress(ClientDisconnect):
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_POST_BYTES:
                return None
        return body
    return None


def form_token(session: str) -> str:
    """What a form of this session holds; the session cannot be found from it. '' without a session."""
    return hmac.new(session.encode("utf-8", "replace"), b"form", sha256).hexdigest() if session else ""


def is_token(fields: Mapping[str, str], token: str) -> bool:
    """Whether a form is of the session with this token."""
    return bool(token) and hmac.compare_digest(fields.get("token", "").encode("utf-8", "replace"), token.encode())
