"""HTTP to Django, WebSockets to Channels."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
http = get_asgi_application()

# Not above: consumers may use models, which are there only from here on.
from routing import websockets  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": websockets})
