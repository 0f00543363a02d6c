"""Runs the stack: one interface, in Docker or without."""
