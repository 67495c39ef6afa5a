"""The blueprint that all pages of drills hang on."""

from flask import Blueprint

blueprint = Blueprint("drills", __name__)
