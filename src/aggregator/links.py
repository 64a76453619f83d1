"""Which of a post's links are resources: code, checkpoints, data sets, notebooks, demos, papers, packages. Pure.

A rule stands here only where the address alone says what lies behind it. A person's or an organisation's page, a
search, an issue or a page about a service is no resource, and neither is the software that a blog is made with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from aggregator.types import Resource, ResourceKind
from aggregator.urls import host_of


class _Place(NamedTuple):
    """An address in the parts that the rules look at."""

    url: str
    host: str
    #: Of the path, decoded.
    folders: tuple[str, ...]
    query: str


_Rule = Callable[[_Place], Resource | None]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[\w.~-]+", re.ASCII)
_IMAGE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|mp4|webm)$", re.IGNORECASE)

# First folders of github.com that are pages of the service.
_GITHUB_PAGES = _words(
    """about account apps articles blog codespaces collections contact copilot customer-stories dashboard discussions
    edu education enterprise events explore features gist git-guides issues join login marketplace mobile new nonprofit
    notifications open-source organizations orgs premium-support pricing pulls readme resources search security
    sessions settings site solutions sponsors stars team topics trending users why-github"""
)
# Parts of a repository in which people talk about it. "edit" is how a site asks for corrections of itself.
_TALK = _words(
    """actions activity commit commits community compare contributors discussions edit forks graphs issues labels
    merge_requests milestones network new projects pull pull-requests pulls pulse security sponsors stargazers
    subscription watchers"""
)
# The software that blogs are made with, which stands at the foot of their pages.
_MAKERS = _words(
    """adityatelange alshedivat barryclark cotes2020 getnikola getpelican getzola gohugoio hexojs hydejack jekyll
    luizdepra mmistakes poole squidfunk tryghost wowchemy"""
)
_THEME = re.compile(r"(?:hugo|jekyll|hexo|ghost|gatsby|pelican|nikola|zola)-.+|.+-theme|theme-.+")
# What a site calls the repository of its own pages.
_SITE = re.compile(r"(?:.+\.)?(?:github|gitlab)\.io|blog|website|homepage|www|tech-?blog|.+\.(?:com|org|dev|kr)")

_HUB_PAGES = _words(
    """api autotrain blog brand changelog chat collections course datasets docs enterprise hardware hub inference
    inference-api inference-endpoints join landing learn login models new nlp organizations papers posts pricing privacy
    search settings shop spaces storage support tasks terms-of-service transformers welcome"""
)
# Checkpoints that stand at Hugging Face without an owner.
_OLD_CHECKPOINT = re.compile(
    r"(?:albert|bert|camembert|ctrl|distilbert|distilgpt2|distilroberta|gpt2|openai-gpt|roberta|t5|transfo-xl|xlm|xlnet)"
    r"(?:-.+)?"
)

_ARXIV_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?:\.pdf|\.ps|\.ps\.gz)?", re.IGNORECASE)
_ACL_ID = re.compile(r"([A-Z]\d{2}-\d{4,5}|\d{4}\.[\w-]+\.\d+)(?:v\d+)?(?:\.pdf|\.bib)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d{1,9}){0,3}/[^\s?#]+")


def find_resources(
    links: Iterable[str], *, site: str | None = None, organisation: str | None = None
) -> tuple[Resource, ...]:
    """The resources among the links of a post, each once, in the order of the links.

    *site* is an address of the publisher and *organisation* its name: what belongs to an owner of such a name is the
    publisher's own.
    """
    found: dict[tuple[ResourceKind, str, str], Resource] = {}
    for link in links:
        if resource := find_resource(link):
            found.setdefault((resource.kind, host_of(resource.url), resource.name), resource)
    if not found:
        return ()
    names = _name_publisher(site, organisation)
    return tuple(replace(r, is_own=True) if _name_owner(r) in names else r for r in found.values())


def find_resource(link: str) -> Resource | None:
    """The resource that an address leads to."""
    try:
        host, parts = host_of(link), urlsplit(link)
    except ValueError:
        return None
    rule = _RULES.get(host) or _find_family(host, link)
    if rule is None:
        return None
    folders = tuple(unquote(folder) for folder in parts.path.split("/") if folder)
    place = _Place(link, host, folders, parts.query)
    return None if _IMAGE.search(parts.path) else rule(place)


# --- whose it is ------------------------------------------------------------------------------------------------------

_SEPARATORS = re.compile(r"[\W_]+")
# What stands beside the name of an organisation in the names of its accounts and hosts.
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
# Hosts that many people publish under: what tells them apart stands before, or in the first folder.
_SHARED_HOSTS = _words(
    """blog.naver.com blogspot.com brunch.co.kr dev.to github.io gitlab.io hashnode.dev medium.com netlify.app pages.dev
    substack.com tistory.com velog.io vercel.app wordpress.com"""
)


def _name_publisher(site: str | None, organisation: str | None) -> frozenset[str]:
    """The names, bare of decoration, that accounts of the publisher may have."""
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
    """The name without case, separators, and what accounts add to it: google of Google-Research."""
    words = [word for word in _SEPARATORS.split(name.lower()) if word]
    bare = "".join([word for word in words if word not in _DECORATIONS] or words)
    while match := _GLUED.fullmatch(bare):
        bare = match[1]
    return bare


# --- code -------------------------------------------------------------------------------------------------------------


def _read_github(place: _Place) -> Resource | None:
    return _read_repository(place, "github.com") if place.folders[:1] and _first(place) not in _GITHUB_PAGES else None


def _read_repository(place: _Place, host: str, length: int = 2) -> Resource | None:
    """A repository is named by its first folders; what is deeper is a part of it, or talk about it."""
    named, rest = place.folders[:length], [folder for folder in place.folders[length:] if folder != "-"]
    if len(named) < 2 or not all(map(_WORD.fullmatch, named)):
        return None
    owner, repository = "/".join(named[:-1]), named[-1].removesuffix(".git")
    low = repository.lower()
    if (rest and rest[0].lower() in _TALK) or owner.lower() in _MAKERS or _THEME.fullmatch(low) or _SITE.fullmatch(low):
        return None
    if found := _read_notebook_file(place, owner, repository, rest):
        return found
    return Resource(ResourceKind.CODE, f"https://{host}/{owner}/{repository}", f"{owner}/{repository}".lower())


def _read_raw(place: _Place) -> Resource | None:
    """raw.githubusercontent.com/owner/repository/branch/path."""
    return _read_repository(place, "github.com")


def _read_gist(place: _Place) -> Resource | None:
    gist = next((folder for folder in place.folders[:2] if re.fullmatch(r"[0-9a-f]{20,32}|\d+", folder)), None)
    return Resource(ResourceKind.CODE, f"https://gist.github.com/{gist}", f"gist:{gist}") if gist else None


def _read_gitlab(place: _Place) -> Resource | None:
    """Projects lie in groups of groups; what is no longer the project follows a folder named "-"."""
    folders = place.folders
    if _first(place) in {"explore", "users", "help", "groups", "search", "dashboard", "projects"}:
        return None
    end = next((n for n, f in enumerate(folders) if n > 1 and f in {"-", "blob", "tree", "raw"} | _TALK), len(folders))
    return _read_repository(place, place.host, end)


def _read_forge(place: _Place) -> Resource | None:
    """Bitbucket, Codeberg, Gitee, SourceHut."""
    reserved = {"about", "account", "assets", "blog", "dashboard", "explore", "login", "product", "search", "support"}
    return None if _first(place) in reserved else _read_repository(place, place.host)


def _read_sourceforge(place: _Place) -> Resource | None:
    return _make(ResourceKind.CODE, place, "projects", "p")


def _read_google_code(place: _Place) -> Resource | None:
    return _make(ResourceKind.CODE, place, "p", "archive/p")


# --- checkpoints, data sets, notebooks, demos -------------------------------------------------------------------------


def _read_hugging_face(place: _Place) -> Resource | None:
    first, folders = _first(place), place.folders
    if first == "papers" and len(folders) > 1 and (match := _ARXIV_ID.fullmatch(folders[1])):
        return _cite_arxiv(match[1])
    if first in {"datasets", "spaces"}:
        kind = ResourceKind.DATASET if first == "datasets" else ResourceKind.DEMO
        return _read_hub_page(kind, folders[1:], f"https://huggingface.co/{first}/", owned=first == "spaces")
    if not folders or first in _HUB_PAGES:
        return None
    return _read_hub_page(ResourceKind.CHECKPOINT, folders, "https://huggingface.co/", owned=True)


def _read_hub_page(kind: ResourceKind, folders: tuple[str, ...], base: str, *, owned: bool) -> Resource | None:
    if not folders or not all(map(_WORD.fullmatch, folders[:2])):
        return None
    if len(folders) > 2 and folders[2] in {"discussions", "commit", "commits"}:
        return None
    is_bare = len(folders) == 1 or folders[1] in {"tree", "blob", "resolve", "viewer", "raw"}
    if is_bare and owned and not _OLD_CHECKPOINT.fullmatch(folders[0]):
        return None
    path = folders[0] if is_bare else "/".join(folders[:2])
    return Resource(kind, base + path, path.lower())


def _read_kaggle(place: _Place) -> Resource | None:
    return (
        _make(ResourceKind.DATASET, place, "datasets", length=2)
        or _make(ResourceKind.DATASET, place, "c", "competitions")
        or _make(ResourceKind.CHECKPOINT, place, "models", length=2)
        or _make(ResourceKind.NOTEBOOK, place, "code", "kernels", "notebooks", length=2)
    )


def _read_tf_hub(place: _Place) -> Resource | None:
    if len(place.folders) < 2 or _first(place) == "s":
        return None
    name = "/".join(f for f in place.folders if not f.isdecimal()).lower()
    return Resource(ResourceKind.CHECKPOINT, f"https://tfhub.dev/{name}", name)


def _read_pytorch_hub(place: _Place) -> Resource | None:
    found = _make(ResourceKind.CHECKPOINT, place, "hub")
    return None if found and found.name == "research-models" else found


def _read_modelscope(place: _Place) -> Resource | None:
    return (
        _make(ResourceKind.CHECKPOINT, place, "models", length=2)
        or _make(ResourceKind.DATASET, place, "datasets", length=2)
        or _make(ResourceKind.DEMO, place, "studios", length=2)
    )


def _read_ngc(place: _Place) -> Resource | None:
    """…/orgs/nvidia/teams/nemo/models/megatron, and …/catalog/models/nvidia:nemo:megatron before."""
    for before, folder in zip(place.folders, place.folders[1:], strict=False):
        if before == "models":
            return Resource(ResourceKind.CHECKPOINT, place.url, folder.rpartition(":")[2].lower())
    return None


def _read_ollama(place: _Place) -> Resource | None:
    folders = [folder.partition(":")[0].lower() for folder in place.folders[:2]]
    if len(folders) < 2 or folders[0] in {"blog", "docs", "download", "search", "models", "settings", "public"}:
        return None
    return Resource(ResourceKind.CHECKPOINT, f"https://ollama.com/{'/'.join(folders)}", "/".join(folders))


def _read_zenodo(place: _Place) -> Resource | None:
    if match := re.search(r"(?:records?/|zenodo\.)(\d+)", "/".join(place.folders)):
        return Resource(ResourceKind.DATASET, f"https://zenodo.org/records/{match[1]}", f"zenodo:{match[1]}")
    return None


def _read_openml(place: _Place) -> Resource | None:
    asked = parse_qs(place.query)
    number = asked.get("id", [""])[0] if asked.get("type") == ["data"] else ""
    if match := re.fullmatch(r"(?:d|data)/(\d+)", "/".join(place.folders)):
        number = match[1]
    return Resource(ResourceKind.DATASET, f"https://www.openml.org/d/{number}", f"openml:{number}") if number else None


def _read_data_archive(place: _Place) -> Resource | None:
    """Archives in which every page below one folder is a data set: UCI, figshare, PhysioNet, Mendeley, AWS, AI Hub."""
    path = "/".join(place.folders)
    if place.host == "aihub.or.kr":
        number = parse_qs(place.query).get("dataSetSn", [""])[0]
        return Resource(ResourceKind.DATASET, place.url, f"aihub:{number}") if number.isdecimal() else None
    if match := re.fullmatch(r"(?:ml/datasets|dataset|datasets|articles/dataset|content)/(.+)", path):
        return Resource(ResourceKind.DATASET, place.url, f"{place.host}:{match[1]}".lower())
    if place.host == "registry.opendata.aws" and len(place.folders) == 1:
        return Resource(ResourceKind.DATASET, place.url, f"{place.host}:{path}".lower())
    return None


def _read_colab(place: _Place) -> Resource | None:
    first, rest = _first(place), place.folders[1:]
    if first == "github" and len(rest) > 3:
        return _read_notebook_file(place, rest[0], rest[1], list(rest[2:]))
    if first in {"drive", "gist"} and rest:
        name = rest[0] if first == "drive" else rest[min(1, len(rest) - 1)]
        return Resource(ResourceKind.NOTEBOOK, place.url, f"colab:{name}")
    return None


def _read_viewer(place: _Place) -> Resource | None:
    """nbviewer (/github/owner/repository/blob/…), Binder (/v2/gh/…) and Studio Lab (/import/github/…)."""
    folders = place.folders
    for n, folder in enumerate(folders[:3]):
        if folder in {"github", "gh"} and len(folders) > n + 2:
            owner, repository, rest = folders[n + 1], folders[n + 2], list(folders[n + 3 :])
            name = f"{owner}/{repository}".lower()
            found = _read_notebook_file(place, owner, repository, rest)
            return found or Resource(ResourceKind.NOTEBOOK, place.url, name)
    return None


def _read_notebook_file(
    place: _Place, owner: str | None = None, repository: str | None = None, rest: list[str] | None = None
) -> Resource | None:
    """A file .ipynb: by its place in the repository, whatever the branch and whoever shows it."""
    if not place.folders or not place.folders[-1].lower().endswith(".ipynb"):
        return None
    if owner is None or repository is None or rest is None:
        return Resource(ResourceKind.NOTEBOOK, place.url, f"{place.host}/{'/'.join(place.folders)}")
    path = rest[2:] if rest and rest[0] in {"blob", "tree", "raw", "edit"} else rest[1:]
    return Resource(ResourceKind.NOTEBOOK, place.url, f"{owner}/{repository}".lower() + "/" + "/".join(path))


def _read_replicate(place: _Place) -> Resource | None:
    pages = {"about", "blog", "changelog", "collections", "docs", "explore", "guides", "home", "pricing", "signin"}
    if len(place.folders) < 2 or _first(place) in pages:
        return None
    name = "/".join(place.folders[:2]).lower()
    return Resource(ResourceKind.DEMO, f"https://replicate.com/{name}", name)


def _read_app(place: _Place) -> Resource | None:
    """Hosts that are one demo each: *.hf.space, *.gradio.live, *.streamlit.app."""
    return Resource(ResourceKind.DEMO, place.url, place.host)


# --- papers -----------------------------------------------------------------------------------------------------------


def _cite_arxiv(number: str) -> Resource:
    number = number.lower()
    return Resource(ResourceKind.PAPER, f"https://arxiv.org/abs/{number}", number)


def _cite_acl(number: str) -> Resource:
    number = number.upper() if "." not in number else number.lower()
    return Resource(ResourceKind.PAPER, f"https://aclanthology.org/{number}", number)


def _cite_doi(doi: str) -> Resource | None:
    """What a DOI stands for: preprints at arXiv, papers of ACL and records at Zenodo have names of their own."""
    if (match := re.match(r"10\.48550/arxiv\.(.+)", doi, re.IGNORECASE)) and (number := _ARXIV_ID.fullmatch(match[1])):
        return _cite_arxiv(number[1])
    if (match := re.match(r"10\.(?:18653|3115)/v1/(.+)", doi)) and (number := _ACL_ID.fullmatch(match[1])):
        return _cite_acl(number[1])
    if match := re.match(r"10\.5281/zenodo\.(\d+)", doi, re.IGNORECASE):
        return Resource(ResourceKind.DATASET, f"https://zenodo.org/records/{match[1]}", f"zenodo:{match[1]}")
    doi = doi.lower().rstrip(".,;")
    return Resource(ResourceKind.PAPER, f"https://doi.org/{doi}", doi)


def _read_arxiv(place: _Place) -> Resource | None:
    """arxiv.org/abs/…, /pdf/…, /html/…, and those who show its papers in another dress under the same numbers."""
    if _first(place) in {"abs", "pdf", "html", "format", "ps", "papers", "e-print", "overview", "src"}:
        match = _ARXIV_ID.fullmatch("/".join(place.folders[1:3])) or _ARXIV_ID.fullmatch("/".join(place.folders[1:2]))
        return _cite_arxiv(match[1]) if match else None
    return None


def _read_acl(place: _Place) -> Resource | None:
    folders = place.folders[1:] if _first(place) == "anthology" else place.folders
    if place.host.endswith("aclweb.org") and _first(place) != "anthology":
        return None
    match = _ACL_ID.fullmatch(folders[-1]) if folders and folders[0] not in {"attachments", "events"} else None
    return _cite_acl(match[1]) if match else None


def _read_doi(place: _Place) -> Resource | None:
    """doi.org/10.…, and publishers who write the DOI into the path."""
    match = _DOI.search("/".join(place.folders))
    if match is None:
        return None
    doi = match[0].removesuffix(".pdf")
    return _cite_doi(re.sub(r"v\d+$", "", doi) if place.host == "biorxiv.org" else doi)


def _read_open_review(place: _Place) -> Resource | None:
    number = parse_qs(place.query).get("id", [""])[0]
    if _first(place) not in {"forum", "pdf", "references", "attachment"} or not _WORD.fullmatch(number):
        return None
    return Resource(ResourceKind.PAPER, f"https://openreview.net/forum?id={number}", number)


def _read_neurips(place: _Place) -> Resource | None:
    """/paper/5021-title.pdf until 2018, /paper_files/paper/2013/hash/9aa42b…-Abstract.html since."""
    if not _first(place).startswith("paper"):
        return None
    match = re.match(r"(\d{3,5})-|([0-9a-f]{32})(?:-|$)", place.folders[-1])
    return Resource(ResourceKind.PAPER, place.url, f"neurips:{match[1] or match[2]}") if match else None


def _read_journal(place: _Place) -> Resource | None:
    """PMLR (/v119/bras20a.html, /v119/bras20a/bras20a.pdf) and JMLR (/papers/v20/18-123.html, /papers/volume20/…)."""
    path = "/".join(place.folders)
    if match := re.match(r"(?:papers/)?v(?:olume)?(\d+)/([\w-]+)", path):
        journal = "jmlr" if place.host == "jmlr.org" else "pmlr"
        return Resource(ResourceKind.PAPER, place.url, f"{journal}:v{match[1]}/{match[2].lower()}")
    return None


def _read_cvf(place: _Place) -> Resource | None:
    match = re.fullmatch(r"(.+?)(?:_paper)?\.(?:html|pdf)", place.folders[-1]) if len(place.folders) > 2 else None
    return Resource(ResourceKind.PAPER, place.url, f"cvf:{match[1].lower()}") if match else None


def _read_semantic_scholar(place: _Place) -> Resource | None:
    match = re.search(r"([0-9a-f]{4})/?([0-9a-f]{36})(?:\.pdf)?$", "/".join(place.folders))
    if match is None:
        return None
    return Resource(ResourceKind.PAPER, place.url, f"s2:{match[1]}{match[2]}")


def _read_papers_with_code(place: _Place) -> Resource | None:
    return _make(ResourceKind.PAPER, place, "paper") or _make(ResourceKind.DATASET, place, "dataset")


def _read_nature(place: _Place) -> Resource | None:
    """Papers; what begins with d is the journal's news."""
    found = _make(ResourceKind.PAPER, place, "articles")
    if found is None or found.name.startswith("d"):
        return None
    return _cite_doi(f"10.1038/{found.name.removesuffix('.pdf')}")


