"""All blueprints: those of pages, and those that answer machines."""

from flask import Blueprint

from incident.web import account, audit, callbacks, home, people, sign_in

PAGES: tuple[Blueprint, ...] = (
    home.blueprint,
    sign_in.blueprint,
    account.blueprint,
    people.blueprint,
    audit.blueprint,
)
API: tuple[Blueprint, ...] = (callbacks.blueprint,)
