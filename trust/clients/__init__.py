"""Clients: one module each, proving trust by a real wss:// echo."""
