"""Bytes from the network: vetted addresses, limits, politeness, and worker processes for what may hang."""
