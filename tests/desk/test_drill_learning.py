"""What is said of a drill: marks, hot wash and survey, each once, and each seen by whom it may."""

import pytest
from sqlalchemy import select

from drills import participants, runs
from drills.learning import after_actions, marks, result, surveys, washes
from drills.learning.scoring import MARKS
from drills.models import DrillRun, Mark, Participant, Survey
from drills.scenario.files import shipped
from incident.errors import Conflict, Forbidden, InvalidInput, NotFound
from incident.models import Entry, User
from incident.services import Services
from incident.who import Who
from tests.support.desk import make_people, make_person
from workflows.lifecycle import Role

CANTEEN = shipped()["school-canteen-salmonella"]
FIRST = CANTEEN.objectives[0].id


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    made = make_people(services)
    return {**made, "second": make_person(services, "second", Role.EVALUATOR, number=60)}


@pytest.fixture
def key(services: Services, people: dict[str, Who]) -> str:
    run = runs.prepare(services, CANTEEN, who=people[Role.DIRECTOR], speed=4)
    with services.transaction() as session:
        held = runs.hold(session, run.key)
        for name, part in (("duty_officer", "duty"), ("duty_leader", "leader")):
            user = session.scalars(select(User).where(User.name == name)).one()
            participants.enrol(session, held, user, "player", part=part, team="甲队")
        runs.begin(session, run.key, who=people[Role.DIRECTOR], now=services.now())
    return run.key


def end(services: Services, key: str, who: Who) -> None:
    with services.transaction() as session:
        runs.end(session, key, who=who, now=services.now())


def give(services: Services, key: str, who: Who, mark: str, **where: object) -> None:
    place = {"objective": FIRST, "place": 0, "note": None, **where}
    with services.transaction() as session:
        marks.give(session, key, mark=mark, file=None, who=who, now=services.now(), **place)  # type: ignore[arg-type]


def line(services: Services, key: str, who: Who, *, sees_all: bool = False) -> marks.Line:
    with services.reading() as session:
        run = runs.find(session, key)
        return marks.sheet(session, run, who, sees_all=sees_all)[0].lines[0]


def test_the_last_mark_counts(services: Services, key: str, people: dict[str, Who]) -> None:
    evaluator = people[Role.EVALUATOR]
    for mark in MARKS:
        give(services, key, evaluator, mark)

    with services.reading() as session:
        assert [row.mark for row in session.scalars(select(Mark))] == ["not_met"]
        entries = session.scalars(select(Entry).where(Entry.type == "drill_marked")).all()
    assert [entry.data["mark"] for entry in entries] == list(MARKS)
    assert {entry.incident_id for entry in entries} == {None}


@pytest.mark.parametrize("where", [{"objective": "none"}, {"place": 99}])
def test_what_is_no_criterion_takes_no_mark(
    services: Services, key: str, people: dict[str, Who], where: dict[str, object]
) -> None:
    with pytest.raises(NotFound):
        give(services, key, people[Role.EVALUATOR], "met", **where)
    with pytest.raises(InvalidInput):
        give(services, key, people[Role.EVALUATOR], "half")


def test_an_evaluator_sees_others_marks_once_he_has_given_his_own(
    services: Services, key: str, people: dict[str, Who]
) -> None:
    first, second = people[Role.EVALUATOR], people["second"]
    give(services, key, first, "met", note="看到登记")

    before = line(services, key, second)
    give(services, key, second, "not_met")
    after = line(services, key, second)

    assert (before.hidden, before.others, before.spread) == (1, (), 0)
    assert (after.hidden, after.others[0].note, after.spread) == (0, "看到登记", 2)


def test_the_director_sees_all_marks(services: Services, key: str, people: dict[str, Who]) -> None:
    give(services, key, people[Role.EVALUATOR], "met")
    give(services, key, people["second"], "partly")

    found = line(services, key, people[Role.DIRECTOR], sees_all=True)

    assert {one.mark for one in found.others} == {"met", "partly"}
    assert found.spread == 1


def test_a_result_is_the_same_however_often_it_is_made(
    services: Services, key: str, people: dict[str, Who]
) -> None:
    give(services, key, people[Role.EVALUATOR], "met")
    end(services, key, people[Role.DIRECTOR])

    with services.reading() as session:
        run = runs.find(session, key)
        first, again = (result.result(session, run, services.now()) for _ in range(2))

    assert first.score == again.score
    assert [team.name for team in first.teams] == ["甲队"]


