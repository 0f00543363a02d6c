"""Trust stores, one module for each kind."""