def _read_library(place: _Place) -> Resource | None:
    """IEEE Xplore (/document/123) and Amazon Science (/publications/title)."""
    return _make(ResourceKind.PAPER, place, "document", "publications")


# --- packages ---------------------------------------------------------------------------------------------------------


def _read_pypi(place: _Place) -> Resource | None:
    found = _make(ResourceKind.PACKAGE, place, "project", "pypi", "simple")
    if found is None:
        return None
    # PEP 503.
    name = re.sub(r"[-_.]+", "-", found.name)
    return replace(found, name=name, url=f"https://pypi.org/project/{name}/")


def _read_registry(place: _Place) -> Resource | None:
    """crates.io/crates/…, anaconda.org/conda-forge/…, npmjs.com/package/@scope/…, cran.r-project.org/package=…"""
    first, folders = _first(place), place.folders
    if place.host == "npmjs.com" and len(folders) > 2 and folders[1].startswith("@"):
        name = "/".join(folders[1:3]).lower()
        return Resource(ResourceKind.PACKAGE, f"https://www.npmjs.com/package/{name}", name)
    if place.host == "anaconda.org":
        return _make(ResourceKind.PACKAGE, place, first) if first in {"conda-forge", "anaconda", "pytorch"} else None
    if first.startswith("package="):
        return Resource(ResourceKind.PACKAGE, place.url, first.removeprefix("package="))
    return _make(ResourceKind.PACKAGE, place, "crates", "package", "web/packages")


