"""From an address to the feeds that may be behind it: by rules of platforms, by what a page says, by usual places."""
