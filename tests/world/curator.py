"""Somebody who reviews: what they read, send and find."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi.testclient import TestClient
from httpx2 import Response

from aggregator.app import App
from aggregator.storage import candidates
from aggregator.types import Candidate
from aggregator.web.server import create_server


def text_of(page: str) -> str:
    """What a page says, without its marks, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@dataclass
class Curator:
    """Somebody at a browser without scripts, who may be logged in."""

    app: App
    client: TestClient
    numbers: dict[str, int]

    def log_in(self) -> Curator:
        answer = self.client.get("/login", params={"key": self.app.login_key}, follow_redirects=False)
        assert answer.status_code == 303
        return self

    @property
    def _by_number(self) -> dict[int, str]:
        return {number: name for name, number in self.numbers.items()}

    @property
    def token(self) -> str:
        """What all forms carry while the curator is logged in."""
        sessions = self.client.app.state.site.sessions  # type: ignore[attr-defined]
        session = sessions.find(self.client.cookies.get(sessions.cookie))
        assert session, "not logged in"
        return str(session.token)

    def read(self, path: str, status: int = 200) -> str:
        """The page at a path."""
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, path: str, **fields: str) -> Response:
        """Send a form of one of our pages; redirects are not followed."""
        return self.client.post(
            path, data={"token": self.token, **fields}, headers={"Origin": "http://testserver"}, follow_redirects=False
        )

    def ask(self, path: str, **fields: str) -> Response:
        """Send a form as the script does."""
        return self.client.post(
            path,
            data={"token": self.token, **fields},
            headers={"Origin": "http://testserver", "Accept": "application/json"},
        )

    def decide(self, post: str, verdict: str, **fields: str) -> Response:
        return self.send(f"/posts/{self.numbers[post]}/{verdict}", **fields)

    def get(self, post: str) -> Candidate:
        """The post as it stands in the database."""
        with self.app.reading() as connection:
            return candidates.get_candidate(connection, self.numbers[post])

    def read_post(self, post: str) -> str:
        """The pane of a post: what stands beside the list while it is open."""
        return self.read(f"/posts/{self.numbers[post]}/pane")

    def find_open(self, path: str) -> str | None:
        """The path of the post that is open beside the list of a page; at most one is."""
        found = re.findall(r'<article [^>]*id="pane" data-id="(\d+)"', self.read(path))
        assert len(found) <= 1
        return self._by_number[int(found[0])] if found else None

    def list_shown(self, path: str) -> list[str]:
        """The paths of the posts that the list of a page shows, in order."""
        return [
            self._by_number[int(number)]
            for number in re.findall(r'<li class="row[^>]* id="post-(\d+)"', self.read(path))
        ]


def visit_page(app: App, numbers: dict[str, int] | None = None) -> Curator:
    """Somebody who has not logged in yet."""
    return Curator(app, TestClient(create_server(app)), numbers or {})
