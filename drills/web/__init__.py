"""The pages of drills, one file a subject; whoever imports this has them all."""

from drills.web import (
    control,
    evaluating,
    handbooks,
    guarding,
    improvements,
    inbox,
    index,
    learning,
    parts,
    preempt,
    prepare,
    reporting,
    results,
    scenario_edit,
    scenario_new,
    scenarios,
    watching,
)
from drills.web.blueprint import blueprint

__all__ = [
    "blueprint",
    "control",
    "evaluating",
    "handbooks",
    "guarding",
    "improvements",
    "inbox",
    "index",
    "learning",
    "parts",
    "preempt",
    "prepare",
    "reporting",
    "results",
    "scenario_edit",
    "scenario_new",
    "scenarios",
    "watching",
]
