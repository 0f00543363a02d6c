"""What a person does on the console, and sees there."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect


def connect(page: Page, endpoint: str, subprotocols: str = "") -> None:
    page.get_by_label("Endpoint").fill(endpoint)
    page.get_by_label("Subprotocols").fill(subprotocols)
    page.get_by_role("button", name="Connect", exact=True).click()


def disconnect(page: Page, code: int, reason: str) -> None:
    page.get_by_label("Close code").fill(str(code))
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Disconnect").click()


def send(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=False).first.fill(text)
    page.get_by_role("button", name="Send text").click()


def row(page: Page, name: str) -> list[str]:
    """The cells of the handshake's table: of the page, and of the WebSocket."""
    cells = page.locator("#handshake-rows tr").filter(has=page.get_by_role("rowheader", name=name))
    expect(cells).to_have_count(1)
    return cells.locator("td").all_inner_texts()


def violations(page: Page) -> list[str]:
    """What axe finds wrong for people with disabilities."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['impact']}: {one['id']}: {node['html']}" for one in found for node in one["nodes"]
    ]
