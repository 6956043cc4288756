"""Forms that are sent to the page: a request goes in; whether it is the page's own, and its bounded body, come out."""

from urllib.parse import urlsplit

from starlette.requests import Request

MAX_POST_BYTES = 16_384  # Telegram's initData has about one thousand


def is_own(request: Request, public_url: str) -> bool:
    """Whether a form was sent from this page, by what browsers say of it; a form without a word of it is none."""
    if (stated := request.headers.get("origin")) is None:
        return False
    hosts = {request.headers.get("host", ""), urlsplit(public_url).netloc} - {""}
    return urlsplit(stated).netloc in hosts


async def bounded_body(request: Request) -> bytes | None:
    """None where it is longer than it says or may be."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_POST_BYTES:
            return None
    return body
