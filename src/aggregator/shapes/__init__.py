"""What a script is told: the JSON of the command line and of the API, a shape for each noun.

The values themselves stay dataclasses; a shape is made of one at the edge, by ``of``.
"""
