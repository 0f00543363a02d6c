"""The trust page, for a browser or phone that does not trust the root yet.

The page has only public content: no function in this package gets a key.
"""
