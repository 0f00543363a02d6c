"""Clients, one module each, which prove trust by a real wss:// echo."""
