"""Proves trust, client by client, and says why one fails."""
