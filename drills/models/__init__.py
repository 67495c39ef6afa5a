"""The tables of drills, one file a subject."""

from drills.models.improvements import Improvement
from drills.models.judgements import Mark, Survey, Wash
from drills.models.papers import AfterAction, DrillFile
from drills.models.programme import Exercise
from drills.models.runs import DrillInject, DrillRun, Participant
from drills.models.scenarios import WrittenScenario

__all__ = [
    "AfterAction",
    "DrillFile",
    "DrillInject",
    "DrillRun",
    "Exercise",
    "Improvement",
    "Mark",
    "Participant",
    "Survey",
    "Wash",
    "WrittenScenario",
]
