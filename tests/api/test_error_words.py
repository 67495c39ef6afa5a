"""Every code that an error can carry has its words in both languages."""

import ast
import inspect
from collections.abc import Iterator

from incident import errors, words
from incident.inputs.base import CODES, OWN
from incident.web import faults
from tests.support.tree import ROOT

CLASSES = {
    name: kind
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.TocsinError)
}


def calls() -> Iterator[tuple[str, str]]:
    """Yield (group of words, code) of each error that is made with a literal code."""
    for path in sorted((ROOT / "incident").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield from codes(node.func.id, node.args)


def codes(name: str, arguments: list[ast.expr]) -> Iterator[tuple[str, str]]:
    """Yield the code of one call: the second argument where the first is a field."""
    place = 1 if name in ("FieldError", "InvalidInput") else 0
    if name not in {*CLASSES, "FieldError"} - {"IllegalStep"} or len(arguments) <= place:
        return
    code = arguments[place]
    if isinstance(code, ast.Constant) and isinstance(code.value, str):
        yield "fields" if name == "FieldError" else "errors", code.value


def test_every_code_has_words_in_both_languages() -> None:
    known = words.vocabulary()
    wanted = {*calls()}
    wanted |= {("errors", kind.code) for kind in CLASSES.values()}
    wanted |= {("errors", code) for code in faults.CODES.values()}
    wanted |= {("fields", code) for code in (*CODES.values(), *OWN, "wrong-type")}
    lacking = {
        (group, code) for group, code in wanted if set(known[group].get(code, {})) != {"zh", "en"}
    }
    assert lacking == set()
    assert len(wanted) > 80
