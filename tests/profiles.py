"""How many examples the laws are tried on: ``merge`` before every merge, ``night`` when there is time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

#: A busy machine makes no test fail, and a fixture of a function may serve all examples of a law.
_UNHURRIED = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


def register_profiles() -> None:
    """``merge`` holds unless pytest is called with ``--hypothesis-profile=night``.

    Before a merge the examples of a law are the same at each run, so that chance refuses no change. The night looks for
    new ones.
    """
    settings.register_profile("merge", _UNHURRIED, max_examples=30, stateful_step_count=30, derandomize=True)
    settings.register_profile("night", _UNHURRIED, max_examples=2000, stateful_step_count=60)
    settings.load_profile("merge")


def costly(law):  # type: ignore[no-untyped-def]
    """A law whose every example fits a model, fills a database or starts a server is tried on a sixth as many."""
    return settings(max_examples=max(settings().max_examples // 6, 1))(law)


def one_of_many(law):  # type: ignore[no-untyped-def]
    """One of dozens of such laws in one test: on a fifteenth as many."""
    return settings(max_examples=max(settings().max_examples // 15, 1))(law)
