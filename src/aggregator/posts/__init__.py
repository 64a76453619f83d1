"""What is derived about a post besides its feed: its date, its page, its series, its copies."""
