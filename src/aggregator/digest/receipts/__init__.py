"""Receipts: what is known of each printed line, in a file beside the page, and a page compared with it. Pure."""
