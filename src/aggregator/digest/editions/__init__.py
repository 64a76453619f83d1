"""A digest in other forms than its Markdown: page, feeds, data and mail. Pure, and the same bytes for the same digest.

``outline`` is what all of them tell: sections and lines, with HTML, language and anchor. ``issue`` has the digest of a
month with what is said beside its lines; ``page``, ``mail``, ``plain``, ``data`` and ``syndicate`` write it.
"""
