"""The language of a page: Chinese as written, English by the catalogues beside it."""

import io
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import g, has_request_context, request

from templates import ROOT

LANGUAGES = ("zh", "en")
COOKIE = "language"


def language() -> str:
    """Return the language of the present request: its cookie, else Chinese."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        asked = request.cookies.get(COOKIE, "zh")
        g.language = asked if asked in LANGUAGES else "zh"
    return str(g.language)


def gettext(text: str) -> str:
    """Return a text in the language of the present request."""
    return translations(language()).gettext(text)


@lru_cache(maxsize=2)
def translations(name: str) -> NullTranslations:
    """Return the translations into a language; Chinese needs none."""
    if name == "zh":
        return NullTranslations()
    whole = io.BytesIO()
    write_mo(whole, catalogue(name))
    whole.seek(0)
    return GNUTranslations(whole)


def catalogue(name: str) -> Catalog:
    """Return the catalogues of a language, a file a subject, as one."""
    merged = Catalog(locale=name)
    for path in sorted((ROOT / "translations" / name).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=name):
                if message.id:
                    merged.add(message.id, message.string)
    return merged
