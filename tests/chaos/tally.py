"""What came of the killing: processes killed, and things acknowledged before, by the kind of work."""

from __future__ import annotations

from collections import Counter

KILLED, ACKNOWLEDGED = Counter[str](), Counter[str]()
