"""The entrance: a signed link or Telegram's initData goes in, a session's cookie comes out."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.admission.gate import SESSION_COOKIE
from web.host import PageSession
from web.render.page import render_page
from web.request.form import read_form
from web.request.reader import origin, read_reader
from web.site.responses import HTML_TYPE
from web.site.site import PageSite

MAX_LINK_KEY_CHARS = 200


class Entrance:
    def __init__(self, site: PageSite) -> None:
        self._site = site

    async def ask(self, request: Request) -> Response:
        """Opening the link enters nobody yet: programs that preview links open them too, and it works once."""
        key = request.query_params.get("key", "")
        if not key or len(key) > MAX_LINK_KEY_CHARS:
            raise HTTPException(403)
        page = render_page("enter.html", read_reader(request, self._site.options), self._site.options, key=key)
        return Response(page, media_type=HTML_TYPE, headers={"Cache-Control": "no-store"})

    async def enter(self, request: Request) -> Response:
        form = await read_form(request, self._site.options.url)
        session = await self._admitted(self._site.host.enter, form.get("key", ""))
        response = RedirectResponse(read_reader(request, self._site.options).addresses.home(), 303)
        return self._with_cookie(response, request, session, framed=False)

    async def mini_app(self, request: Request) -> Response:
        form = await read_form(request, self._site.options.url)
        session = await self._admitted(self._site.host.enter_mini_app, form.get("init_data", ""))
        return self._with_cookie(Response(status_code=204), request, session, framed=True)

    async def _admitted(self, admit: Callable[[str], PageSession | None], credential: str) -> PageSession:
        session = await run_in_threadpool(admit, credential) if credential else None
        if session is None:
            raise HTTPException(403)
        return session

    def _with_cookie(self, response: Response, request: Request, session: PageSession, *, framed: bool) -> Response:
        """`framed`: Telegram's clients in a browser show the page in a frame, where only such cookies are kept."""
        secure = origin(request, self._site.options).startswith("https:")
        site = "SameSite=None; Partitioned" if framed and secure else "SameSite=Lax"
        parts = [f"{SESSION_COOKIE}={session.key}", f"Max-Age={session.seconds}", "Path=/", "HttpOnly", site]
        response.headers["Set-Cookie"] = "; ".join([*parts, *(["Secure"] if secure else [])])
        response.headers["Cache-Control"] = "no-store"
        return response
