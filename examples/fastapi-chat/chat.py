"""A chat: what one writes, everybody in the room reads.

The server sends JSON, an event a message: here, came, said, refused, went. Clients
send plain text.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

LONGEST = 2000  # characters of one message
BEHIND = 100  # events that may wait for one client

NAME_TAKEN = 4409  # 4000 to 4999 are for apps (RFC 6455, section 7.4.2)
PAGE = Path(__file__).parent / "page"

Event = dict[str, Any]
Name = Annotated[str, Query(min_length=1, max_length=40)]


class Member:
    """Somebody in a room, with a queue, so that nobody waits for somebody slow."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._events: asyncio.Queue[Event] = asyncio.Queue(BEHIND)
        self._fell_behind = False

    def hear(self, event: Event) -> None:
        """Returns at once."""
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self._fell_behind = True

    async def send_to(self, websocket: WebSocket) -> None:
        """Until the client is gone, or too slow. One that takes nothing at all stays
        blocked here alone; nginx closes it after 30 seconds (send_timeout)."""
        with contextlib.suppress(WebSocketDisconnect):
            while not self._fell_behind:
                await websocket.send_json(await self._events.get())
            # Not silently: the client knows that it missed something.
            await websocket.close(1013, "you fell behind; come again")


class Room:
    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def __bool__(self) -> bool:
        return bool(self._members)

    def join(self, member: Member) -> None:
        self._members[member.name] = member
        member.hear({"type": "here", "names": sorted(self._members)})
        self.tell({"type": "came", "name": member.name})

    def leave(self, member: Member) -> None:
        del self._members[member.name]
        self.tell({"type": "went", "name": member.name})

    def tell(self, event: Event) -> None:
        for member in self._members.values():
            member.hear(event)


app = FastAPI(title="Chat")
rooms: dict[str, Room] = {}


@app.websocket("/rooms/{room_name}")
async def chat(websocket: WebSocket, room_name: str, name: Name) -> None:
    # Accepted first: why a handshake was refused, a browser does not tell its page.
    await websocket.accept()
    room = rooms.setdefault(room_name, Room())
    if name in room:
        await websocket.close(NAME_TAKEN, "somebody of this name is here")
        return
    member = Member(name)
    room.join(member)
    sending = asyncio.create_task(member.send_to(websocket))
    try:
        # The other messages are of the type websocket.disconnect.
        while (message := await websocket.receive())["type"] == "websocket.receive":
            text = message.get("text")  # None: it was binary
            if text is not None and len(text) <= LONGEST:
                room.tell({"type": "said", "name": name, "text": text})
            else:
                member.hear({"type": "refused", "text": f"text only, up to {LONGEST} characters"})
    finally:
        sending.cancel()
        room.leave(member)
        if not room:
            del rooms[room_name]


@app.get("/", include_in_schema=False)
async def page() -> FileResponse:
    return FileResponse(PAGE / "index.html")


# Not at /: it would take WebSockets too, and cannot answer them.
app.mount("/page", StaticFiles(directory=PAGE))
