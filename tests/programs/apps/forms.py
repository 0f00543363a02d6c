"""Pages with forms, and WebSockets at every path, which are counted."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket


async def form(_: Request) -> HTMLResponse:
    page = "<form method=post action=/posted><button>Send</button></form>"
    return HTMLResponse(page, headers={"Referrer-Policy": "no-referrer"})


async def frame(_: Request) -> HTMLResponse:
    return HTMLResponse("<iframe sandbox='allow-forms' src=/form></iframe>")


async def posted(request: Request) -> PlainTextResponse:
    names = ("origin", "sec-fetch-site")
    return PlainTextResponse(" ".join(request.headers[name] for name in names))


opened: list[str] = []


async def told(_: Request) -> JSONResponse:
    return JSONResponse(opened)


async def ws(websocket: WebSocket) -> None:
    opened.append(websocket.url.path)
    await websocket.accept()
    await websocket.send_text("words of its own")
    await websocket.receive()


app = Starlette(
    routes=[
        Route("/form", form),
        Route("/frame", frame),
        Route("/posted", posted, methods=["POST"]),
        Route("/opened", told),
        WebSocketRoute("/{path:path}", ws),
    ]
)
