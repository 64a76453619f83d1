"""Text of people: characters, markup, words and language."""
