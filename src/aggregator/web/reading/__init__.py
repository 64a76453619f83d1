"""The reading pane: a post as its author wrote it."""
