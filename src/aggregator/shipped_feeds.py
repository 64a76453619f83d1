"""What the shipped feeds.toml said before, and what it cannot follow: an upgrade finds by it which addresses of a home
are old, and the coverage table by which feed an old site is followed, or why by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: By feed key: the addresses that the list had for it before, also of feeds that it has given up.
FORMER_ADDRESSES: Mapping[str, tuple[str, ...]] = {
    "cerebras": ("https://www.cerebras.net/blog/feed/",),
    "google-blog-ai": ("https://blog.google/innovation-and-ai/rss/",),
    "kurly": ("https://helloworld.kurly.com/feed.xml",),
    "meta-ai": ("https://raw.githubusercontent.com/Olshansk/rss-feeds/main/feeds/feed_meta_ai.xml",),
    "microsoft-ai": ("https://blogs.microsoft.com/ai/feed/",),
    "oliveyoung": ("https://oliveyoung.tech/blog/rss.xml",),
    "ridi": ("https://ridicorp.com/story-category/tech-blog/feed",),
    "ruder": ("https://www.ruder.io/rss/index.rss",),
    "socar": ("https://tech.socarcorp.kr/feed.xml",),
    "tensorflow": ("https://blog.tensorflow.org/feeds/posts/default?alt=rss",),
}

#: By the day on which the list got them: the keys of feeds that it did not have from the beginning.
ADDED: Mapping[date, tuple[str, ...]] = {
    date(2026, 11, 29): _words(
        """
        ably ai-weekly anthropic-engineering anthropic-news anthropic-research aws-compute aws-database aws-devops
        channel clova cohere cursor dair-ai data-elixir data-engineering-weekly data-science-weekly
        deep-learning-weekly etsy gangnamunni github-ai groq hamel import-ai interconnects jeongukjae kakaoenterprise
        kt-cloud lablup langchain last-week-in-ai latent-space llamaindex lunit mistral mozilla-ai naver-cloud neptune
        nhn-cloud ollama pycoders pytorch-kr-news qwen remember replicate salesforce-ai samsung shopify ssg
        stanford-sail thinking-machines tldr-ai together uplus upstage
        """
    ),
}

#: By feed key: sites that are now at the site of the feed.
FORMER_SITES: Mapping[str, tuple[str, ...]] = {
    "airbnb": ("https://airbnb.tech/",),
    "cerebras": ("https://www.cerebras.net/",),
    "google-deepmind": ("https://www.deepmind.com/",),
    "google-research": ("https://ai.googleblog.com/", "https://blog.research.google/"),
    "lycorp": ("https://engineering.linecorp.com/ko/",),
    "meta-ai": ("https://ai.facebook.com/",),
    "microsoft-ai": ("https://blogs.microsoft.com/ai/",),
    "nhn-cloud": ("https://meetup.toast.com/",),
    "openai-news": ("https://openai.com/blog/",),
    "remember": ("https://blog.dramancompany.com/",),
    "ruder": ("https://www.ruder.io/",),
    "socar": ("https://tech.socarcorp.kr/",),
}

#: By place, as ``feeds.hosts.name_place`` names it: the site that has its posts now, and that refuses programs or asks
#: its visitors to prove that they are people. What it refuses is not taken: its posts come by hand.
WALLED: Mapping[str, str] = {
    "careersatdoordash.com": "careersatdoordash.com",
    "coupang.jobs": "coupang.jobs",
    "doordash.engineering": "careersatdoordash.com",
    "eng.uber.com": "uber.com",
    "medium.com/coupang-engineering": "coupang.jobs",
    "uber.com": "uber.com",
}
