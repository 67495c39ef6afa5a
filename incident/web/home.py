"""The front door: to the desk or to the sign-in, and the choice of language."""

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from incident.web.access import NAVIGATION_ORDER, grants, public
from incident.web.desk import services
from incident.web.language import COOKIE, LANGUAGES
from incident.web.paths import inside

blueprint = Blueprint("home", __name__)
YEAR = 365 * 24 * 3600


@blueprint.get("/")
@public
def show() -> ResponseReturnValue:
    """Lead a person to the first page that is theirs."""
    if "who" not in g:
        return redirect(url_for("access.sign_in"))
    for endpoint, permission in NAVIGATION_ORDER:
        if grants(g.who, permission) and endpoint in current_app.view_functions:
            return redirect(url_for(endpoint))
    return redirect(url_for("account.show"))


@blueprint.post("/language")
@public
def language() -> ResponseReturnValue:
    """Keep the language in a cookie and go back to the page."""
    asked = request.form.get("language", "zh")
    answer = redirect(inside(request.referrer or "/"))
    answer.set_cookie(
        COOKIE,
        asked if asked in LANGUAGES else "zh",
        max_age=YEAR,
        samesite="Lax",
        secure=services().settings.is_https,
    )
    return answer
