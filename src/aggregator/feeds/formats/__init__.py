"""The dialects of feeds. Every reader finds the same things (``common.FoundFeed``); ``feeds.parse`` chooses one."""
