"""All blueprints of the API."""

from flask import Blueprint

from incident.api import (
    actions,
    attachments,
    briefings,
    clocks,
    consultations,
    document,
    grading,
    health,
    incidents,
    messages,
    metrics,
    plans,
    reports,
    tasks,
    timeline,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    reports.blueprint,
    incidents.blueprint,
    timeline.blueprint,
    actions.blueprint,
    tasks.blueprint,
    clocks.blueprint,
    messages.blueprint,
    consultations.blueprint,
    attachments.blueprint,
    briefings.blueprint,
    grading.blueprint,
    plans.blueprint,
    document.blueprint,
    health.blueprint,
    metrics.blueprint,
)
