"""The address of the OpenAPI document."""

from flask import Blueprint, Response, current_app

from incident.api import answering, openapi
from incident.api.contract import PREFIX, operation
from incident.web.access import public

EXTENSION = "tocsin-openapi"
blueprint = Blueprint("api_document", __name__, url_prefix=PREFIX)


@blueprint.get("/openapi.json")
@public
@operation("Give this document.", scope=None, answer=dict)
def show() -> Response:
    known = current_app.extensions
    if EXTENSION not in known:
        known[EXTENSION] = openapi.build(current_app)
    return answering.send(known[EXTENSION], 200)
