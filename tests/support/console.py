"""What a person does on the console."""

from __future__ import annotations

from playwright.sync_api import Page


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
