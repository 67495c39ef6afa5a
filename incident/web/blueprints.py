"""All blueprints: those of pages, and those that answer machines."""

from flask import Blueprint

from incident.web import callbacks, home, sign_in

PAGES: tuple[Blueprint, ...] = (
    home.blueprint,
    sign_in.blueprint,
)
API: tuple[Blueprint, ...] = (callbacks.blueprint,)
