"""The page as a phone and a desk show it: four pages in two widths, of the seeds.

`make picture` draws them with the conversation at the top of the README.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep
from urllib.parse import quote

import uvicorn
from playwright.sync_api import sync_playwright

from retrieval.library import Library
from retrieval.listing import open_listing
from web.application import build_application
from web.host import Nobody, PageOptions
from web.server import listen
from web.site.site import open_site

HERE = Path(__file__).parent
WIDTHS = {360: 780, 1280: 900}  # with the height that is shown
START_POLL_SECONDS = 0.05
QUESTION = "怀柔科学城面积多大? 2025年"


@contextmanager
def serving(library: Library, data: Path) -> Iterator[str]:
    with open_site(library, open_listing(data), Nobody(), PageOptions()) as site:
        listener, address = listen("127.0.0.1:0")
        server = uvicorn.Server(uvicorn.Config(build_application(site), log_level="warning", lifespan="off"))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            sleep(START_POLL_SECONDS)
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()


def draw_pages(browser: str) -> None:
    with TemporaryDirectory() as folder, closing(Library(Path(folder))) as library:
        library.ingest((HERE.parent / "seeds",))
        document = library.search(QUESTION, 1, now=PageOptions().now()).hits[0].document.id
        paths = {"home": "/", "topic": f"/t/{quote('原始创新')}", "document": f"/d/{document}"}
        paths["search"] = f"/search?q={quote(QUESTION)}"
        with serving(library, Path(folder)) as base, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
            for width, height in WIDTHS.items():
                page = chromium.new_page(viewport={"width": width, "height": height}, locale="zh-CN")
                for name, path in paths.items():
                    page.goto(base + path)
                    write_small(page.screenshot(), HERE / f"page-{name}-{width}.png")
            chromium.close()


def write_small(picture: bytes, to: Path) -> None:
    """Without colours to spare: a third of the size."""
    to.write_bytes(subprocess.run(["pngquant", "64", "-"], input=picture, check=True, capture_output=True).stdout)


def main() -> None:
    browser = shutil.which("chromium-headless-shell")
    if not (browser and shutil.which("pngquant")):
        sys.exit("to draw it takes: apt-get install chromium-headless-shell fonts-noto-cjk pngquant")
    draw_pages(browser)


if __name__ == "__main__":
    main()
