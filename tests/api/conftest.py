"""An application over the desk, and callers with tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from incident.app import create_app
from incident.services import Services
from tests.support.desk import make_people, make_token

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Caller:
    """Speaks to the API with one token; `number` and `version` stand for an incident."""

    client: FlaskClient
    token: str | None

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.send("GET", path, **more)

    def post(self, path: str, body: object = None, **more: Any) -> TestResponse:
        if body is not None:
            more["json"] = body
        return self.send("POST", path, **more)

    def patch(self, path: str, body: object, **more: Any) -> TestResponse:
        return self.send("PATCH", path, json=body, **more)

    def act(self, number: str, name: str, version: int | None = None, **raw: Any) -> TestResponse:
        """Take an action on the incident as it stands, or as it stood at a version."""
        if version is None:
            version = self.get(f"/incidents/{number}").get_json()["version"]
        headers = {"If-Match": f'"{version}"'}
        return self.post(f"/incidents/{number}/actions/{name}", raw, headers=headers)

    def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> TestResponse:
        given = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        where = path if path in ("/healthz", "/readyz", "/metrics") else PREFIX + path
        return self.client.open(where, method=method, headers={**given, **(headers or {})}, **more)


Callers = Callable[..., Caller]


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services)


@pytest.fixture
def caller(services: Services, app: Flask) -> Callers:
    """Return callers by role, with scopes if wanted: caller("expert", "read")."""
    make_people(services)

    def call(role: str, *scopes: str) -> Caller:
        return Caller(app.test_client(), make_token(services, role, *scopes))

    return call


@pytest.fixture
def officer(caller: Callers) -> Caller:
    return caller("duty_officer")


@pytest.fixture
def nobody(app: Flask) -> Caller:
    return Caller(app.test_client(), None)
