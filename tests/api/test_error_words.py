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
                literals = [
                    argument.value if isinstance(argument, ast.Constant) else None
                    for argument in node.args
                ]
                if node.func.id == "FieldError" and len(literals) > 1:
                    yield "fields", str(literals[1] or "required")
                elif node.func.id == "InvalidInput" and len(literals) > 1:
                    yield "errors", str(literals[1])
                elif node.func.id in CLASSES and node.func.id not in (
                    "InvalidInput",
                    "IllegalStep",
                ):
                    if literals and isinstance(literals[0], str):
                        yield "errors", literals[0]


def test_every_code_has_words_in_both_languages() -> None:
    known = words.vocabulary()
    wanted = {*calls()}
    wanted |= {("errors", kind.code) for kind in CLASSES.values()}
    wanted |= {("errors", code) for code in faults.CODES.values()}
    wanted |= {("fields", code) for code in (*CODES.values(), *OWN, "wrong-type")}
    lacking = {
        (group, code)
        for group, code in wanted
        if set(known[group].get(code, {})) != {"zh", "en"} and code != "None"
    }
    assert lacking == set()
    assert len(wanted) > 80
