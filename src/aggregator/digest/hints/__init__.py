"""What a post offers for the note of its line, by rules alone. Pure; why: ``docs/decisions/hints.md``.

``sentences`` finds the sentences that say most · ``links`` writes links as notes have them · ``propose`` puts these
together with steps, names and earlier parts.
"""
