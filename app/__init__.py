"""The echo app, and the way any ASGI app is served behind nginx."""
