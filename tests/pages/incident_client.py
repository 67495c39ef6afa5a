"""A browser without a window for the pages of one incident: signs in, follows forms, reads."""

import html
import io
import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.desk import PASSWORD

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.S)


@dataclass(frozen=True, slots=True)
class Browser:
    """One signed-in person."""

    client: FlaskClient

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.client.get(path, query_string=query)

    def read(self, path: str, **query: Any) -> str:
        """Return the text of a page that must be there."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.get_data(as_text=True)

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.client.post(path, data={**self.token(), **_named(fields)})

    def send(self, number: str, action: str, **fields: Any) -> TestResponse:
        """Fill the form of an action as it is shown, and send it."""
        page = self.read(f"/incidents/{number}/actions/{action}")
        return self.post(
            f"/incidents/{number}/actions/{action}", **{**hidden(page, action), **_named(fields)}
        )

    def do(self, number: str, action: str, **fields: Any) -> TestResponse:
        """Send an action and confirm its second look, if there is one."""
        answer = self.send(number, action, **fields)
        if answer.status_code == 200:
            kept = fields_of(answer.get_data(as_text=True), action)
            signed = {"password": fields["password"]} if "password" in fields else {}
            answer = self.client.post(
                f"/incidents/{number}/actions/{action}",
                data={**self.token(), **kept, **signed, "step": "do"},
            )
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return answer

    def upload(self, path: str, name: str, content: bytes, **fields: Any) -> TestResponse:
        file = (io.BytesIO(content), name)
        answer = self.client.post(path, data={**self.token(), **fields, "file": file})
        answer.request.environ["wsgi.input"].close()  # a large body lies in a file
        return answer

    def token(self) -> dict[str, str]:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self._any_page())
        assert found
        return {"csrf_token": found.group(1)}

    def _any_page(self) -> str:
        return self.client.get("/incidents/none").get_data(as_text=True)


def browser(app: Flask, name: str) -> Browser:
    """Return a browser in which this account is signed in."""
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    fields = {"csrf_token": found.group(1), "name": name, "password": PASSWORD}
    assert client.post("/sign-in", data=fields).status_code == 302
    return Browser(client)


def form_of(page: str, action: str) -> str:
    """Return the form of a page that posts to an action."""
    return next(form for form in FORM.findall(page) if f"/actions/{action}" in form)


def hidden(page: str, action: str) -> dict[str, str]:
    """Return the hidden fields of that form, without its token."""
    found = HIDDEN.findall(form_of(page, action))
    return {name: html.unescape(value) for name, value in found if name != "csrf_token"}


def fields_of(page: str, action: str) -> dict[str, Any]:
    """Return all fields that the second look carries, a field given twice as a list."""
    kept: dict[str, Any] = {}
    for name, value in HIDDEN.findall(form_of(page, action)):
        if name != "csrf_token":
            kept.setdefault(name, []).append(html.unescape(value))
    return kept


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    """Let `review__course` stand for the field review.course."""
    return {name.replace("__", "."): value for name, value in fields.items()}
