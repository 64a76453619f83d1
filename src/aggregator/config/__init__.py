"""Settings and feeds.toml, read into typed objects.

A value comes from the environment (``AGGREGATOR_<TABLE>_<KEY>``, ``AGGREGATOR_<KEY>`` for keys outside a table), else
from feeds.toml, else from the default here. Every mistake is a ConfigError that names the file, the key, the line if
known, what was found and what is allowed; unknown keys are rejected with the nearest known name.

``settings`` defines what can be set, ``load`` reads it, ``listing`` finds feeds whose description has changed,
``changes`` applies what the curator overrides, and ``mistakes`` explains what is wrong.
"""

from aggregator.config.changes import (
    change_feed,
    change_weights,
    is_key,
    list_changed_settings,
    list_texts,
    list_weights,
)
from aggregator.config.listing import Difference, compare_feeds
from aggregator.config.load import Config, check_feed, load_config, read_feeds_file, read_listed
from aggregator.config.settings import SHIPPED_TEXTS, PageSettings, Settings, VisitSettings

__all__ = [
    "SHIPPED_TEXTS",
    "Config",
    "Difference",
    "PageSettings",
    "Settings",
    "VisitSettings",
    "change_feed",
    "change_weights",
    "check_feed",
    "compare_feeds",
    "is_key",
    "list_changed_settings",
    "list_texts",
    "list_weights",
    "load_config",
    "read_feeds_file",
    "read_listed",
]
