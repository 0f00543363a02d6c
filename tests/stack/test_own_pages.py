"""Pages of an app of somebody's own, in a browser: what it sends, and the console there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from certs.settings import CHECKOUT
from tests.support import browser
from tests.support.browser import Tab
from tests.support.running import Running

SOURCE = """\
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute

async def form(request):
    page = "<form method=post action=/posted><button>Send</button></form>"
    return HTMLResponse(page, headers={"Referrer-Policy": "no-referrer"})

async def frame(request):
    return HTMLResponse("<iframe sandbox='allow-forms' src=/form></iframe>")

async def posted(request):
    names = ("origin", "sec-fetch-site")
    return PlainTextResponse(" ".join(request.headers[name] for name in names))

async def ws(websocket):
    await websocket.accept()
    await websocket.send_text("words of its own")
    await websocket.receive()

app = Starlette(routes=[
    Route("/form", form),
    Route("/frame", frame),
    Route("/posted", posted, methods=["POST"]),
    WebSocketRoute("/ws", ws),
])
"""


def documented() -> str:
    """How docs/your-app.md gives an app the console."""
    text = (CHECKOUT / "docs" / "your-app.md").read_text()
    section = text.partition("\n## An ASGI app\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return str(block)


@pytest.fixture
def tab(own: Running, tmp_path: Path) -> Iterator[Tab]:
    browser.skip_without("chromium", "certutil")
    project = tmp_path / "project"
    project.mkdir()
    (project / "mine.py").write_text(SOURCE + documented())
    # Whatever the umask: in a container it is somebody else who reads it.
    project.chmod(0o755)
    (project / "mine.py").chmod(0o644)
    own.up(APP="mine:app", APP_DIR=str(project))
    browser.trust_in_chromium(tmp_path, own.root)
    with browser.chromium(tmp_path) as chromium:
        opened = Tab(chromium, own.url)
        opened.allow_complaint("/favicon.ico")  # the app has none
        yield opened
        opened.assert_no_other_complaint()
        opened.close()


def test_the_console_can_be_had_beside_it(tab: Tab) -> None:
    tab.expect_complaint("/handshake")  # the default app's
    tab.page.goto("/console/index.html")
    tab.page.locator("#state[data-state=open]").wait_for()
    tab.page.locator("#log .received").get_by_text("words of its own").wait_for()
    tab.page.locator("#handshake-rows .failed").first.wait_for()


def test_a_form_of_a_page_without_referrer_is_posted(tab: Tab) -> None:
    tab.page.goto("/form")
    tab.page.get_by_role("button").click()
    tab.page.get_by_text("null same-origin").wait_for()


def test_the_same_form_in_a_sandboxed_frame_is_refused(tab: Tab) -> None:
    tab.expect_complaint("403")
    tab.page.goto("/frame")
    frame = tab.page.frame_locator("iframe")
    frame.get_by_role("button").click()
    frame.get_by_text("not allowed: null").wait_for()
