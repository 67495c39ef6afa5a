"""A person at the report form, for tests: type, go on, file."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from incident.services import Services
from tests.support.desk import make_people
from tests.support.running import flask_client

FORM = {
    "received_at": "2026-11-23T10:55",
    "kind": "food",
    "place.division": "330106",
    "place.address": "示例路1号",
    "unit.name": "示例市第一实验小学",
    "counts.ill": "40",
    "counts.severe": "2",
    "reporter.phone": "+8610000000091",
    "source": "phone",
}


@dataclass
class Typist:
    """One person in front of one form; `address` is where the form is."""

    client: FlaskClient
    address: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.address.rsplit("/", 1)[1]

    def send(self, **changes: str | None) -> TestResponse:
        """Send the sheet; None leaves a field out."""
        merged: dict[str, Any] = {**self.fields, **named(changes)}
        data = {name: value for name, value in merged.items() if value is not None}
        return self.client.post(self.address, data=data)

    def check(self) -> str:
        return self.client.get(f"/reports/new/{self.key}/check").text

    def file(self, seen: str | None = None) -> TestResponse:
        data = {"seen": seen or mark(self.check())}
        return self.client.post(f"/reports/new/{self.key}/file", data=data)

    def number(self) -> str:
        """Return the number that the last page tells."""
        page = self.client.get(f"/reports/new/{self.key}/done").text
        found = re.search(r'class="big-number">([^<]+)<', page)
        assert found, page[:500]
        return found[1]


def named(changes: dict[str, Any]) -> dict[str, Any]:
    """Return fields by their dotted names: counts__ill is counts.ill."""
    return {name.replace("__", "."): value for name, value in changes.items()}


def typist(services: Services, account: str = "duty_officer", path: str = "/reports/new") -> Typist:
    """Return somebody who has opened a fresh form."""
    make_people(services)
    client = flask_client(services, account)
    opened = client.get(path)
    assert opened.status_code == 302, opened.text[:300]
    return Typist(client, opened.headers["Location"], dict(FORM))


def mark(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert found, page[:2000]
    return found[1]


def value_of(page: str, name: str) -> str | None:
    """Return what stands in a field."""
    found = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*value="([^"]*)"', page)
    return found[1] if found else None
