"""The board's WebSocket: plain text in, JSON out to all who have it open."""

from __future__ import annotations

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

LONGEST = 2000  # characters of one message


class Board(AsyncWebsocketConsumer):
    groups = ("board",)  # joined on connect, left on disconnect

    async def connect(self) -> None:
        self.name = self.scope["session"].get("name")
        if self.name:
            await self.accept()
        else:
            await self.close()  # before accept: 403

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data is None or len(text_data) > LONGEST:
            await self.close(1008, f"text only, up to {LONGEST} characters")
            return
        said = {"name": self.name, "text": text_data}
        await self.channel_layer.group_send("board", {"type": "board.said", "said": said})

    async def board_said(self, event: dict[str, Any]) -> None:
        """Called in every member of the group; the name is the event's type."""
        await self.send(json.dumps(event["said"]))
