"""The injects of a drill in the director's hand: bring, hold back, leave out, insert."""

from typing import Any, get_args

from flask import render_template, request
from flask.typing import ResponseReturnValue

from drills import directing, participants, player
from drills.course import course
from drills.directing import By, Insertion
from drills.learning.judging import INJECT
from drills.models import DrillRun
from drills.participants import CONTROLLER
from drills.web import picture, showing
from drills.web.blueprint import blueprint
from drills.web.control import back
from incident.errors import InvalidInput, NotFound
from incident.inputs.base import parse
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import label


@blueprint.post("/drills/<key>/injects/<int:inject>/bring")
@requires(Permission.DIRECT)
def bring(key: str, inject: int) -> ResponseReturnValue:
    """Bring an inject now, before its time."""
    taken = directing.bring(services(), key, inject, who=who())
    return back(key, "inject-brought") if taken else back(key, "inject-not-brought", "warning")


@blueprint.post("/drills/<key>/injects/<int:inject>/hold")
@requires(Permission.DIRECT)
def hold(key: str, inject: int) -> ResponseReturnValue:
    """Hold an inject back."""
    return _hold(key, inject, held=True)


@blueprint.post("/drills/<key>/injects/<int:inject>/release")
@requires(Permission.DIRECT)
def release(key: str, inject: int) -> ResponseReturnValue:
    """Let an inject come after all."""
    return _hold(key, inject, held=False)


@blueprint.get("/drills/<key>/injects/<int:inject>")
@requires(Permission.DIRECT)
def inject(key: str, inject: int) -> ResponseReturnValue:
    """Show one inject in full, with what can be done about it."""
    desk = services()
    with desk.reading() as session:
        run = showing.find(session, key, CONTROLLER)
        found = course(session, run, desk.now())
    one = next((one for one in found.injects if one.row.id == inject), None)
    if one is None:
        raise NotFound
    since = f"{INJECT}{one.row.inject}"
    return render_template(
        "drills/inject.html",
        drill=True,
        run=run,
        one=one,
        course=found,
        number=picture.numbers(found)[inject],
        hopes=[hope for hope in found.measured if hope.expectation.since == since],
        works=found.state in ("running", "paused") and run.director_id in (None, who().id),
        gist=showing.gist,
        figures=showing.figures,
        kinds=showing.KINDS,
        reading=showing.reading,
        minutes=showing.minutes,
    )


@blueprint.post("/drills/<key>/injects/<int:inject>/skip")
@requires(Permission.DIRECT)
def skip(key: str, inject: int) -> ResponseReturnValue:
    """Leave an inject out."""
    desk = services()
    with desk.transaction() as session:
        directing.skip(session, key, inject, who=who(), now=desk.now())
    return back(key, "inject-skipped")


@blueprint.get("/drills/<key>/insert")
@requires(Permission.DIRECT)
def ask_insert(key: str) -> ResponseReturnValue:
    """Show the form of an inject that the scenario does not have."""
    to = "simulators" if request.args.get("to") == "simulators" else "players"
    return _insert_page(_run(key), {"to": to, "via": "phone_card"}, {})


@blueprint.post("/drills/<key>/insert")
@requires(Permission.DIRECT)
def insert(key: str) -> ResponseReturnValue:
    """Insert an inject, at once or at a minute of drill time."""
    desk, form = services(), request.form.to_dict()
    form.pop("csrf_token", None)
    try:
        wish = parse(Insertion, _typed(form))
        with desk.transaction() as session:
            row = directing.insert(session, key, wish, who=who(), now=desk.now())
    except InvalidInput as error:
        return _insert_page(_run(key), form, field_words(error)), 422
    if wish.minute is None:
        player.fire(desk, key, row.id, who=who())
    return back(key, "inject-inserted")


def _hold(key: str, inject: int, *, held: bool) -> ResponseReturnValue:
    desk = services()
    with desk.transaction() as session:
        directing.hold_back(session, key, inject, held=held, who=who(), now=desk.now())
    return back(key, "inject-held" if held else "inject-released")


def _typed(form: dict[str, str]) -> dict[str, Any]:
    """Return the form with its minute as a number; what is none is left for the check."""
    minute = form.get("minute", "").strip()
    value = int(minute) if minute.isdecimal() and len(minute) < 8 else minute
    return {**form, "minute": value if minute else None}


def _run(key: str) -> DrillRun:
    with services().reading() as session:
        run = showing.find(session, key, CONTROLLER)
        participants.require_director(session, run, who())
    return run


def _insert_page(run: DrillRun, form: dict[str, str], errors: dict[str, str]) -> str:
    return render_template(
        "drills/insert.html",
        drill=True,
        run=run,
        form=form,
        errors=errors,
        ways=[(via, label("drills", via)) for via in get_args(By)],
    )
