"""The echo app, which is served where APP is unset."""
