"""The posts of the duty watch, and who follows whom at each."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import InvalidInput, NotFound
from incident.inputs import roster as inputs
from incident.models import Post, Rotation
from incident.operations import posts, watches
from incident.queries import duty_posts
from incident.web import roster_forms
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import label, phrase
from workflows.shifts import DAY

blueprint = Blueprint("roster_posts", __name__, url_prefix="/roster/posts")
LEAST_PLACES, MOST_PLACES = 6, 40
NEW_POST = {"changes": "08:30", "handover_lead": "10", "two_tiers": "1"}


@blueprint.get("")
@requires(Permission.ROSTER)
def index() -> ResponseReturnValue:
    """Show the posts."""
    return _index(NEW_POST, {})


@blueprint.post("")
@requires(Permission.ROSTER_EDIT)
def add() -> ResponseReturnValue:
    """Add a post."""
    desk = services()
    try:
        with desk.transaction() as session:
            new = inputs.post(roster_forms.post(request.form))
            code = posts.add_post(session, new, desk.context(who())).code
    except InvalidInput as error:
        return _index(request.form, field_words(error)), error.status
    return _back("post-set", code)


@blueprint.get("/<code>")
@requires(Permission.ROSTER)
def show(code: str) -> ResponseReturnValue:
    """Show one post and its rotations."""
    return _page(code)


@blueprint.post("/<code>")
@requires(Permission.ROSTER_EDIT)
def change(code: str) -> ResponseReturnValue:
    """Change a post."""
    desk = services()
    try:
        with desk.transaction() as session:
            post = posts.find_post(session, code)
            raw = {**roster_forms.post(request.form), "role": post.role}
            posts.change_post(session, post, inputs.post(raw), desk.context(who()))
    except InvalidInput as error:
        return _page(code, post_form=request.form, errors=field_words(error)), error.status
    return _back("post-set", code)


@blueprint.post("/<code>/close")
@requires(Permission.ROSTER_EDIT)
def close(code: str) -> ResponseReturnValue:
    """Close a post."""
    desk = services()
    with desk.transaction() as session:
        posts.close_post(session, posts.find_post(session, code), desk.context(who()))
    flash(phrase("notices", "post-closed"), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/<code>/rotations")
@requires(Permission.ROSTER_EDIT)
def rotate(code: str) -> ResponseReturnValue:
    """Let people follow each other from a day on."""
    desk = services()
    raw = {
        **roster_forms.filled(request.form, "days", "turn_days", "starts_on"),
        "order": roster_forms.order(request.form),
    }
    try:
        with desk.transaction() as session:
            post = posts.find_post(session, code)
            posts.rotate(session, post, inputs.rotation(raw), desk.context(who()))
    except InvalidInput as error:
        return _page(code, rotation_form=raw, errors=field_words(error)), error.status
    return _back("rotation-set", code)


@blueprint.post("/<code>/rotations/<int:number>/end")
@requires(Permission.ROSTER_EDIT)
def end(code: str, number: int) -> ResponseReturnValue:
    """Let a rotation end."""
    desk = services()
    with desk.transaction() as session:
        post = posts.find_post(session, code)
        row = session.get(Rotation, number)
        if row is None or row.post_id != post.id:
            raise NotFound
        posts.end_rotation(session, row, desk.context(who()))
    return _back("rotation-ended", code)


def _back(notice: str, code: str) -> ResponseReturnValue:
    flash(phrase("notices", notice), "success")
    return redirect(url_for(".show", code=code), 303)


def _index(typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    desk = services()
    with desk.reading() as session:
        rows = duty_posts.rows(session, desk.rules.day(desk.now()))
    return render_template(
        "roster/posts.html",
        rows=rows,
        typed=typed,
        errors=errors,
        roles=[(role.value, label("roles", role)) for role in inputs.MANNED],
        may_edit=grants(who(), Permission.ROSTER_EDIT),
    )


def _page(
    code: str,
    *,
    post_form: Mapping[str, str] | None = None,
    rotation_form: Mapping[str, object] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    desk = services()
    today = desk.rules.day(desk.now())
    with desk.reading() as session:
        post = posts.find_post(session, code)
        rotations = duty_posts.rotations(session, post, today)
        people = _people(session, post)
    places = min(max(LEAST_PLACES, len(people)), MOST_PLACES)
    return render_template(
        "roster/post.html",
        post=post,
        rotations=rotations,
        people=people,
        places=range(places),
        post_form=post_form or _as_typed(post),
        rotation_form=rotation_form or {"starts_on": (today + DAY).isoformat(), "order": []},
        errors=errors or {},
        may_edit=grants(who(), Permission.ROSTER_EDIT),
    )


def _people(session: Session, post: Post) -> list[tuple[int, str]]:
    fit = watches.reachable(session, [post.role])[post.role]
    return [(user.id, user.display) for user in fit]


def _as_typed(post: Post) -> dict[str, str]:
    typed = {
        "name": post.name,
        "changes": ", ".join(post.changes),
        "handover_lead": str(post.handover_lead),
    }
    return {**typed, "two_tiers": "1"} if post.two_tiers else typed
