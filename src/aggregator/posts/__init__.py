"""What is known of a post beside its feed: its date, its page, its series, its copies."""
