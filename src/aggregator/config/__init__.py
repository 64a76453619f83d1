"""Settings and feeds.toml, read into typed objects.

A value comes from the environment (``AGGREGATOR_<TABLE>_<KEY>``, ``AGGREGATOR_<KEY>`` for keys outside a table), else
from feeds.toml, else from the default here. Every mistake is a ConfigError that names the file, the key, the line where
it can be found, what was found and what is allowed; unknown keys are refused with the nearest known name.

``settings`` says what can be set, ``load`` reads it, ``listing`` says which feeds it describes otherwise than before,
``changes`` is what the curator changes over it since, and ``mistakes`` tells what is wrong.
"""

from aggregator.config.changes import change_feed, change_wishes, list_changed_settings, list_wishes
from aggregator.config.listing import Difference, compare_feeds
from aggregator.config.load import Config, load_config
from aggregator.config.settings import SHIPPED_TEXTS, PageSettings, Settings, VisitSettings

__all__ = [
    "SHIPPED_TEXTS",
    "Config",
    "Difference",
    "PageSettings",
    "Settings",
    "VisitSettings",
    "change_feed",
    "change_wishes",
    "compare_feeds",
    "list_changed_settings",
    "list_wishes",
    "load_config",
]
