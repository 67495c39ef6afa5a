"""Ask for the password again before a change, and lose nothing of what was sent."""

from flask import g, render_template, request

from incident import words
from incident.web.cookies import PASSWORD_FIELD
from incident.web.language import language


def confirm_first() -> tuple[str, int]:
    """Return a page that asks for the password and carries the form along.

    Files cannot be carried: the page names them and lets them be chosen again.
    """
    kept = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in (PASSWORD_FIELD, "csrf_token")
    ]
    wrong = g.get("password_wrong")
    page = render_template(
        "confirm_password.html",
        kept=kept,
        files=_chosen(),
        action=request.full_path.rstrip("?"),
        field_name=PASSWORD_FIELD,
        account=g.user.name,
        error=words.label("fields", "password-wrong", language()) if wrong else None,
    )
    return page, 401


def _chosen() -> list[tuple[str, list[str]]]:
    """Return the names of the files that were chosen, by field."""
    fields = (
        (field, [file.filename for file in files if file.filename])
        for field, files in request.files.lists()
    )
    return [(field, names) for field, names in fields if names]
