"""A scenario's list of events goes into a spreadsheet and comes back as it was."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.cli import drill
from drills.scenario import msel, msel_import
from drills.scenario.condition_reading import parse
from drills.scenario.conditions import plain
from drills.scenario.files import FOLDER, load, shipped
from drills.scenario.msel_import import BadSheet
from drills.scenario.schema import Inject, Scenario
from incident import spreadsheets
from workflows.library import Library
from workflows.lifecycle import Action, Role, State
from workflows.plan import CalloutEvent

LIBRARY = Library.load()
ALL = shipped()
NOW = datetime(2026, 11, 23, tzinfo=UTC)
CANTEEN = ALL["school-canteen-salmonella"]
ROWS = msel.sheets(CANTEEN, "zh")
Cells = list[list[str]]


def there_and_back(scenario: Scenario, language: str) -> Scenario:
    content = spreadsheets.write(msel.sheets(scenario, language), author="test", now=NOW)
    return msel_import.merge(scenario, spreadsheets.read("a.xlsx", content), LIBRARY)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scenario", ALL.values(), ids=ALL.keys())
def test_a_shipped_scenario_comes_back_as_it_was(scenario: Scenario, language: str) -> None:
    assert there_and_back(scenario, language) == scenario


texts = (
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]),
        min_size=1,
        max_size=40,
    )
    .map(str.strip)
    .filter(lambda text: text and "_x" not in text)  # _xNNNN_ is the sheet's own way to escape
)
minutes = st.integers(1, 60).map(lambda number: f"{number}m")


@st.composite
def injects(draw: st.DrawFn) -> tuple[Inject, ...]:
    """Messages of every way to come, beside the report that opens the drill."""
    made = [CANTEEN.injects[0]]
    for number in range(draw(st.integers(1, 5))):
        way = draw(
            st.sampled_from(
                [
                    {"ready": True},
                    {"at": draw(minutes)},
                    {"when": plain(draw(conditions))},
                    {"at": "5m", "repeat": {"every": "10m", "times": draw(st.integers(1, 5))}},
                ]
            )
        )
        raw = {
            "id": f"inject-{number}",
            "via": draw(st.sampled_from(["sms", "phone_card", "media_post"])),
            "to": draw(st.sampled_from(["players", "simulators"])),
            "sender": draw(texts),
            "text": draw(texts),
            **way,
        }
        if draw(st.booleans()):
            raw["expires"] = draw(minutes)
        made.append(Inject.model_validate(raw))
    return tuple(made)


leaves = st.one_of(
    st.sampled_from(State).map(lambda state: {"state": str(state)}),
    st.sampled_from(Action).map(lambda action: {"action": str(action)}),
    st.integers(0, 40).map(lambda number: {"fact": "ill", "at_least": number}),
    st.sampled_from(["A01", "A05"]).map(lambda task: {"task": task, "evidence": False}),
    st.just({"clock": "FC-INITIAL"}),
    st.just({"consultation": "concluded"}),
    st.just({"briefing": "initial", "contains": ["ill", "deaths"]}),
    st.just(
        {
            "message": str(CalloutEvent.ACTIVATED),
            "role": str(Role.COMMANDER),
            "of": "all",
        }
    ),
)
trees = st.recursive(
    leaves,
    lambda inner: st.tuples(
        st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda made: {made[0]: made[1]}),
    max_leaves=6,
)
conditions = trees.map(parse)


@given(trees)
def test_a_condition_is_written_as_it_is_read(raw: dict[str, object]) -> None:
    condition = parse(raw)

    assert parse(plain(condition)) == condition


@settings(max_examples=25, deadline=None)
@given(injects())
def test_whatever_a_sheet_can_hold_comes_back(made: tuple[Inject, ...]) -> None:
    scenario = CANTEEN.model_copy(update={"injects": made, "expectations": ()})

    assert there_and_back(scenario, "zh").injects == made


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("T+1:25", "85m"), ("t+85", "85m"), ("85", "85m"), ("0:05", "5m"), ("T + 0:00", "0m")],
)
def test_times_are_read_as_people_write_them(text: str, minutes: str) -> None:
    assert msel.offset(text) == minutes


@pytest.mark.parametrize("text", ["soon", "1:75", "-5m", "T+", "99999"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        msel.offset(text)


def changed(column: str, value: str, row: int = 1) -> list[tuple[str, Cells]]:
    """Return the sheets of the canteen with one cell changed; the rows count from the first."""
    found = []
    for sheet in ROWS:
        cells = [[sheet.title], list(sheet.heads), *map(list, sheet.rows)]
        if sheet is ROWS[0]:
            cells[row + 1][list(msel.INJECTS).index(column)] = value
        found.append((sheet.name, cells))
    return found


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("at", "soon", "cannot be read"),
        ("when", "{state: [", "cannot be read"),
        ("when", "{state: gone}", "unknown state `gone`"),
        ("via", "pigeon", "unknown via `pigeon`"),
        ("segment", "gone", "unknown segment `gone`"),
        ("expired", "gone", "unknown inject `gone`"),
        ("repeat", "often", "cannot be read"),
        ("ready", "perhaps", "cannot be read"),
        ("id", "leader-again", "stands 2 times"),
        ("text", "13812345678", "a real telephone"),
    ],
)
def test_what_is_wrong_is_told_by_row_and_column(column: str, value: str, what: str) -> None:
    with pytest.raises(BadSheet) as caught:
        msel_import.merge(CANTEEN, changed(column, value, row=2), LIBRARY)

    told = [problem for problem in caught.value.problems if what in problem.what]
    assert told, caught.value.problems
    assert told[0].sheet == "injects"
    assert told[0].row in (4, 5)
    assert told[0].right


def test_every_wrong_row_is_told_at_once() -> None:
    found = changed("at", "soon", row=1)
    found[0][1][3][msel_column("at")] = "later"

    with pytest.raises(BadSheet) as caught:
        msel_import.merge(CANTEEN, found, LIBRARY)

    assert [problem.row for problem in caught.value.problems] == [3, 4]


def msel_column(name: str) -> int:
    return list(msel.INJECTS).index(name)


def test_a_workbook_of_something_else_is_refused() -> None:
    with pytest.raises(BadSheet, match="no sheet of events"):
        msel_import.merge(CANTEEN, [("Sheet1", [["a"]])], LIBRARY)


def test_a_sheet_that_is_not_there_leaves_its_part() -> None:
    only = [one for one in changed("text", "请速报", row=2) if one[0] == ROWS[0].name]

    made = msel_import.merge(CANTEEN, only, LIBRARY)

    assert made.expectations == CANTEEN.expectations


def test_the_commands_export_try_and_import(tmp_path: Path) -> None:
    sheet, target = tmp_path / "list.xlsx", tmp_path / "my-drill.yaml"

    CliRunner().invoke(drill, ["export", CANTEEN.id, str(sheet)], catch_exceptions=False)
    tried = CliRunner().invoke(drill, ["import", str(sheet), CANTEEN.id, "--dry-run"])
    assert tried.exit_code == 0
    assert not target.exists()
    file = str(FOLDER / f"{CANTEEN.id}.yaml")
    CliRunner().invoke(drill, ["import", str(sheet), file, "--to", str(target)])

    assert load(target) == CANTEEN.model_copy(update={"id": "my-drill"})
