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

# Wording that tells the part or the topic whatever the subject, in both languages. The names are what the model weighs.
_CUES = {
    "cue:case": (
        r"\b(?:how (?:we|\w+) (?:built|build|use[sd]?|improve[sd]?|scale[sd]?|leverage[sd]?|cut|detect\w*|migrat\w+)|"
        r"our journey|our system|in production|at scale|case study|lessons learned|a/b test\w*)\b|"
        r"(?:도입|적용|구축|개선|개발|활용|전환|운영|개편|이전|고도화|자동화|최적화|제작|경험|사용)기|후기|만들기|줄이기|하기까지"
    ),
    "cue:research": (
        r"\b(?:we propose|we introduce|we present|novel|state[- ]of[- ]the[- ]art|benchmark|paper|neurips|icml|iclr|"
        r"cvpr|iccv|emnlp|acl|arxiv)\b|논문|학회|제안합니다|벤치마크"
    ),
    "cue:code": r"\b(?:open[- ]sourc\w+|library|toolkit|checkpoints?)\b|오픈소스|라이브러리",
    "cue:aws": (
        r"\b(?:sagemaker|bedrock|inferentia|trainium|rekognition|comprehend|textract|kendra|amazon personalize|"
        r"amazon forecast|aws)\b|세이지메이커|베드락|아마존"
    ),
    "cue:hiring": r"\b(?:hiring|join us|internship|career)\b|채용|인턴|입사",
    "cue:event": (
        r"\b(?:webinar|register now|meetup|hackathon|re:invent|summit)\b|"
        r"웨비나|세미나|행사|해커톤|컨퍼런스|밋업|데이 20"
    ),
    "cue:app": (
        r"\b(?:ios|android|swift(?:ui)?|kotlin|react|vue|typescript|css|spring|jvm|mysql|redis|graphql|rust|golang)\b|"
        r"프론트엔드|안드로이드|백엔드|디자인 시스템|코루틴|트랜잭션"
    ),
    "cue:cv": (
        r"\b(?:images?|video|visual|vision|ocr|segmentation|object detection|diffusion|3d|nerf|depth|cameras?|photos?|"
        r"pixels?|gans?|clip|yolo|faces?)\b|이미지|영상|비디오|사진|카메라|시각|객체 (?:검출|탐지)|얼굴|문자 인식"
    ),
    "cue:nlp": (
        r"\b(?:language models?|llms?|gpt\S*|bert\S*|nlp|chatbots?|text|translation|summari[sz]\w+|question answering|"
        r"dialog\w*|conversation\w*|speech|prompt\w*|rag|retrieval[- ]augmented|tokeniz\w+|rlhf|agents?|transcri\w+)\b|"
        r"언어 ?모델|챗봇|번역|요약|질의응답|대화|음성|프롬프트|자연어|텍스트|형태소|상담|문서"
    ),
    "cue:recsys": (
        r"\b(?:recommend\w*|rank(?:ing|er|ers)?|personali[sz]\w+|ctr|click\S*|ads?|advertis\w+|bidding|fraud|anomal\w+|"
        r"forecast\w*|time[- ]series|tabular|graphs?|causal|experiment(?:s|ation)?|a/b|churn|pricing|reinforcement|"
        r"proteins?|search relevance|embeddings?|users?)\b|"
        r"추천|랭킹|개인화|광고|클릭|이상 ?(?:거래|탐지)|수요|예측|시계열|그래프|인과|실험|이탈|강화 ?학습|사용자"
    ),
    "cue:mlops": (
        r"\b(?:mlops|serving|inference|latency|throughput|gpus?|tpus?|distributed|training|train|kubernetes|kubeflow|"
        r"airflow|pipelines?|feature store|deploy\w*|quanti[sz]\w+|monitoring|registry|orchestrat\w+|cluster|cuda|"
        r"triton|vllm|compil\w+|platform|endpoints?|cost)\b|"
        r"서빙|추론|지연|분산|쿠버네티스|파이프라인|피처 ?스토어|배포|양자화|모니터링|클러스터|플랫폼|비용|학습"
    ),
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _CUES.items()}
#: A cue counts as often as it is found, up to this.
_MOST_CUES = 3


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
    marks = [f"host:{host}"]
    if organisation:
        marks += ["organisation", f"org:{'_'.join(organisation.lower().split())}"]
    for name, pattern in _PATTERNS.items():
        marks += [name] * min(len(pattern.findall(wording)), _MOST_CUES)
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
