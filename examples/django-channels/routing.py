"""What WebSockets lead to, and what they pass on the way."""

from __future__ import annotations

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from consumers import Board
from django.urls import path

routes = URLRouter([path("board", Board.as_asgi())])

# nginx has checked the origin, port included. The validator is for the day when
# another server is in front.
websockets = AllowedHostsOriginValidator(SessionMiddlewareStack(routes))
