"""The page in a real browser: search, links, back, dark, a phone's width, accessibility, Telegram's Mini App."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from bot.page.sessions import PageSessions
from tests.bot.cli.test_web import page_process, wait_for
from tests.bot.transport.test_webhook import free
from tests.support.browser import Tab, open_tab, running_browser
from tests.support.process import PATIENCE, copied

QUESTION = "怀柔科学城面积多大? 2025年"
TOPIC = f"/t/{quote('原始创新')}"
# Telegram's own script, as much of it as the page uses; it writes down what it was told.
TELEGRAM_SCRIPT = """
window.told = [];
const tell = (name) => (...values) => window.told.push([name, ...values.map(String)]);
document.documentElement.style.setProperty("--tg-theme-bg-color", "#101820");
window.Telegram = {WebApp: {
  initData: "user=%7B%22id%22%3A7%7D&hash=0", colorScheme: "dark", ready: tell("ready"), expand: tell("expand"),
  BackButton: {show: tell("back shown"), hide: tell("back hidden"), onClick: tell("back")},
  switchInlineQuery: tell("share"), openLink: tell("link"), openTelegramLink: tell("telegram link"),
}};
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def own(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(data, tmp_path_factory.mktemp("browser") / "data")


@pytest.fixture(scope="module")
def base(browser: Browser, own: Path) -> Iterator[str]:
    place = free()
    with page_process(own, place, ZHIDIAN_SEMANTIC="off"):
        wait_for(f"http://{place}/robots.txt")
        yield f"http://{place}"


def paths(page: Page, base: str) -> list[str]:
    page.goto(base + TOPIC)
    document = page.locator(".card h2 a").first.get_attribute("href")
    return ["/", TOPIC, str(document), f"/search?q={quote(QUESTION)}", "/search?q=qwzxv", "/nothing"]


@pytest.mark.parametrize("script", [True, False])
def test_a_newcomer_finds_the_area_in_three_clicks_and_goes_back(browser: Browser, base: str, script: bool) -> None:
    with open_tab(browser, java_script_enabled=script) as tab:
        page = tab.page
        page.goto(f"{base}/")
        page.get_by_role("link", name="原始创新").first.click()
        page.get_by_role("link", name="怀柔科学城将建成世界级原始创新承载区").click()
        expect(page.get_by_text("100.9 square kilometers")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("原始创新")


def test_results_appear_while_one_types(browser: Browser, base: str) -> None:
    with open_tab(browser) as tab:
        page = tab.page
        page.goto(f"{base}/search")
        field = page.get_by_role("searchbox")
        field.press_sequentially("怀柔科学城面积多大", delay=30)
        expect(page.locator(".direct strong")).to_have_text("100.9 square kilometers")
        assert "q=" in page.url
        page.reload()
        expect(field).to_have_value("怀柔科学城面积多大")
        expect(page.locator("mark").first).to_be_visible()


def test_a_filter_that_was_understood_is_dropped_by_its_link(browser: Browser, base: str) -> None:
    with open_tab(browser) as tab:
        page = tab.page
        page.goto(f"{base}/search?q={quote('创新药 证券时报 2025年7月')}")
        page.get_by_role("link", name="证券时报").first.click()
        expect(page.get_by_role("searchbox")).to_have_value("创新药 2025年7月")


def test_a_point_s_address_leads_to_it_and_marks_it(browser: Browser, base: str) -> None:
    with open_tab(browser) as tab:
        page = tab.page
        page.goto(f"{base}/search?q={quote(QUESTION)}")
        page.locator(".hit .from a").first.click()
        expect(page.locator("li:target")).to_contain_text("100.9 square kilometers")
        expect(page.locator("li:target")).to_be_in_viewport()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_pages_fit_and_pass_axe(browser: Browser, base: str, width: int, dark: bool) -> None:
    with open_tab(browser, width, dark=dark) as tab:
        for path in paths(tab.page, base):
            tab.page.goto(base + path)
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= width, path
            found = Axe().run(tab.page)
            assert not found.violations_count, f"{path}: {found.generate_report()}"
            background = tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (sum(map(int, background.strip("rgb()").split(",")[:3])) < 300) is dark
        tab.complaints[:] = [one for one in tab.complaints if "404" not in one]  # the page that is not there


def test_it_works_by_keyboard(browser: Browser, base: str) -> None:
    with open_tab(browser) as tab:
        page = tab.page
        page.goto(f"{base}/")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("创新药")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_be_visible()
        expect(page.get_by_role("searchbox")).to_have_value("创新药")


def test_a_printed_document_has_no_menus(browser: Browser, base: str) -> None:
    with open_tab(browser) as tab:
        document = paths(tab.page, base)[2]
        tab.page.goto(base + document)
        tab.page.emulate_media(media="print")
        expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
        expect(tab.page.get_by_text(base + document)).to_be_visible()
        for hidden in (".top", ".bottom", ".origin", ".anchor >> nth=0"):
            expect(tab.page.locator(hidden)).to_be_hidden()


def test_the_mini_app_takes_telegram_s_colours_and_tells_who_looks(browser: Browser, base: str) -> None:
    posted: list[dict[str, list[str]]] = []

    def session(route: Route) -> None:
        posted.append(parse_qs(route.request.post_data or ""))
        route.fulfill(status=403)

    with open_tab(browser, 360) as tab:
        page = tab.page
        page.route("https://telegram.org/**", lambda route: route.fulfill(body=TELEGRAM_SCRIPT))
        page.route("**/session", session)
        page.goto(f"{base}/search?q={quote(QUESTION)}#tgWebAppData=x")
        page.wait_for_function("window.told && window.told.some(([name]) => name === 'back shown')")
        expect(page.locator(".brand")).to_be_hidden()
        expect(page.get_by_role("link", name="搜索")).to_be_visible()
        card = page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
        assert card == "rgb(16, 24, 32)"
        page.get_by_role("button", name="分享到聊天").click()
        assert ["share", QUESTION] in page.evaluate("window.told.map((one) => one.slice(0, 2))")
        page.wait_for_timeout(100)
        assert posted == [{"init_data": ["user=%7B%22id%22%3A7%7D&hash=0"]}]
        page.goto(base + paths(page, base)[2] + "#tgWebAppData=x")
        page.wait_for_function("window.told && window.told.some(([name]) => name === 'back shown')")
        page.locator(".origin a").click()
        assert [name for name, *_ in page.evaluate("window.told")].count("link") == 1
        assert page.url.startswith(base)
        tab.complaints.clear()  # Telegram's script is asked for there, and the session was refused


def enter(tab: Tab, own: Path, base: str, user: int) -> None:
    """As after a signed link."""
    sessions = PageSessions(own)
    opened = sessions.open_link(sessions.give_link(user))
    sessions.close()
    assert opened
    tab.context.add_cookies([{"name": "zhidian", "value": opened[0], "url": base}])


@pytest.mark.parametrize(("script", "user"), [(True, 7), (False, 8)])
def test_a_bell_follows_and_the_list_unfollows(browser: Browser, own: Path, base: str, script: bool, user: int) -> None:
    with open_tab(browser, 360, java_script_enabled=script) as tab:
        enter(tab, own, base, user)
        page = tab.page
        page.goto(base + TOPIC)
        page.get_by_role("button", name="关注这个主题").click()
        expect(page.get_by_text("已关注")).to_be_visible()
        page.goto(f"{base}/search?q={quote(QUESTION)}")
        page.get_by_role("button", name="关注这个搜索").click()
        expect(page.get_by_role("searchbox")).to_have_value(QUESTION)
        page.get_by_role("link", name="关注", exact=True).click()
        expect(page.get_by_role("heading", level=2)).to_have_text(["原始创新", QUESTION])
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        if script:
            assert not Axe().run(page).violations_count
        page.get_by_role("button", name="取消关注 – 原始创新").click()
        expect(page.get_by_role("heading", level=2)).to_have_text([QUESTION])


def test_what_stands_while_typing_is_logged_once(browser: Browser, own: Path, base: str) -> None:
    with open_tab(browser) as tab:
        page = tab.page
        page.goto(f"{base}/search")
        with page.expect_response(lambda one: "settled" in one.url):
            page.get_by_role("searchbox").press_sequentially("科创债有什么作用", delay=30)
        page.get_by_role("searchbox").press("Enter")  # it is shown already
        page.get_by_role("searchbox").fill("qwzxv 之后")
        page.get_by_role("searchbox").press("Enter")
        expect(page.get_by_role("searchbox")).to_have_value("qwzxv 之后")
    deadline = time.monotonic() + PATIENCE
    while "qwzxv 之后" not in (asked := _asked(own)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [one for one in asked if one in ("科创债有什么作用", "qwzxv 之后")] == ["科创债有什么作用", "qwzxv 之后"]
    assert "科创债" not in asked


def _asked(own: Path) -> list[str]:
    with closing(sqlite3.connect(own / "bot.db")) as db:
        return [text for (text,) in db.execute("SELECT text FROM questions ORDER BY id")]
