"""The handbooks of a drill: what players may know beforehand, and all that controllers need."""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from drills import participants, runs
from drills.handbook_script import asked, objective, since, table, word
from drills.models import DrillRun
from drills.participants import CONTROLLER, EVALUATOR, PLAYER, Member
from drills.scenario.condition_words import describe
from drills.scenario.evaluation import items
from drills.scenario.schema import Objective, Part, Scenario
from incident.documents import Facts, Handbook, OfficialDocument, Section, Status, Table
from incident.models import User
from incident.rulebook import Rulebook
from incident.words import label

KNOWN_TO_PLAYERS = (PLAYER, CONTROLLER, EVALUATOR)


def briefing(session: Session, run: DrillRun, rules: Rulebook) -> OfficialDocument:
    """Return what everybody may know: when, who, by which rules; nothing of what will happen."""
    scenario = runs.scenario_of(run)
    known = [one for one in scenario.parts if one.plays in KNOWN_TO_PLAYERS]
    content = Handbook(
        reader=word("players"), particulars=tuple(_particulars(session, run, scenario, rules))
    )
    sections = (
        _people(run, known, participants.of_run(session, run)),
        Section(heading=word("rules"), text=word("rules-text")),
        Section(heading=word("safety"), text=word("safety-text")),
    )
    return _document(run, scenario, rules, content, sections)


def handbook(session: Session, run: DrillRun, rules: Rulebook) -> OfficialDocument:
    """Return the script with all that stands behind it; players never see it."""
    scenario = runs.scenario_of(run)
    particulars = (
        (word("name"), scenario.title),
        *_particulars(session, run, scenario, rules),
    )
    content = Handbook(
        reader=word("controllers"),
        particulars=particulars,
        script=table(scenario),
        sheets=(_wanted(scenario), *map(_sheet, scenario.objectives)),
    )
    sections = [
        Section(heading=word("summary"), text=scenario.summary),
        *([_background(scenario)] if scenario.background else []),
        *([_cast(scenario)] if scenario.cast else []),
        _people(run, scenario.parts, participants.of_run(session, run)),
        Section(heading=word("safety"), text=word("safety-text")),
    ]
    return _document(run, scenario, rules, content, tuple(sections))


def file_name(run: DrillRun, document: OfficialDocument) -> str:
    """Return under which name a handbook is kept."""
    reader = document.content.reader if isinstance(document.content, Handbook) else ""
    return f"{label('handbooks', 'mark')}{run.key} {reader}.pdf"


def _document(
    run: DrillRun,
    scenario: Scenario,
    rules: Rulebook,
    content: Handbook,
    sections: tuple[Section, ...],
) -> OfficialDocument:
    name = _name(scenario)
    return OfficialDocument(
        content=content,
        facts=Facts(name=name, kind=scenario.kind.value),
        status=Status.ISSUED,
        number=run.key,
        issued_at=run.prepared_at,
        organisation=rules.organisation,
        incident=run.key,
        facts_version=1,
        chain_head=None,
        drill=True,
        title=f"{name}\n{content.reader}",
        sections=sections,
        time_zone=str(rules.zone),
    )


def _name(scenario: Scenario) -> str:
    """Return what a drill is called without giving away what happens in it."""
    kind, form = label("kinds", scenario.kind), label("drills", scenario.form)
    return word("drill-name", kind=kind, form=form)


def _particulars(
    session: Session, run: DrillRun, scenario: Scenario, rules: Rulebook
) -> Iterator[tuple[str, str | None]]:
    director = session.get(User, run.director_id) if run.director_id else None
    forms = (label("drills", scenario.form), label("scenarios", scenario.content))
    yield word("key"), run.key
    yield word("when"), _when(run, scenario, rules)
    yield word("form"), word("gap").join((*forms, label("drills", scenario.purpose)))
    length = sum(
        (one.end - one.start for one in scenario.segments if one.id in run.segments),
        start=scenario.length * 0,
    )
    minutes = int(length.total_seconds()) // 60
    yield word("speed"), word("speed-text", speed=f"{run.speed:g}", minutes=minutes)
    yield word("director"), director.display if director else word("unknown-director")


def _when(run: DrillRun, scenario: Scenario, rules: Rulebook) -> str:
    if run.started_at is not None:
        local = run.started_at.astimezone(rules.zone)
        return word("started", at=f"{local:%Y-%m-%d %H:%M}")
    return word("unannounced" if scenario.double_blind else "at-start")


def _people(run: DrillRun, parts: Iterable[Part], members: Sequence[Member]) -> Section:
    heads = tuple(word(name) for name in ("part", "desk", "persons", "team"))
    rows = tuple(_person(run, part, members) for part in parts)
    return Section(heading=word("people"), table=Table(columns=heads, rows=rows))


def _person(run: DrillRun, part: Part, members: Sequence[Member]) -> tuple[str, ...]:
    own = [one for one in members if one.row.part == part.id]
    teams = dict.fromkeys(one.row.team for one in own if one.row.team)
    alone = "colleagues" if run.colleagues and part.plays == PLAYER else "nobody"
    return (
        part.title,
        label("roles", part.desk) if part.desk else label("scenarios", part.plays),
        word("gap").join(one.user.display for one in own) or word(alone),
        word("gap").join(teams) or word("nothing"),
    )


def _background(scenario: Scenario) -> Section:
    heads = tuple(word(name) for name in ("text", "basis", "confidence"))
    rows = tuple((one.text, one.basis, one.confidence) for one in scenario.background)
    return Section(heading=word("background"), table=Table(columns=heads, rows=rows))


def _cast(scenario: Scenario) -> Section:
    titles = {part.id: part.title for part in scenario.parts}
    heads = tuple(word(name) for name in ("cast", "who", "phone", "actor"))
    rows = tuple(
        (one.name, one.who, one.phone or word("none"), titles.get(one.part or "", word("nothing")))
        for one in scenario.cast
    )
    return Section(heading=word("cast"), table=Table(columns=heads, rows=rows))


def _wanted(scenario: Scenario) -> Section:
    names = ("wanted-text", "when-true", "within", "since", "by", "objective")
    rows = tuple(
        (
            one.text,
            describe(one.when),
            word("minutes", n=one.within.removesuffix("m")),
            since(scenario, one),
            asked(scenario, one),
            objective(scenario, one),
        )
        for one in scenario.expectations
    )
    heads = tuple(word(name) for name in names)
    return Section(heading=word("wanted"), table=Table(columns=heads, rows=rows))


def _sheet(one: Objective) -> Section:
    """Return the table in which an evaluator judges an objective on paper."""
    usual = items().get(one.item or "")
    known = [(text, usual.basis, usual.confidence) for text in usual.indicators] if usual else []
    known += [(each.text, each.basis, each.confidence) for each in one.criteria]
    rows = tuple(
        (text, f"{basis}\uff08{confidence}\uff09", word("marks"), word("to-note"))
        for text, basis, confidence in known
    )
    heads = tuple(word(name) for name in ("indicator", "basis", "mark-head", "note"))
    heading = word("sheet", objective=one.text, weight=one.weight)
    return Section(heading=heading, table=Table(columns=heads, rows=rows))
