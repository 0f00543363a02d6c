"""Mints the authority and the leaf that nginx serves, and keeps them current."""
