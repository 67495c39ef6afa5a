"""All blueprints of the API."""

from flask import Blueprint

from incident.api import reports

BLUEPRINTS: tuple[Blueprint, ...] = (reports.blueprint,)
