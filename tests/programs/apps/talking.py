"""Says its text, at /hello and to each WebSocket at /talk."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

TEXT = "one"


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse(TEXT)


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(TEXT)
    await websocket.receive()


app = Starlette(routes=[Route("/hello", hello), WebSocketRoute("/talk", talk)])
