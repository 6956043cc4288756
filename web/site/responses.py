"""Responses: a body goes in, it comes out with its ETag, or as 304 for who has it; bodies are kept for the next one."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from retrieval.runtime.cache import BoundedCache
from web.host import Answered

MAX_CACHED_BODIES = 512  # some 15 MB
HTML_TYPE = "text/html; charset=utf-8"
JSON_TYPE = "application/json"

BodyKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """`answered` is what it answers, to be logged each time."""

    content: bytes
    media_type: str = HTML_TYPE
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class TaggedBody:
    body: Body
    etag: str

    @classmethod
    def of(cls, body: Body) -> "TaggedBody":
        return cls(body, f'"{hashlib.blake2b(body.content, digest_size=12).hexdigest()}"')


class BodyCache:
    """By all that a body depends on; the corpus's version is part of it, so that nothing old is shown."""

    def __init__(self) -> None:
        self._kept: BoundedCache[BodyKey, TaggedBody] = BoundedCache(MAX_CACHED_BODIES)

    def get(self, key: BodyKey) -> TaggedBody | None:
        return self._kept.get(key)

    def find(self, key: BodyKey, make: Callable[[], Body]) -> TaggedBody:
        if (kept := self._kept.get(key)) is None:
            kept = self._kept[key] = TaggedBody.of(make())
        return kept


def respond(request: Request, tagged: TaggedBody) -> Response:
    headers = {"ETag": tagged.etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language, Cookie"}
    if _has(request.headers.get("if-none-match", ""), tagged.etag):
        return Response(status_code=304, headers=headers)
    return Response(tagged.body.content, headers=headers, media_type=tagged.body.media_type)


def _has(known: str, etag: str) -> bool:
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in known.split(","))
