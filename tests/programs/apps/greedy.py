"""Takes 512 MiB at once when /take is asked for, and echoes at /ws."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


async def take(_: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(bytearray(b"x") * 2**29)))


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    while True:
        await websocket.send_text(await websocket.receive_text())


app = Starlette(routes=[Route("/hello", hello), Route("/take", take), WebSocketRoute("/ws", echo)])
