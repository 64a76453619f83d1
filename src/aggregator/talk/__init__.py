"""What other places say of posts: which question is asked where, and when; what an answer says.

Pure: ``pipeline.talk`` asks, ``storage.talk`` keeps what was said.
"""
