"""Which links are resources, what they are called, and whose they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.addresses.resources import find_resource, find_resources
from aggregator.feeds.parse import parse_document
from aggregator.text.content import read_content
from aggregator.text.html import sanitise_html
from aggregator.types import ResourceKind


@pytest.mark.parametrize(
    ("link", "kind", "name"),
    [
        ("https://github.com/Dao-AILab/flash-attention", "code", "dao-ailab/flash-attention"),
        ("http://www.github.com/dao-ailab/Flash-Attention.git", "code", "dao-ailab/flash-attention"),
        ("https://github.com/kubeflow/trainer/tree/master/examples#readme", "code", "kubeflow/trainer"),
        ("https://github.com/kubeflow/trainer/releases/tag/v2.1.0", "code", "kubeflow/trainer"),
        ("https://raw.githubusercontent.com/kubeflow/trainer/master/README.md", "code", "kubeflow/trainer"),
        ("https://gist.github.com/tekknolagi/4425b28d5267e7bae8b0d7ef8fb4a671", "code", "gist:4425b28d5267e7bae8b0d7ef8fb4a671"),
        ("https://gist.github.com/4425b28d5267e7bae8b0d7ef8fb4a671", "code", "gist:4425b28d5267e7bae8b0d7ef8fb4a671"),
        ("https://gitlab.com/group/subgroup/project/-/tree/main", "code", "group/subgroup/project"),
        ("https://gitlab.inria.fr/Spirals/breaking-bad", "code", "spirals/breaking-bad"),
        ("https://code.google.com/p/word2vec/", "code", "word2vec"),
        ("https://huggingface.co/gradientai/Llama-3-8B-Instruct", "checkpoint", "gradientai/llama-3-8b-instruct"),
        ("https://huggingface.co/gradientai/Llama-3-8B-Instruct/tree/main", "checkpoint", "gradientai/llama-3-8b-instruct"),
        ("https://hf.co/bert-base-uncased", "checkpoint", "bert-base-uncased"),
        ("https://huggingface.co/bert-base-uncased/blob/main/config.json", "checkpoint", "bert-base-uncased"),
        ("https://www.kaggle.com/models/google/gemma", "checkpoint", "google/gemma"),
        ("https://huggingface.co/datasets/squad", "dataset", "squad"),
        ("https://huggingface.co/datasets/squad/viewer/plain_text", "dataset", "squad"),
        ("https://huggingface.co/datasets/HAERAE-HUB/KMMLU", "dataset", "haerae-hub/kmmlu"),
        ("https://www.kaggle.com/datasets/zillow/zecon", "dataset", "zillow/zecon"),
        ("https://www.kaggle.com/c/dogs-vs-cats/data", "dataset", "dogs-vs-cats"),
        ("https://zenodo.org/record/1212303", "dataset", "zenodo:1212303"),
        ("https://doi.org/10.5281/zenodo.1212303", "dataset", "zenodo:1212303"),
        ("https://colab.research.google.com/drive/1dRR_0gNRmfLtPavX2APzUggBuXyjWW55?usp=sharing", "notebook", "colab:1drr_0gnrmfltpavx2apzuggbuxyjww55"),
        ("https://github.com/google/patents/blob/master/examples/sets.ipynb", "notebook", "google/patents/examples/sets.ipynb"),
        ("https://colab.research.google.com/github/google/patents/blob/main/examples/sets.ipynb", "notebook", "google/patents/examples/sets.ipynb"),
        ("https://nbviewer.org/github/google/patents/blob/main/examples/sets.ipynb", "notebook", "google/patents/examples/sets.ipynb"),
        ("https://www.kaggle.com/code/owner/eda", "notebook", "owner/eda"),
        ("https://lab.example/files/a/first.ipynb", "notebook", "lab.example/files/a/first.ipynb"),
        ("https://huggingface.co/spaces/owner/Demo", "demo", "owner/demo"),
        ("https://owner-demo.hf.space/", "demo", "owner-demo.hf.space"),
        ("https://owner-demo.streamlit.app/", "demo", "owner-demo.streamlit.app"),
        ("https://arxiv.org/abs/2301.01234v2", "paper", "2301.01234"),
        ("http://arxiv.org/pdf/2301.01234.pdf", "paper", "2301.01234"),
        ("https://export.arxiv.org/abs/2301.01234", "paper", "2301.01234"),
        ("https://ar5iv.labs.arxiv.org/html/2301.01234", "paper", "2301.01234"),
        ("https://huggingface.co/papers/2301.01234", "paper", "2301.01234"),
        ("https://doi.org/10.48550/arXiv.2301.01234", "paper", "2301.01234"),
        ("https://arxiv.org/abs/cs.CL/0101010", "paper", "cs.cl/0101010"),
        ("https://openreview.net/forum?id=S1eZYeHFDS&noteId=x", "paper", "s1ezyehfds"),
        ("https://openreview.net/pdf?id=S1eZYeHFDS", "paper", "s1ezyehfds"),
        ("https://www.aclweb.org/anthology/N19-1423/", "paper", "n19-1423"),
        ("http://aclweb.org/anthology/D/D17/D17-1004.pdf", "paper", "d17-1004"),
        ("https://aclanthology.org/2020.acl-main.195.pdf", "paper", "2020.acl-main.195"),
        ("https://doi.org/10.18653/v1/D15-1041", "paper", "d15-1041"),
        ("https://dl.acm.org/doi/pdf/10.1145/3649837", "paper", "10.1145/3649837"),
        ("http://dx.doi.org/10.1145/3649837", "paper", "10.1145/3649837"),
        ("https://journals.sagepub.com/doi/10.1068/a44674", "paper", "10.1068/a44674"),
        ("https://www.biorxiv.org/content/10.1101/704874v2", "paper", "10.1101/704874"),
        ("https://www.biorxiv.org/content/10.1101/704874v1.full", "paper", "10.1101/704874"),
        ("https://www.nature.com/articles/s41586-019-1335-8", "paper", "10.1038/s41586-019-1335-8"),
        ("https://papers.nips.cc/paper/5021-distributed-representations.pdf", "paper", "neurips:5021"),
        ("https://proceedings.neurips.cc/paper_files/paper/2013/hash/9aa42b31882ec039965f3c4923ce901b-Abstract.html", "paper", "neurips:9aa42b31882ec039965f3c4923ce901b"),
        ("http://proceedings.mlr.press/v119/bras20a/bras20a.pdf", "paper", "pmlr:v119/bras20a"),
        ("http://www.jmlr.org/papers/volume17/15-239/source/15-239.pdf", "paper", "jmlr:v17/15-239"),
        ("https://openaccess.thecvf.com/content_CVPR_2020/html/He_Momentum_CVPR_2020_paper.html", "paper", "cvf:he_momentum_cvpr_2020"),
        ("https://openaccess.thecvf.com/content_CVPR_2020/papers/He_Momentum_CVPR_2020_paper.pdf", "paper", "cvf:he_momentum_cvpr_2020"),
        ("https://pdfs.semanticscholar.org/f08f/269b715c31bfa02dc4df31f5561fd74222f0.pdf", "paper", "s2:f08f269b715c31bfa02dc4df31f5561fd74222f0"),
        ("https://pypi.org/project/Sentence-Transformers/2.2.0/", "package", "sentence-transformers"),
    ],
)  # fmt: skip
def test_a_resource_is_found_under_one_name(link: str, kind: str, name: str) -> None:
    resource = find_resource(link)
    assert resource is not None
    assert (resource.kind, resource.name) == (kind, name)
    again = find_resource(resource.url)
    assert again is not None
    assert (again.kind, again.name) == (kind, name)


@pytest.mark.parametrize(
    "link",
    [
        "https://github.com/kubeflow",
        "https://github.com/features/copilot",
        "https://github.com/marketplace/actions/gitguardian-shield-action",
        "https://github.com/orgs/pypy/discussions/4998",
        "https://github.com/kubeflow/kubeflow/issues/5647",
        "https://github.com/huggingface/transformers/pull/44487",
        "https://github.com/torvalds/linux/commit/f3afd3a2152353be355b90f5fd4367adbf6a955e",
        "https://github.com/owner/tool/actions/workflows/ci.yml/badge.svg",
        "https://github.com/owner/notes/edit/main/_posts/2023-01-05-a.md",
        "https://github.com/owner/owner.github.io",
        "https://github.com/kubeflow/website/blob/master/README.md",
        "https://github.com/gohugoio/hugo",
        "https://github.com/adityatelange/hugo-PaperMod/",
        "https://github.com/owner/jekyll-theme-chirpy",
        "https://raw.githubusercontent.com/owner/tool/main/figure.png",
        "https://gist.github.com/",
        "https://gitlab.com/explore/projects",
        "https://gitlab.alpinelinux.org/alpine/aports/-/merge_requests/47087",
        "https://gitlab.com/group/subgroup/project/-/issues/5",
        "https://about.gitlab.com/handbook/business-technology/",
        "https://huggingface.co/blog/rlhf",
        "https://huggingface.co/docs/hub/en/index",
        "https://huggingface.co/models?sort=downloads",
        "https://huggingface.co/datasets",
        "https://huggingface.co/google",
        "https://huggingface.co/google/flan-t5/discussions/3",
        "https://www.kaggle.com/grandmaster",
        "https://colab.research.google.com/",
        "https://pytorch.org/hub",
        "https://pytorch.org/blog/accelerated-diffusers/",
        "https://replicate.com/docs/reference/http",
        "https://arxiv.org/help/subscribe",
        "https://arxiv.org/list/cs.CL/recent",
        "https://aclweb.org/aclwiki/State_of_the_art",
        "https://www.aclweb.org/anthology/volumes/2020.nlpcovid19-2/",
        "https://www.nature.com/articles/d41586-019-02918-5",
        "https://papers.nips.cc/",
        "https://pypi.org/",
        "https://aws.amazon.com/sagemaker/",
        "https://cloud.google.com/",
        "https://a.example/github.com/x/y",
        "https://",
        "http://[broken/github.com/a/b",
    ],
)
def test_pages_about_services_people_and_talk_are_no_resources(link: str) -> None:
    assert find_resource(link) is None


def test_each_resource_comes_once_in_order() -> None:
    links = (
        "https://arxiv.org/pdf/2301.01234",
        "https://blog.example/about",
        "https://github.com/Owner/Tool/tree/main",
        "http://arxiv.org/abs/2301.01234v3",
        "https://github.com/owner/tool.git",
        "https://huggingface.co/owner/tool",
    )
    found = [(r.kind.value, r.url) for r in find_resources(links)]
    assert found == [
        ("paper", "https://arxiv.org/abs/2301.01234"),
        ("code", "https://github.com/Owner/Tool"),
        ("checkpoint", "https://huggingface.co/owner/tool"),
    ]


@pytest.mark.parametrize(
    ("site", "organisation", "link", "is_own"),
    [
        ("https://ai.googleblog.com/", "Google", "https://github.com/google-research/bert", True),
        ("https://cloud.google.com/blog/", None, "https://github.com/GoogleCloudPlatform/bigquery-utils", True),
        ("https://aws.amazon.com/blogs/machine-learning/", None, "https://github.com/aws-samples/llm", True),
        ("https://aws.amazon.com/blogs/machine-learning/", None, "https://github.com/awslabs/renate", True),
        ("https://www.amazon.science/blog", "Amazon", "https://github.com/amazon-science/chronos", True),
        ("https://aws.amazon.com/blogs/machine-learning/", None, "https://huggingface.co/google/flan-t5", False),
        ("https://tech.socarcorp.kr/", "SOCAR", "https://github.com/socar-inc/tool", True),
        ("https://tech.kakaoenterprise.com/", "카카오엔터프라이즈", "https://github.com/kakaoenterprise/tool", True),
        ("https://lilianweng.github.io/", None, "https://github.com/lilianweng/gym", True),
        ("https://medium.com/@kusiak/a", None, "https://github.com/kusiak/a", True),
        ("https://medium.com/@kusiak/a", None, "https://github.com/medium/a", False),
        ("https://blog.kubeflow.org/", "Kubeflow", "https://github.com/kserve/kserve", False),
        ("https://ruder.io/", None, "https://arxiv.org/abs/2301.01234", False),
        (None, None, "https://github.com/owner/tool", False),
    ],
)
def test_the_publishers_own_is_told_from_a_mention(
    site: str | None, organisation: str | None, link: str, is_own: bool
) -> None:
    (resource,) = find_resources([link], site=site, organisation=organisation)
    assert resource.is_own is is_own


@given(st.lists(st.text(alphabet="aé가.:/?#[]%&=@-_ 0", max_size=40).map(lambda tail: f"https://github.com/{tail}")))
def test_no_address_is_too_odd_to_be_looked_at(links: list[str]) -> None:
    found = find_resources(links)
    assert len({(r.kind, r.name) for r in found}) == len(found)


def test_every_resource_of_the_recorded_feeds_keeps_its_name(shared: Path) -> None:
    kinds = set()
    for file in sorted((shared / "feeds").glob("*.xml")):
        for entry in parse_document(file.read_bytes(), "https://feed.example/").entries:
            for resource in find_resources(read_content(sanitise_html(entry.content or entry.summary)).links):
                kinds.add(resource.kind)
                again = find_resource(resource.url)
                assert again == resource, resource
    assert {ResourceKind.CODE, ResourceKind.PAPER, ResourceKind.NOTEBOOK, ResourceKind.CHECKPOINT} <= kinds
