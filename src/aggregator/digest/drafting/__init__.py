"""Drafts of notes by a language model. Pure; why: ``docs/decisions/drafting.md``.

``prompt`` writes what is sent · ``answer`` makes the answer a note, with no links but those of the post · ``grounds``
looks its names, numbers and links up in the post.
"""
