"""What the classifier sees of a post: its words in Latin script, its Hangul, and marks for what is not wording.

The usual token pattern of vectorizers drops all Hangul or keeps whole eojeol, which hardly ever repeat; so Hangul goes
through character n-grams and the rest through words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aggregator.types import Kind, Post
from aggregator.urls import host_of

#: Characters of the text that are read; a post says early what it is about.
READ_LIMIT = 1500

_HANGUL_RUN = re.compile(r"[가-힣]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[+#]+|(?:[-.][A-Za-z0-9]+)*)")

# Wording that tells a case from a paper, whatever the subject. Shown to the curator, so each cue has a name.
_CUES = {
    "cue:case": re.compile(
        r"\b(?:how (?:we|\w+) (?:built|use[sd]?|improve[sd]?|scale[sd]?|leverage[sd]?|migrat\w+)|our journey|"
        r"our system|in production|at scale|case study|lessons learned|a/b test\w*)\b|"
        r"도입기|적용기|구축기|개선기|개발기|활용기|전환기|운영기|최적화하기|만들기|사용기|후기",
        re.IGNORECASE,
    ),
    "cue:research": re.compile(
        r"\b(?:we propose|we introduce|novel|state[- ]of[- ]the[- ]art|benchmark|paper|neurips|icml|iclr|cvpr|"
        r"emnlp|acl)\b|논문|학회|제안합니다|벤치마크",
        re.IGNORECASE,
    ),
    "cue:code": re.compile(r"\b(?:open[- ]sourc\w+|library|toolkit|checkpoints?)\b|오픈소스|라이브러리", re.IGNORECASE),
    "cue:aws": re.compile(
        r"\b(?:sagemaker|bedrock|inferentia|trainium|rekognition|comprehend|textract|kendra|amazon personalize|"
        r"amazon forecast|aws)\b|세이지메이커|베드락|아마존",
        re.IGNORECASE,
    ),
    "cue:hiring": re.compile(r"\b(?:hiring|join us|internship|career)\b|채용|인턴|입사", re.IGNORECASE),
    "cue:event": re.compile(
        r"\b(?:webinar|register now|meetup|hackathon|re:invent|summit)\b|웨비나|세미나|행사|해커톤|컨퍼런스|밋업",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A post as the vectorizers read it: three texts of space-separated pieces."""

    words: str
    hangul: str
    marks: str


def describe(
    *, title: str, text: str, host: str, organisation: str | None, tags: Sequence[str] = (), aws_blog: bool = False
) -> Document:
    """Take a post apart. The title is read twice, for it says most."""
    wording = " ".join((title, title, text[:READ_LIMIT], *tags))
    marks = [f"host:{host}", f"org:{'_'.join((organisation or 'none').lower().split())}"]
    marks += [name for name, cue in _CUES.items() if cue.search(wording)]
    if aws_blog:
        marks += ["aws-blog"] * 2
    return Document(
        words=" ".join(_WORD.findall(wording)).lower(),
        hangul=" ".join(_HANGUL_RUN.findall(wording)),
        marks=" ".join(marks),
    )


def describe_post(post: Post) -> Document:
    return describe(
        title=post.title,
        text=post.text,
        host=host_of(post.url),
        organisation=post.organisation,
        tags=post.tags,
        aws_blog=is_aws_blog(post),
    )


def is_aws_blog(post: Post) -> bool:
    """Whether AWS itself publishes the post; only then can it belong to part 3."""
    return post.kind is Kind.AWS or host_of(post.url) == "aws.amazon.com"
