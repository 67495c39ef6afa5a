"""All blueprints of the API."""

from flask import Blueprint

from incident.api import (
    actions,
    attachments,
    briefings,
    clocks,
    consultations,
    document,
    engine,
    follow_ups,
    grading,
    health,
    incidents,
    messages,
    metrics,
    plans,
    reports,
    spooling,
    tasks,
    timeline,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    reports.blueprint,
    spooling.blueprint,
    incidents.blueprint,
    timeline.blueprint,
    actions.blueprint,
    tasks.blueprint,
    clocks.blueprint,
    messages.blueprint,
    consultations.blueprint,
    attachments.blueprint,
    briefings.blueprint,
    follow_ups.blueprint,
    grading.blueprint,
    plans.blueprint,
    document.blueprint,
    health.blueprint,
    engine.blueprint,
    metrics.blueprint,
)
