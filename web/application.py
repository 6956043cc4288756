"""The page as an ASGI application: a site goes in; routes, errors in the house's words and the gate come out."""

import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from retrieval.model.errors import CorpusError, CorpusUnreachableError
from web.admission.gate import PageGate
from web.admission.rate_limit import RateLimiter
from web.pages.api import Api, error_json
from web.pages.entrance import Entrance
from web.pages.feeds import FeedPages
from web.pages.following import FollowingPages
from web.pages.pages import Pages
from web.render.assets import ASSET_TYPES, read_asset
from web.render.page import render_error
from web.site.responses import HTML_TYPE, JSON_TYPE
from web.site.searches import BusyError
from web.site.site import PageSite

log = logging.getLogger(__name__)

ASSET_SECONDS = 31_536_000  # a year: the address changes with the content


def build_application(site: PageSite, limiter: RateLimiter | None = None) -> Starlette:
    pages, feeds, api, entrance = Pages(site), FeedPages(site), Api(site), Entrance(site)
    following = FollowingPages(site)

    def refuse(request: Request, status: int, message: str = "") -> Response:
        if request.url.path.startswith("/api/"):
            return Response(error_json(status, message), status, media_type=JSON_TYPE)
        return Response(render_error(request, site.options, status), status, media_type=HTML_TYPE)

    async def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        message = error.detail if isinstance(error, HTTPException) and error.detail[:1].islower() else ""
        response = refuse(request, status, message)
        response.headers.update((isinstance(error, HTTPException) and error.headers) or {})
        return response

    async def busy(request: Request, _: Exception) -> Response:
        response = refuse(request, 503)
        response.headers["Retry-After"] = "2"
        return response

    async def away(request: Request, error: Exception) -> Response:
        log.error("%s could not be shown: %s", request.url.path, error)
        request.state.away = True
        return refuse(request, 503, "the library cannot be reached; it is tried again at the next request")

    async def failed(request: Request, error: Exception) -> Response:
        log.error("%s could not be shown", request.url.path, exc_info=error)
        return refuse(request, 500)

    routes = [
        Route("/", pages.home),
        Route("/t/{topic:path}", pages.topic),
        Route("/d/{id}", pages.document),
        Route("/search", pages.search),
        Route("/following", following.list),
        Route("/follow", following.follow, methods=["POST"]),
        Route("/unfollow", following.unfollow, methods=["POST"]),
        Route("/feed.xml", feeds.documents),
        Route("/search.xml", feeds.search),
        Route("/api/search", api.search),
        Route("/api/documents/{id}", api.document),
        Route("/api/topics", api.topics),
        Route("/api/openapi.json", api.openapi),
        Route("/enter", entrance.ask, methods=["GET"]),
        Route("/enter", entrance.enter, methods=["POST"]),
        Route("/session", entrance.mini_app, methods=["POST"]),
        Route("/robots.txt", pages.robots),
        Route("/favicon.ico", _icon),
        Route("/static/{name}", _asset),
    ]
    gate = Middleware(PageGate, site.host, site.options, limiter or RateLimiter(), refuse)
    handlers: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
        HTTPException: http_error,
        BusyError: busy,
        CorpusUnreachableError: away,
        CorpusError: away,
        Exception: failed,
    }
    return Starlette(routes=routes, middleware=[gate], exception_handlers=handlers)


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if (content := read_asset(name)) is None:
        raise HTTPException(404)
    headers = {"Cache-Control": f"public, max-age={ASSET_SECONDS}, immutable"}
    return Response(content, headers=headers, media_type=ASSET_TYPES[name])


async def _icon(_: Request) -> Response:
    return RedirectResponse("/static/icon.svg", 301)