# --- which rule -------------------------------------------------------------------------------------------------------


def _first(place: _Place) -> str:
    return place.folders[0].lower() if place.folders else ""


def _make(kind: ResourceKind, place: _Place, *roots: str, length: int = 1) -> Resource | None:
    """The resource that the *length* folders below one of the roots name."""
    for root in roots:
        above = root.split("/")
        below = place.folders[len(above) : len(above) + length]
        if [f.lower() for f in place.folders[: len(above)]] == above and len(below) == length:
            host = urlsplit(place.url).netloc
            return Resource(kind, f"https://{host}/{root}/{'/'.join(below)}", "/".join(below).lower())
    return None


_RULES: dict[str, _Rule] = {
    host: rule
    for rule, hosts in {
        _read_github: "github.com",
        _read_raw: "raw.githubusercontent.com",
        _read_gist: "gist.github.com gist.githubusercontent.com",
        _read_gitlab: "gitlab.com",
        _read_forge: "bitbucket.org codeberg.org gitee.com git.sr.ht",
        _read_sourceforge: "sourceforge.net",
        _read_google_code: "code.google.com",
        _read_hugging_face: "huggingface.co hf.co",
        _read_kaggle: "kaggle.com",
        _read_tf_hub: "tfhub.dev",
        _read_pytorch_hub: "pytorch.org",
        _read_modelscope: "modelscope.cn modelscope.ai",
        _read_ngc: "catalog.ngc.nvidia.com ngc.nvidia.com",
        _read_ollama: "ollama.com ollama.ai",
        _read_zenodo: "zenodo.org",
        _read_openml: "openml.org",
        _read_data_archive: (
            "archive.ics.uci.edu figshare.com physionet.org data.mendeley.com registry.opendata.aws aihub.or.kr"
        ),
        _read_colab: "colab.research.google.com colab.google.com",
        _read_viewer: "nbviewer.org nbviewer.jupyter.org nbviewer.ipython.org mybinder.org studiolab.sagemaker.aws",
        _read_replicate: "replicate.com",
        _read_arxiv: (
            "arxiv.org export.arxiv.org browse.arxiv.org ar5iv.org ar5iv.labs.arxiv.org alphaxiv.org arxiv-vanity.com"
        ),
        _read_acl: "aclanthology.org aclweb.org aclanthology.info",
        _read_doi: "doi.org dx.doi.org doi.acm.org dl.acm.org link.springer.com onlinelibrary.wiley.com biorxiv.org",
        _read_open_review: "openreview.net",
        _read_neurips: "papers.nips.cc papers.neurips.cc proceedings.neurips.cc",
        _read_journal: "proceedings.mlr.press jmlr.org",
        _read_cvf: "openaccess.thecvf.com cv-foundation.org",
        _read_semantic_scholar: "semanticscholar.org pdfs.semanticscholar.org",
        _read_papers_with_code: "paperswithcode.com",
        _read_nature: "nature.com",
        _read_library: "ieeexplore.ieee.org amazon.science",
        _read_pypi: "pypi.org pypi.python.org",
        _read_registry: "crates.io anaconda.org npmjs.com cran.r-project.org",
    }.items()
    for host in hosts.split()
}


def _find_family(host: str, link: str) -> _Rule | None:
    if host.startswith("gitlab."):
        return _read_gitlab
    if host.endswith((".hf.space", ".gradio.live", ".gradio.app", ".streamlit.app")):
        return _read_app
    if "/doi/" in link:
        return _read_doi
    return _read_notebook_file if ".ipynb" in link else None
