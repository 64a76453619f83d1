"""The nouns of the project: frozen dataclasses and enumerations that every stage speaks in.

This is the glossary. A word used here means the same thing in the tables, on the page and in the documents:

- a *feed* is a source we follow, an *entry* is one item as one feed gives it, a *post* is what the curator judges:
  one article, whatever number of entries carry it;
- a *part* and a *topic* make a *section* such as 2.4; all of a digest are its *taxonomy*;
- a *copy* is a post that is the same article as another one, its *original*, which is shown in its place; a *pair* says
  of two posts whether they are the same;
- a *signal* is one observation of popularity elsewhere, a *score* is the sum of its named *reasons*;
- a *series* is what an author published in numbered *instalments*, each a post;
- a *rule* of the curator means posts by a trait, and gives them points or a section, mutes or always shows them;
- a *wish* is what the curator set of the ranking, the *sample* is a spot check of what stands below the shortlist;
- a *verdict* is what the curator said of a post, a *correction* is what the curator changed in its line;
- a *lesson* is what verdict and correction of a post teach of its section, a *model* learns from lessons and from the
  rows that come with the project, and a *guess* is what a model believes of a post;
- a *disclosure* is what a post, its page or its links say of its standing: that it is sponsored, for members, written
  with AI, machine-translated;
- a *digest* is the publication of a month, a *line* is one bullet of it; a cumulative *page* holds what was printed up
  to a day;
- a *session* is a browser that logged in to the page.

All times are aware, in UTC, and their names end in ``_at``. The values here hold no behaviour beyond reading and
writing themselves as text, and all of them can be pickled.

Everybody imports from here (``from aggregator.types import Post``); where a noun is written down:

- ``sections``: part, topic, section, taxonomy
- ``dates``: month; where the date of a post comes from, how far it is believed, what a post waits for
- ``feeds``: feed and kind, credentials, quiet times; moves, and the trial of a redirect
- ``answers``: what a server answers to a request, redirects included
- ``entries``: a feed document as it was parsed, entries as they are stored and recognised
- ``posts``: draft of a post, post, the resources that it links to
- ``visits``: outcome, visit, state of a feed between visits, gap, signal; all that one visit changes
- ``pages``: pages that are to be read, what came of reading them
- ``duplicates``: what is compared of posts, pairs
- ``guesses``: guess, and why it was made
- ``models``: a version of the section model, and whether it was taken
- ``rules``: rule, and the section that one gives
- ``scores``: reason, score, standing to the shortlist, wishes, the sample
- ``verdicts``: candidate, decision, verdict, state, correction
- ``series``: series, instalments
- ``digests``: line, texts, digest, its state and extent; how far a month is
- ``sessions``: browsers that logged in to the page
"""

from aggregator.types.answers import Hop, NotModified, Retrieved
from aggregator.types.dates import DateConfidence, DateSource, Month, Wait
from aggregator.types.digests import Digest, DigestState, Extent, Line, MonthFacts, ReadBefore, Texts
from aggregator.types.disclosures import Disclosure, DisclosureKind, DisclosureSource
from aggregator.types.duplicates import Manuscript, Pair, Sameness
from aggregator.types.entries import Entry, KnownEntry, Media, ParsedEntry, ParsedFeed
from aggregator.types.feeds import Credentials, Feed, Kind, Move, QuietTimes, Trial
from aggregator.types.guesses import (
    OUT_OF_SCOPE_FROM,
    UNSURE,
    Choice,
    Clue,
    Explanation,
    Guess,
)
from aggregator.types.models import Acceptance, FittedModel
from aggregator.types.pages import PageOutcome, PageReading, PageText, WantedPage
from aggregator.types.posts import Post, PostDraft, Resource, ResourceKind, TextSource, Withheld
from aggregator.types.rules import Act, Rule, Ruled, RuleState, Subject, Trait
from aggregator.types.scores import Ground, Question, RankedPost, Reason, Sampled, Score, Standing, Wish
from aggregator.types.sections import MOST_PLACES, Part, Section, Taxonomy, Topic
from aggregator.types.series import Instalment, Series, Sibling
from aggregator.types.sessions import SESSION_LIFETIME, Session
from aggregator.types.verdicts import Candidate, Correction, Decision, Seen, State, Verdict
from aggregator.types.visits import FeedState, FeedUpdate, Gap, Outcome, Signal, Visit

__all__ = [
    "MOST_PLACES",
    "OUT_OF_SCOPE_FROM",
    "SESSION_LIFETIME",
    "UNSURE",
    "Acceptance",
    "Act",
    "Candidate",
    "Choice",
    "Clue",
    "Correction",
    "Credentials",
    "DateConfidence",
    "DateSource",
    "Decision",
    "Digest",
    "DigestState",
    "Disclosure",
    "DisclosureKind",
    "DisclosureSource",
    "Entry",
    "Explanation",
    "Extent",
    "Feed",
    "FeedState",
    "FeedUpdate",
    "FittedModel",
    "Gap",
    "Ground",
    "Guess",
    "Hop",
    "Instalment",
    "Kind",
    "KnownEntry",
    "Line",
    "Manuscript",
    "Media",
    "Month",
    "MonthFacts",
    "Move",
    "NotModified",
    "Outcome",
    "PageOutcome",
    "PageReading",
    "PageText",
    "Pair",
    "ParsedEntry",
    "ParsedFeed",
    "Part",
    "Post",
    "PostDraft",
    "Question",
    "QuietTimes",
    "RankedPost",
    "ReadBefore",
    "Reason",
    "Resource",
    "ResourceKind",
    "Retrieved",
    "Rule",
    "RuleState",
    "Ruled",
    "Sameness",
    "Sampled",
    "Score",
    "Section",
    "Seen",
    "Series",
    "Session",
    "Sibling",
    "Signal",
    "Standing",
    "State",
    "Subject",
    "Taxonomy",
    "TextSource",
    "Texts",
    "Topic",
    "Trait",
    "Trial",
    "Verdict",
    "Visit",
    "Wait",
    "WantedPage",
    "Wish",
    "Withheld",
]
