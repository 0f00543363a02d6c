"""Programs beside the certs process, in its container too: they import certs alone."""
