"""The trust page: what a browser or a phone that does not trust the root yet is shown.

It is made of public things alone. Nothing in this package is handed a key.
"""
