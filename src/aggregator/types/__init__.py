"""The nouns of the project: frozen dataclasses and enumerations that all stages use.

This is the glossary. A word used here means the same thing in the tables, on the page and in the documents:

- a *feed* is a source we follow, an *entry* is one item as one feed gives it, a *post* is what the curator judges:
  one article, however many entries carry it;
- a *recipe* says how a page without a feed is read as one;
- a *part* and a *topic* make a *section* such as 2.4; all of a digest are its *taxonomy*;
- *copies* are posts that are the same article and form a *cluster*, of which the *representative* is shown; a *pair*
  says whether two posts are the same;
- a *signal* is one observation of popularity elsewhere, a *score* is the sum of its named *reasons*,
  each of which has a *cause* and answers to a *weight* of the curator;
- a *series* is what an author published in numbered *instalments*, each a post;
- a *rule* of the curator matches posts by a trait, and gives them points or a section, mutes or always shows them;
- an *override* is a weight or quota that the curator set over feeds.toml,
  the *sample* is a spot check below the shortlist;
- a *verdict* is what the curator decided on a post, a *correction* is what the curator changed in its line;
- an *action* is what the curator did in one step; every action can be undone and redone;
- a *lesson* is what verdict and correction of a post teach about its section, a *model* learns from lessons and from
  the rows that come with the project, and a *guess* is what a model believes about a post;
- a *disclosure* is what a post, its page or its links disclose: that it is sponsored, for members, written with AI or
  machine-translated;
- a *digest* is the publication of a month, a *line* is one bullet of it, a *highlight* one of the lines of a month that
  the curator starred; a cumulative *page* holds what was printed up
  to a day;
- a *coverage* says how completely the feeds of a month were visited, and what became of its posts;
- a *session* is a browser that logged in to the page, a *token* is what a program uses the API with;
- an *invitation* is a link that the curator gives out: by it readers send a *suggestion*, an address for the digest,
  and colleagues read a draft and leave a *remark* on a line;
- a *notice* tells the curator outside the page what should not wait, an *edition* is a digest in another form than
  Markdown, and a *delivery* tells another program that a digest was printed.

All times are aware, in UTC, and their names end in ``_at``. The values have no behaviour beyond reading and writing
themselves as text, and all of them can be pickled.

Import from here (``from aggregator.types import Post``). The nouns are defined in:

- ``sections``: part, topic, section, taxonomy
- ``dates``: month; source and confidence of a post's date, what a post waits for
- ``feeds``: feed, kind and recipe, credentials, quiet times; moves, and the trial of a redirect
- ``answers``: the responses of a server, redirects included
- ``entries``: a parsed feed document, entries as they are stored and recognised
- ``posts``: draft of a post, post, its article, the resources that it links to
- ``visits``: outcome, visit, state of a feed between visits, gap, signal; all that one visit or one older page changes
- ``talk``: where talk about posts is asked for, how it grew
- ``pages``: pages to read, and the outcome
- ``duplicates``: what copies are found by, pairs
- ``guesses``: guess, and its explanation
- ``models``: a version of the section model, and whether it was accepted
- ``quotas``: how many posts may be proposed, in total, per source and per section
- ``roundups``: issue of a round-up, the posts that it links to
- ``rules``: rule, and the section that one gives
- ``causes``: what a reason may be about, and the weights that multiply reasons
- ``deliveries``: how prints are told to other programs, and what came of it
- ``scores``: reason, score, placement, overrides, the sample
- ``actions``: what the curator did, in one history
- ``verdicts``: candidate, decision, verdict, state, correction
- ``series``: series, instalments
- ``digests``: line, highlights, texts, digest, its state and extent; the progress of a month
- ``coverage``: the account of a month
- ``readers``: what readers and colleagues say: invitations, suggestions, remarks
- ``titles``: a title in house style, and the steps that lead to it
- ``links``: where the address of a line leads now
- ``notices``: what the curator is told outside the page
- ``hints``: what a post offers for its note
- ``drafting``: a note that a language model drafts, and what is sent for it
- ``sessions``: browsers that logged in to the page
- ``tokens``: what programs use the API with
"""

