"""The gate before all pages: a request goes in and is refused or goes on; every answer gets its headers.

Refused are other methods, long queries and bodies, too many requests of one address, and, in a library for invited
people, everybody without a session. Whatever fails here refuses.
"""

import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.admission.rate_limit import RateLimiter, network_of
from web.host import PageHost, PageOptions, Viewer
from web.request.form import MAX_POST_BYTES, form_token

log = logging.getLogger(__name__)

METHODS = ("GET", "HEAD", "POST")
MAX_QUERY_BYTES = 8_192  # a question of 1,000 Chinese characters, escaped, is as long
SESSION_COOKIE = "zhidian"
TELEGRAM_SCRIPT = "https://telegram.org/js/telegram-web-app.js"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        f"script-src 'self' {TELEGRAM_SCRIPT}",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors https://web.telegram.org https://*.telegram.org",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
}
# What a browser needs to be let in: it shows nothing of the library.
ENTRY_PATHS, STATIC = frozenset({"/enter", "/session", "/robots.txt"}), "/static/"

Refuse = Callable[[Request, int], Response]


class PageGate:
    """`refuse` makes the response to a status; a failing `host.viewer` counts as nobody."""

    def __init__(
        self, app: ASGIApp, host: PageHost, options: PageOptions, limiter: RateLimiter, refuse: Refuse
    ) -> None:
        self._app, self._host, self._options, self._limiter, self._refuse = app, host, options, limiter, refuse
        self._headers = HEADERS if options.indexed and options.open else HEADERS | {"X-Robots-Tag": "noindex, nofollow"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
            await send(message)

        request = Request(scope)
        scope.setdefault("state", {}).update(viewer=None, token="")
        if status := self._bounds(scope):
            refusal = self._refuse(request, status)
            if status == 405:
                refusal.headers["Allow"] = ", ".join(METHODS)
            await refusal(scope, receive, send_with_headers)
            return
        if seconds := self._wait(scope):
            refusal = self._refuse(request, 429)
            refusal.headers["Retry-After"] = str(int(seconds) + 1)
            await refusal(scope, receive, send_with_headers)
            return
        session = request.cookies.get(SESSION_COOKIE, "")
        if viewer := await self._viewer(session):
            scope["state"].update(viewer=viewer, token=form_token(session))
        if viewer or self._options.open or scope["path"] in ENTRY_PATHS or scope["path"].startswith(STATIC):
            await self._app(scope, receive, send_with_headers)
        else:
            await self._refuse(request, 403)(scope, receive, send_with_headers)

    def _bounds(self, scope: Scope) -> int:
        """The status of a request that is too large or of another method; 0 lets it pass."""
        if scope["method"] not in METHODS:
            return 405
        if len(scope["query_string"]) + len(scope.get("raw_path") or b"") > MAX_QUERY_BYTES:
            return 414
        length = Headers(scope=scope).get("content-length", "0")
        return 413 if not length.isdecimal() or int(length) > MAX_POST_BYTES else 0

    def _wait(self, scope: Scope) -> float:
        """Style and script are kept by browsers, and cost nothing."""
        if scope["path"].startswith(STATIC):
            return 0
        client = scope.get("client")
        return self._limiter.wait(network_of(client[0] if client else ""))

    async def _viewer(self, session: str) -> Viewer | None:
        if not session:
            return None
        try:
            return await run_in_threadpool(self._host.viewer, session)
        except Exception:
            log.exception("a session could not be looked up")
            return None
