"""Serves any ASGI app under uvicorn, whatever its package is called."""