from aggregator.types.actions import Action, ActionKind, Batch, Refusal
from aggregator.types.answers import Hop, NotModified, Retrieved
from aggregator.types.causes import Cause, Weight
from aggregator.types.coverage import Coverage, FeedCoverage, FeedFacts, Funnel, Unknown
from aggregator.types.dates import DateConfidence, DateSource, Month, Wait
from aggregator.types.deliveries import Delivery, DeliveryKind, DeliveryState
from aggregator.types.digests import (
    Digest,
    DigestState,
    EditionFormat,
    Extent,
    HighlightPlace,
    LabelStyle,
    Line,
    LineStyle,
    MonthFacts,
    MonthPlan,
    MonthReview,
    NoteStyle,
    PastDigest,
    PrintedNames,
    ReadBefore,
    TextChange,
    Texts,
)
from aggregator.types.disclosures import Disclosure, DisclosureKind, DisclosureSource
from aggregator.types.drafting import Claim, ClaimKind, DraftedNote, NotedLine, Prompt
from aggregator.types.duplicates import Manuscript, Pair, Sameness
from aggregator.types.entries import Entry, KnownEntry, Media, ParsedEntry, ParsedFeed, UnreadEntry
from aggregator.types.feeds import Credentials, Feed, FeedYield, Kind, Move, Only, QuietTimes, Recipe, SiteLook, Trial
from aggregator.types.guesses import (
    OUT_OF_SCOPE_FROM,
    UNSURE,
    Choice,
    Clue,
    Explanation,
    Guess,
)
from aggregator.types.hints import Hint, HintCue, HintKind
from aggregator.types.links import Fault, LinkCheck, LinkState, Remedy
from aggregator.types.models import Acceptance, FittedModel
from aggregator.types.notices import Notice, NoticeKind
from aggregator.types.pages import ListedPage, PageOutcome, PageReading, PageText, ReadPost, WantedPage
from aggregator.types.posts import Article, Post, PostDraft, Resource, ResourceKind, TextSource, Withheld
from aggregator.types.quotas import Quotas
from aggregator.types.readers import Invitation, InvitationKind, Remark, Stand, Standing, Suggestion
from aggregator.types.roundups import Issue, Linked, Mention
from aggregator.types.rules import Act, Rule, Ruled, RuleState, Subject, Trait
from aggregator.types.scores import Ground, Override, Placement, Question, RankedPost, Reason, Sampled, Score
from aggregator.types.sections import MOST_PLACES, Part, Section, Taxonomy, Topic
from aggregator.types.series import Instalment, PrintedPost, Sequel, SequelGround, Series, Sibling, WorkPost
from aggregator.types.sessions import LONGEST_SESSION, SESSION_LIFETIME, Session
from aggregator.types.talk import Heard, TalkSource, TalkState
from aggregator.types.titles import Mark, MonthGround, Proposal, StepKind, TitlePair, TitleStep
from aggregator.types.tokens import Token
from aggregator.types.verdicts import (
    CORRECTED_FIELDS,
    LINE_FIELDS,
    Candidate,
    Correction,
    Decision,
    Next,
    Seen,
    State,
    Until,
    Verdict,
    read_until,
)
from aggregator.types.visits import ArchivePage, FeedState, FeedUpdate, Gap, Outcome, Signal, Visit

__all__ = [
    "CORRECTED_FIELDS",
    "LINE_FIELDS",
    "LONGEST_SESSION",
    "MOST_PLACES",
    "OUT_OF_SCOPE_FROM",
    "SESSION_LIFETIME",
    "UNSURE",
    "Acceptance",
    "Act",
    "Action",
    "ActionKind",
    "ArchivePage",
    "Article",
    "Batch",
    "Candidate",
    "Cause",
    "Choice",
    "Claim",
    "ClaimKind",
    "Clue",
    "Correction",
    "Coverage",
    "Credentials",
    "DateConfidence",
    "DateSource",
    "Decision",
    "Delivery",
    "DeliveryKind",
    "DeliveryState",
    "Digest",
    "DigestState",
    "Disclosure",
    "DisclosureKind",
    "DisclosureSource",
    "DraftedNote",
    "EditionFormat",
    "Entry",
    "Explanation",
    "Extent",
    "Fault",
    "Feed",
    "FeedCoverage",
    "FeedFacts",
    "FeedState",
    "FeedUpdate",
    "FeedYield",
    "FittedModel",
    "Funnel",
    "Gap",
    "Ground",
    "Guess",
    "Heard",
    "HighlightPlace",
    "Hint",
    "HintCue",
    "HintKind",
    "Hop",
    "Instalment",
    "Invitation",
    "InvitationKind",
    "Issue",
    "Kind",
    "KnownEntry",
    "LabelStyle",
    "Line",
    "LineStyle",
    "LinkCheck",
    "LinkState",
    "Linked",
    "ListedPage",
    "Manuscript",
    "Mark",
    "Media",
    "Mention",
    "Month",
    "MonthFacts",
    "MonthGround",
    "MonthPlan",
    "MonthReview",
    "Move",
    "Next",
    "NotModified",
    "NoteStyle",
    "NotedLine",
    "Notice",
    "NoticeKind",
    "Only",
    "Outcome",
    "Override",
    "PageOutcome",
    "PageReading",
    "PageText",
    "Pair",
    "ParsedEntry",
    "ParsedFeed",
    "Part",
    "PastDigest",
    "Placement",
    "Post",
    "PostDraft",
    "PrintedNames",
    "PrintedPost",
    "Prompt",
    "Proposal",
    "Question",
    "QuietTimes",
    "Quotas",
    "RankedPost",
    "ReadBefore",
    "ReadPost",
    "Reason",
    "Recipe",
    "Refusal",
    "Remark",
    "Remedy",
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
    "Sequel",
    "SequelGround",
    "Series",
    "Session",
    "Sibling",
    "Signal",
    "SiteLook",
    "Stand",
    "Standing",
    "State",
    "StepKind",
    "Subject",
    "Suggestion",
    "TalkSource",
    "TalkState",
    "Taxonomy",
    "TextChange",
    "TextSource",
    "Texts",
    "TitlePair",
    "TitleStep",
    "Token",
    "Topic",
    "Trait",
    "Trial",
    "Unknown",
    "UnreadEntry",
    "Until",
    "Verdict",
    "Visit",
    "Wait",
    "WantedPage",
    "Weight",
    "Withheld",
    "WorkPost",
    "read_until",
]
