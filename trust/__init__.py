"""Makes every client on this machine trust the root, and proves it."""
