"""What the server that forks victims has in memory, before the first of them begins."""

from __future__ import annotations

import victims

victims.prepare()
