"""The lever for faults: read, set and lift them, for whoever knows the account's token."""

from flask import Blueprint, Response, jsonify, request
from pydantic import ValidationError

from drills.gateway.faults import Plan
from drills.gateway.parts import Trouble, only_the_account, parts

admin = Blueprint("gateway_admin", __name__, url_prefix="/faults")
admin.before_request(only_the_account)


@admin.get("")
def read() -> Response:
    """Answer the plan in force and how often each of its faults has struck."""
    faults = parts().faults
    return jsonify({"plan": faults.plan.model_dump(), "struck": faults.struck()})


@admin.put("")
def put() -> Response:
    """Put a plan in force; counting begins anew."""
    try:
        plan = Plan.model_validate_json(request.get_data())
    except ValidationError as error:
        raise Trouble(
            422, 20001, str(error.errors(include_url=False, include_input=False))
        ) from None
    parts().faults.set(plan)
    return read()


@admin.delete("")
def lift() -> Response:
    """Lift all faults."""
    parts().faults.set(Plan())
    return read()
