"""Whether posts are told to be in scope or not by what they say, and not by how much of it is given.

    python bench/scope.py [FEEDS]

FEEDS is a folder of recorded feed documents. Nobody labelled their items, so that whole feeds stand for them: of blogs
about machine learning, and of those about anything else (a few of whose items are about it all the same, and of the
former a few that are not). Items of at least 40 words are guessed with their text and with their title alone, by a
model of the written rows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sklearn.metrics import roc_auc_score

from aggregator.classify.model import SectionModel, fit_model
from aggregator.classify.training import load_shipped_rows
from aggregator.feeds.parse import parse_document
from aggregator.text.content import read_content
from aggregator.text.html import sanitise_html
from aggregator.text.titles import plain_title
from aggregator.types import OUT_OF_SCOPE_FROM, Post

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from world import make_post

RECORDED = Path(__file__).parents[2] / "shared" / "feeds"
ABOUT_IT = [
    *("colah", "keras-blog-rss", "lilianweng", "offconvex", "ruder", "ruder-ghost2", "yang-song", "jxnl", "kubeflow"),
    *("google-developers-ai-generated", "openai-research-generated", "meta-ai-generated", "weaviate-generated"),
    *("kakaoenterprise@2022-09-29", "pytorch-kr"),
]
ABOUT_OTHER_THINGS = [
    *("artificial-truth-atom", "cornucopia-blogger", "google-ads-dev-blog", "google-testing-blog", "slashdot-rdf"),
    *("katiefloyd-squarespace", "natasha-wordpress", "foolcontrol-wordpress", "medium-hodlhodl", "medium-foodinv"),
    *("postgis-hugo", "github-commits-atom", "techcrunch-wordpress", "aws-news-typepad", "pypy-nikola", "research-rsc"),
]
LEAST_WORDS = 40


def main(folder: Path) -> None:
    model = fit_model([row for row in load_shipped_rows() if not row.is_real])
    inside, outside = (read_posts(folder, feeds) for feeds in (ABOUT_IT, ABOUT_OTHER_THINGS))
    print(f"{len(inside)} items of feeds about it, {len(outside)} of others")
    for name, length in (("text", None), ("first 300 characters", 300), ("title alone", 0)):
        of_inside, of_outside = (guess_out(model, cut(posts, length)) for posts in (inside, outside))
        auc = roc_auc_score([0] * len(of_inside) + [1] * len(of_outside), of_inside + of_outside)
        print(
            f"{name:>22}: called out {tell(of_inside)} of feeds about it, {tell(of_outside)} of others; AUC {auc:.3f}"
        )


def read_posts(folder: Path, feeds: Sequence[str]) -> list[Post]:
    posts: dict[str, Post] = {}
    for feed in feeds:
        site = f"https://{feed.partition('@')[0]}.example/"
        for entry in parse_document((folder / f"{feed}.xml").read_bytes(), f"{site}feed").entries:
            content = read_content(sanitise_html(entry.content or entry.summary))
            title, url = plain_title(entry.title), entry.url or site
            if len(content.text.split()) >= LEAST_WORDS:
                posts[url + title] = make_post(len(posts) + 1, title=title, text=content.text, url=url)
    return list(posts.values())


def cut(posts: Sequence[Post], length: int | None) -> list[Post]:
    return [replace(post, text=post.text[:length]) for post in posts]


def guess_out(model: SectionModel, posts: Sequence[Post]) -> list[float]:
    return [guess.out_of_scope for guess in model.guess(posts)]


def tell(guesses: Sequence[float]) -> str:
    return f"{sum(guess >= OUT_OF_SCOPE_FROM for guess in guesses) / len(guesses):4.0%}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else RECORDED)
