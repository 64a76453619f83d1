"""From the bytes of a feed to what its visit changes."""
