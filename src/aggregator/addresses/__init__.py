"""Web addresses: one form of each, and what a host says of it."""