def test_a_person_is_told_of_his_own_parts_alone(
    services: Services, key: str, people: dict[str, Who]
) -> None:
    with services.reading() as session:
        found = result.result(session, runs.find(session, key), services.now())
        mine = result.people(session, found, {people[Role.DUTY_OFFICER].person})
        everybody = result.people(session, found, None)

    assert [one.id for one in mine] == [people[Role.DUTY_OFFICER].id]
    assert len(everybody) == 2
    asked = {one.measured.expectation.id for one in mine[0].lines}
    assert asked == {one.id for one in CANTEEN.expectations if "duty" in one.parts}


def test_the_hot_wash_comes_after_the_end(
    services: Services, key: str, people: dict[str, Who]
) -> None:
    who = people[Role.DUTY_OFFICER]

    def say() -> None:
        with services.transaction() as session:
            comment = washes.Comment(text="分工不清")
            washes.say(session, key, "weak", comment, who=who, now=services.now())

    with pytest.raises(Conflict):
        say()
    end(services, key, people[Role.DIRECTOR])
    say()

    with services.reading() as session:
        heard = washes.of_run(session, runs.find(session, key))
    assert [one.text for one in heard["weak"]] == ["分工不清"]


def answer(services: Services, key: str, who: Who, *, named: bool, **answers: object) -> None:
    with services.transaction() as session:
        surveys.give(
            session,
            key,
            surveys.Answers.model_validate(answers),
            named=named,
            who=who,
            now=services.now(),
            rules=services.rules,
        )


def test_an_answer_without_a_name_bears_no_trace_of_its_author(
    services: Services, key: str, people: dict[str, Who]
) -> None:
    end(services, key, people[Role.DIRECTOR])
    answer(services, key, people[Role.DUTY_OFFICER], named=False, plan=2)

    with services.reading() as session:
        kept = session.scalars(select(Survey)).one()
        answered = session.scalars(
            select(Participant).where(Participant.surveyed_at.is_not(None))
        ).one()
        told = session.scalars(select(Entry.type)).all()
    assert kept.user_id is None
    assert answered.surveyed_at is not None
    assert (answered.surveyed_at.hour, answered.surveyed_at.minute) == (0, 0)
    assert not [one for one in told if "survey" in one]


def test_everybody_answers_once_and_only_who_takes_part(
    services: Services, key: str, people: dict[str, Who]
) -> None:
    with pytest.raises(Conflict, match="drill-not-ended"):
        answer(services, key, people[Role.DUTY_OFFICER], named=True, plan=2)
    end(services, key, people[Role.DIRECTOR])
    with pytest.raises(InvalidInput):
        answer(services, key, people[Role.DUTY_OFFICER], named=True)
    answer(services, key, people[Role.DUTY_OFFICER], named=True, plan=2)

    with pytest.raises(Conflict, match="survey-given"):
        answer(services, key, people[Role.DUTY_OFFICER], named=False, plan=5)
    with pytest.raises(Forbidden):
        answer(services, key, people[Role.REPORTER], named=False, plan=5)


def test_few_answers_without_a_name_are_not_shown(
    services: Services, key: str, people: dict[str, Who]
) -> None:
    end(services, key, people[Role.DIRECTOR])
    answer(services, key, people[Role.DUTY_OFFICER], named=False, plan=2, worst="分工")

    with services.reading() as session:
        found = surveys.results(session, runs.find(session, key))

    assert (found.answered, found.invited, found.is_hidden, found.texts) == (1, 2, True, ())
    assert all(not any(one.counts.values()) for one in found.questions)


def test_once_the_report_is_issued_marks_and_comments_stay(
    services: Services, key: str, people: dict[str, Who]
) -> None:
    director = people[Role.DIRECTOR]

    def issue() -> None:
        with services.transaction() as session:
            run: DrillRun = runs.hold(session, key)
            number = after_actions.take_number(session, services.rules, services.now())
            after_actions.issue(session, run, number, {}, who=director, now=services.now())

    with pytest.raises(Conflict, match="drill-not-ended"):
        issue()
    end(services, key, director)
    issue()

    with pytest.raises(Conflict, match="after-action-issued"):
        issue()
    with pytest.raises(Conflict, match="after-action-issued"):
        give(services, key, people[Role.EVALUATOR], "met")
