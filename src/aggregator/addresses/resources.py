"""Which of a post's links are resources: code, checkpoints, data sets, notebooks, demos, papers, packages. Pure.

A rule is here only if the address alone shows what it leads to. The page of a person or an organisation, a search, an
issue, a page about a service and the software of the blog itself are not resources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from aggregator.addresses.urls import LONGEST_ADDRESS, canonicalise_url, host_of, may_lead_elsewhere
from aggregator.types import Resource, ResourceKind


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _any_of(text: str) -> str:
    return f"(?:{'|'.join(text.split())})"


# --- what it is -------------------------------------------------------------------------------------------------------

_NAME = r"[\w.~-]+"
_END = r"(?=[/?&]|\Z)"

# First folders of github.com that are pages of the service.
_GITHUB_PAGES = _any_of(
    """about account apps articles blog codespaces collections contact copilot customer-stories dashboard discussions
    edu education enterprise events explore features gist git-guides issues join login marketplace mobile new nonprofit
    notifications open-source organizations orgs premium-support pricing pulls readme resources search security
    sessions settings site solutions sponsors stars team topics trending users why-github"""
)
# Blog software, which pages link to in their footer.
_MAKERS = _any_of(
    """adityatelange alshedivat barryclark cotes2020 getnikola getpelican getzola gohugoio hexojs hydejack jekyll
    luizdepra mmistakes poole squidfunk tryghost wowchemy"""
)
_THEME = rf"(?:hugo|jekyll|hexo|ghost|gatsby|pelican|nikola|zola)-{_NAME}|{_NAME}-theme|theme-{_NAME}"
# Names for the repository of a site's own pages.
_SITE = rf"[\w.~-]*(?:github|gitlab)\.io|blog|website|homepage|www|tech-?blog|{_NAME}\.(?:com|org|dev|kr)"
# Parts of a repository for discussion. "edit" is the link for corrections of a site's own pages.
_TALK = _any_of(
    """actions activity commit commits community compare contributors discussions edit forks graphs issues labels
    merge_requests milestones network new projects pull pull-requests pulls pulse security sponsors stargazers
    subscription watchers"""
)
_NO_TALK = rf"(?!/(?:-/)?{_TALK}{_END})"
_REPOSITORY = rf"(?!{_MAKERS}/)({_NAME})/(?!(?:{_THEME}|{_SITE})(?:\.git)?{_END})({_NAME}?)(?:\.git)?{_END}{_NO_TALK}"
_FILE = r"(?:blob|tree|raw)"
# Projects of GitLab are in nested groups.
_GROUP = rf"(?!(?:-|{_FILE}|{_TALK}){_END}){_NAME}"

_HUB_PAGES = _any_of(
    """api autotrain blog brand changelog chat collections course datasets docs enterprise hardware hub inference
    inference-api inference-endpoints join landing learn login models new nlp organizations papers posts pricing privacy
    search settings shop spaces storage support tasks terms-of-service transformers welcome"""
)
_HUB_NAME = rf"({_NAME}/(?!(?:tree|blob|resolve|viewer|raw){_END}){_NAME}){_END}(?!/(?:discussions|commits?){_END})"
# Checkpoints of Hugging Face without an owner.
_OLD_CHECKPOINT = (
    r"((?:albert|bert|camembert|ctrl|distilbert|distilgpt2|distilroberta|gpt2|openai-gpt|roberta|t5|transfo-xl|xlm|xlnet)"
    r"(?:-[\w.-]+)?)"
)

_ACL = r"([a-z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)(?:v\d+)?(?:\.bib)?"
_DOI = r"(10\.\d{4,9}(?:\.\d{1,9}){0,3}/[^\s?#]+)"


class _Rule(NamedTuple):
    """How an address shows what it leads to."""

    kind: ResourceKind
    #: Matches the beginning of path and query, up to the end of a folder. The path is decoded, has single slashes, none
    #: at either end, and no ".pdf". Case does not matter.
    pattern: str
    #: Made of the groups of the pattern and the host.
    name: str
    #: Made in the same way; empty if the link is the address of the resource.
    url: str = ""


_CODE, _CHECKPOINT, _DATASET = ResourceKind.CODE, ResourceKind.CHECKPOINT, ResourceKind.DATASET
_NOTEBOOK, _DEMO, _PAPER, _PACKAGE = ResourceKind.NOTEBOOK, ResourceKind.DEMO, ResourceKind.PAPER, ResourceKind.PACKAGE
_HUB = "https://huggingface.co"
_KAGGLE = "https://www.kaggle.com"
_DOI_PAPER = _Rule(_PAPER, rf"(?:.*/)?{_DOI}", "{0}", "https://doi.org/{0}")
_SHOWN_NOTEBOOK = _Rule(_NOTEBOOK, rf"github/({_NAME}/{_NAME})/{_FILE}/[^/]+/(.+\.ipynb)", "{0}/{1}")

# By host; ".host" means its subdomains, "host." hosts that begin so, "*" all others. The first matching rule decides.
_TABLE: dict[str, list[_Rule]] = {
    "github.com": [
        _Rule(_NOTEBOOK, rf"({_NAME}/{_NAME})/{_FILE}/[^/]+/(.+\.ipynb)", "{0}/{1}"),
        _Rule(_CODE, rf"(?!{_GITHUB_PAGES}/){_REPOSITORY}", "{0}/{1}", "https://github.com/{0}/{1}"),
    ],
    "raw.githubusercontent.com": [
        _Rule(_NOTEBOOK, rf"({_NAME}/{_NAME})/[^/]+/(.+\.ipynb)", "{0}/{1}"),
        _Rule(_CODE, _REPOSITORY, "{0}/{1}", "https://github.com/{0}/{1}"),
    ],
    "gist.github.com gist.githubusercontent.com": [
        _Rule(_CODE, r"(?:[\w-]+/)?([0-9a-f]{20,32}|\d+)", "gist:{0}", "https://gist.github.com/{0}"),
    ],
    "gitlab.": [
        _Rule(
            _CODE,
            rf"(?!(?:explore|groups|help|users)/)((?>(?:{_GROUP}/)+{_GROUP})){_NO_TALK}",
            "{0}",
            "https://{host}/{0}",
        ),
    ],
    "code.google.com": [_Rule(_CODE, r"(?:archive/)?p/([\w.-]+)", "{0}", "https://code.google.com/p/{0}")],
    "huggingface.co hf.co": [
        _Rule(_PAPER, r"papers/(\d{4}\.\d{4,5})", "{0}", "https://arxiv.org/abs/{0}"),
        _Rule(_DATASET, rf"datasets/{_HUB_NAME}", "{0}", f"{_HUB}/datasets/{{0}}"),
        _Rule(
            _DATASET, rf"datasets/({_NAME})(?=/(?:tree|blob|resolve|viewer|raw)|\Z)", "{0}", f"{_HUB}/datasets/{{0}}"
        ),
        _Rule(_DEMO, rf"spaces/{_HUB_NAME}", "{0}", f"{_HUB}/spaces/{{0}}"),
        _Rule(_CHECKPOINT, rf"(?!{_HUB_PAGES}/){_HUB_NAME}", "{0}", f"{_HUB}/{{0}}"),
        _Rule(_CHECKPOINT, _OLD_CHECKPOINT, "{0}", f"{_HUB}/{{0}}"),
    ],
    ".hf.space .gradio.live .streamlit.app": [_Rule(_DEMO, "", "{host}")],
    "kaggle.com": [
        _Rule(_DATASET, rf"datasets/({_NAME}/{_NAME})", "{0}", f"{_KAGGLE}/datasets/{{0}}"),
        _Rule(_DATASET, rf"(?:c|competitions)/({_NAME})", "{0}", f"{_KAGGLE}/c/{{0}}"),
        _Rule(_CHECKPOINT, rf"models/({_NAME}/{_NAME})", "{0}", f"{_KAGGLE}/models/{{0}}"),
        _Rule(_NOTEBOOK, rf"code/({_NAME}/{_NAME})", "{0}", f"{_KAGGLE}/code/{{0}}"),
    ],
    "zenodo.org": [_Rule(_DATASET, r"records?/(\d+)", "zenodo:{0}", "https://zenodo.org/records/{0}")],
    "colab.research.google.com": [
        _Rule(_NOTEBOOK, r"drive/([\w-]+)", "colab:{0}"),
        _Rule(_NOTEBOOK, r"gist/(?:[\w-]+/)?([0-9a-f]{20,32})", "colab:{0}"),
        _SHOWN_NOTEBOOK,
    ],
    "nbviewer.org nbviewer.jupyter.org": [_SHOWN_NOTEBOOK],
    "arxiv.org": [_Rule(_PAPER, r"abs/((?:[a-z.-]+/)?[\d.]+)", "{0}", "https://arxiv.org/abs/{0}")],
    "aclanthology.org": [
        _Rule(_PAPER, rf"(?!attachments/|events/|volumes/)(?:.*/)?{_ACL}", "{0}", "https://aclanthology.org/{0}"),
    ],
    "aclweb.org": [
        _Rule(
            _PAPER, rf"anthology/(?!attachments/|events/|volumes/)(?:.*/)?{_ACL}", "{0}", "https://aclanthology.org/{0}"
        ),
    ],
    "doi.org dx.doi.org": [
        _Rule(_PAPER, rf"10\.(?:18653|3115)/v1/{_ACL}", "{0}", "https://aclanthology.org/{0}"),
        _Rule(_DATASET, r"10\.5281/zenodo\.(\d+)", "zenodo:{0}", "https://zenodo.org/records/{0}"),
        _DOI_PAPER,
    ],
    "doi.acm.org link.springer.com": [_DOI_PAPER],
    "biorxiv.org": [_Rule(_PAPER, r"content/(10\.1101/[\d.]*\d)(?:v\d[\w.]*)?", "{0}", "https://doi.org/{0}")],
    # What begins with d is the journal's news.
    "nature.com": [_Rule(_PAPER, r"articles/(?!d)([\w-]+)", "10.1038/{0}", "https://doi.org/10.1038/{0}")],
    "openreview.net": [
        _Rule(
            _PAPER,
            r"(?:forum|pdf|references/pdf|attachment)\?(?:.*&)?id=([\w.~-]+)",
            "{0}",
            "https://openreview.net/forum?id={0}",
        ),
    ],
    # /paper/5021-title until 2018, /paper_files/paper/2013/hash/9aa42b…-Abstract.html since.
    "papers.nips.cc papers.neurips.cc proceedings.neurips.cc": [
        _Rule(_PAPER, r"paper(?:_files)?/(?:.*/)?(\d{3,5}(?=-)|[0-9a-f]{32})(?:-[^/]*)?", "neurips:{0}"),
    ],
    "proceedings.mlr.press": [_Rule(_PAPER, r"v(\d+)/([\w-]+)(?:\.\w+)?", "pmlr:v{0}/{1}")],
    "jmlr.org": [_Rule(_PAPER, r"papers/v(?:olume)?(\d+)/([\w-]+)(?:\.\w+)?", "jmlr:v{0}/{1}")],
    "openaccess.thecvf.com cv-foundation.org": [_Rule(_PAPER, r"(?:.*/)?([\w-]+)_paper(?:\.html)?", "cvf:{0}")],
    "semanticscholar.org pdfs.semanticscholar.org": [
        _Rule(_PAPER, r"(?:.*/)?([0-9a-f]{4})/?([0-9a-f]{36})", "s2:{0}{1}"),
    ],
    "ieeexplore.ieee.org": [_Rule(_PAPER, r"document/(\d+)", "{0}", "https://ieeexplore.ieee.org/document/{0}")],
    "pypi.org": [_Rule(_PACKAGE, r"project/([\w.-]+)", "{0}", "https://pypi.org/project/{0}/")],
    "*": [
        # As publishers write it into their addresses.
        _Rule(_PAPER, rf"(?:.*/)?doi/(?:[a-z]+/)?{_DOI}", "{0}", "https://doi.org/{0}"),
        _Rule(_NOTEBOOK, r"(.+\.ipynb)", "{host}/{0}"),
    ],
}
_RULES = {
    host: [(rule, re.compile(rf"\A(?:{rule.pattern}){_END}", re.IGNORECASE | re.ASCII)) for rule in rules]
    for hosts, rules in _TABLE.items()
    for host in hosts.split()
}
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|mp4|webm)\Z", re.IGNORECASE)


def find_resources(
    links: Iterable[str], *, site: str | None = None, organisation: str | None = None
) -> tuple[Resource, ...]:
    """The resources among the links of a post, each once, in the order of the links.

    *site* is an address of the publisher and *organisation* its name: a resource whose owner has such a name is the
    publisher's own.
    """
    found: dict[tuple[ResourceKind, str, str], Resource] = {}
    for link in links:
        if resource := find_resource(link):
            found.setdefault((resource.kind, host_of(resource.url), resource.name), resource)
    if not found:
        return ()
    names = name_publisher(site, organisation)
    return tuple(replace(r, is_own=True) if _name_owner(r) in names else r for r in found.values())


@lru_cache(maxsize=4096)
def find_resource(link: str) -> Resource | None:
    """The resource that an address leads to. It is kept: a queue looks at the same links again and again."""
    if len(link) > LONGEST_ADDRESS:
        return None
    try:
        # A paper at arXiv has many addresses.
        place = canonicalise_url(link) if may_lead_elsewhere(host_of(link)) else link
        host, parts = host_of(place), urlsplit(place)
    except ValueError:
        return None
    path = "/".join(filter(None, unquote(parts.path).removesuffix(".pdf").split("/")))
    if _PICTURE.search(path):
        return None
    below, begins = f".{host.partition('.')[2]}", f"{host.partition('.')[0]}."
    rules = next(_RULES[name] for name in (host, below, begins, "*") if name in _RULES)
    said = f"{path}?{parts.query}" if parts.query else path
    for rule, pattern in rules:
        if match := pattern.match(said):
            name, url = (text.format(*match.groups(), host=host) for text in (rule.name, rule.url))
            return Resource(rule.kind, url or link, name.lower())
    return None


# --- whose it is ------------------------------------------------------------------------------------------------------

_SEPARATORS = re.compile(r"[\W_]+")
# Words that accounts and hosts add to the name of an organisation.
_DECORATIONS = _words(
    """ai blog cloud corp dev developers engineering eng group hq inc kr korea lab labs ml official opensource org oss
    platform project research samples science team tech technologies"""
)
_GLUED = re.compile(
    r"(.{3,}?)(?:cloud|corp|deepmind|developers|engineering|labs?|opensource|platform|research|samples|science|tech)"
)
_COMMON_LABELS = _words(
    """ai api blog blogs co com dev developer developers engineering go io kr medium ml net news or org research tech
    techblog www"""
)
# Hosts that many people publish on: the subdomain or the first folder distinguishes them.
_SHARED_HOSTS = _words(
    """blog.naver.com blogspot.com brunch.co.kr dev.to github.io gitlab.io hashnode.dev medium.com netlify.app pages.dev
    substack.com tistory.com velog.io vercel.app wordpress.com"""
)


def is_of(host: str, site: str, names: frozenset[str]) -> bool:
    """Whether a host is a publisher's: in the same domain as its *site*, or with one of its *names*."""
    labels = host.split(".")
    depth = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    domain = ".".join(labels[-depth:])
    return f".{host_of(site)}".endswith(f".{domain}") or any(_strip_name(label) in names for label in labels[:-1])


def name_publisher(site: str | None, organisation: str | None) -> frozenset[str]:
    """The names, without decoration, that accounts and hosts of the publisher may have."""
    names = [organisation or ""]
    if site:
        host = host_of(site)
        labels = host.split(".")
        shared = next((s for s in _SHARED_HOSTS if host == s or host.endswith(f".{s}")), None)
        if shared is None:
            names += [label for label in labels[:-1] if label not in _COMMON_LABELS]
        elif host == shared:
            names += urlsplit(site).path.lstrip("/@").split("/")[:1]
        else:
            names.append(labels[0])
    return frozenset(filter(None, map(_strip_name, names)))


def _name_owner(resource: Resource) -> str | None:
    owner, slash, _ = resource.name.partition("/")
    return _strip_name(owner) if slash and resource.kind is not ResourceKind.PAPER else None


def _strip_name(name: str) -> str:
    """The name in lower case without separators and decoration: google for Google-Research."""
    words = [word for word in _SEPARATORS.split(name.lower()) if word]
    bare = "".join([word for word in words if word not in _DECORATIONS] or words)
    while match := _GLUED.fullmatch(bare):
        bare = match[1]
    return bare
