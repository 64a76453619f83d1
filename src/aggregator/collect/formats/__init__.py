"""The dialects of feeds. Every reader finds the same things (``common.FoundFeed``); ``collect.parse`` chooses one."""
