"""Bytes from the network: vetted addresses, limits, politeness, and processes for what may hang."""
