"""The criteria for ending a response: met, not met, no data."""

from collections.abc import Iterable, Mapping

from workflows.criteria import Answer
from workflows.grading import Finding
from workflows.plan import Confidence, Plan

_ANSWERS = {True: Answer.MET, False: Answer.NOT_MET, None: Answer.NO_DATA}


def assess(plan: Plan, answers: Mapping[str, bool | None]) -> tuple[Finding, ...]:
    """Put people's answers, by criterion id, to the plan's conditions; no answer is no data."""
    return tuple(
        Finding(
            criterion=ending.id,
            grade=None,
            state=_ANSWERS[answers.get(ending.id)].word,
            text=ending.text,
            basis=ending.basis,
            confidence=ending.confidence,
            facts={},
        )
        for ending in plan.termination
    )


def all_met(findings: Iterable[Finding]) -> bool:
    """Tell whether the response may end without an override; doubtful criteria do not block."""
    return all(
        finding.state == Answer.MET.word
        for finding in findings
        if Confidence(finding.confidence).acts
    )


def lacking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what an override would have to name."""
    return tuple(finding for finding in findings if not all_met([finding]))
