"""All blueprints: those of pages, and those that answer machines."""

from flask import Blueprint

from incident.web import (
    account,
    actions,
    attachments,
    audit,
    briefings,
    callbacks,
    clocks,
    consultations,
    drafts,
    duty_desk,
    facts,
    grading,
    home,
    incidents,
    people,
    plans,
    report_steps,
    reports,
    reviews,
    sign_in,
    system,
    tasks,
)

PAGES: tuple[Blueprint, ...] = (
    home.blueprint,
    sign_in.blueprint,
    duty_desk.blueprint,
    reports.blueprint,
    report_steps.blueprint,
    drafts.blueprint,
    incidents.blueprint,
    actions.blueprint,
    facts.blueprint,
    grading.blueprint,
    tasks.blueprint,
    consultations.blueprint,
    attachments.blueprint,
    clocks.blueprint,
    briefings.blueprint,
    reviews.blueprint,
    plans.blueprint,
    account.blueprint,
    people.blueprint,
    audit.blueprint,
    system.blueprint,
)
API: tuple[Blueprint, ...] = (callbacks.blueprint,)
