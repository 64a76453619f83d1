"""Notices: which are due, when they are sent, and sending them."""
