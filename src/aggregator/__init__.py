"""A self-hosted daemon that collects, sorts and ranks blog posts for the curator of a digest."""

__version__ = "0.1.0"
