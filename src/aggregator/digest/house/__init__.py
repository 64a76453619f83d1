"""The house style of titles: a proposal from a post's own title, by rules and by what was printed before. Pure.

``runs`` reads and writes marked titles · ``trim`` removes the site and part, and types signs · ``names`` marks models
and products · ``phrases`` shortens terms · ``casing`` writes Title Case · ``lessons`` learns from printed titles ·
``propose`` puts these together.
"""
