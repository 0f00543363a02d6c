"""The benchmark: the stack as it ships against what a user would run instead, in one run."""
