"""Where the focus of a page is."""

from __future__ import annotations

from playwright.sync_api import Page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
