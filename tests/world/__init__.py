"""The one world that all tests are about: invented feeds, a month of posts in two languages, and a curator.

Every organisation, person and sentence here is invented. ``feeds`` has the time and the feeds, ``nouns`` single posts
and candidates, ``stored`` what visits bring, ``month`` a filled database, ``curator`` somebody at a browser, ``worlds`` what the pages are
looked at with.
"""

from world.curator import Curator, text_of, visit_page
from world.feeds import FEED, FEEDS, MONTH, NOW, failed, silent, visited
from world.month import SAMPLES, Sample, fill, make_many, save_states, save_updates
from world.nouns import make_candidate, make_guess, make_post
from world.stored import home_of, import_page, make_draft, make_update, store

__all__ = [
    "FEED",
    "FEEDS",
    "MONTH",
    "NOW",
    "SAMPLES",
    "Curator",
    "Sample",
    "failed",
    "fill",
    "home_of",
    "import_page",
    "make_candidate",
    "make_draft",
    "make_guess",
    "make_many",
    "make_post",
    "make_update",
    "save_states",
    "save_updates",
    "silent",
    "store",
    "text_of",
    "visit_page",
    "visited",
]
