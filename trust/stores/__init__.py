"""Trust stores: one module a kind, each standing alone."""
