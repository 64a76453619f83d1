"""What ends the benchmark with a sentence."""


class Problem(Exception):
    """Something is missing, or what was stored is wrong; the text is a sentence for a person."""
