"""Which posts are the same article: fingerprint, blocking, comparison, cluster. Pure."""
