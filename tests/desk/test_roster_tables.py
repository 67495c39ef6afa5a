"""Rosters that travel: spreadsheets out and in, and one's own duties as a calendar."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime

import openpyxl
import pytest
from icalendar import Calendar

from incident import calendars, roster_sheets, spreadsheets
from incident.calendars import Appointment
from incident.errors import InvalidInput
from incident.inputs import roster_table
from incident.models import DutyOverride
from incident.operations import roster_import
from incident.operations.oncall import on_call
from incident.operations.roster_import import Checked
from incident.queries.roster import month
from incident.services import Services
from incident.spreadsheets import Sheet
from incident.who import Who
from tests.support.desk import NOW
from tests.support.roster import change_user, make_officers, make_post, make_rotation
from workflows.lifecycle import Role

HEADS = ["日期", "岗位", "班次", "A 岗", "B 岗"]
SHEET = Sheet(name="明细", title="值班表", heads=tuple(HEADS), rows=(), widths=(10,) * 5)


def book(*rows: Sequence[object], heads: Sequence[str] = HEADS) -> bytes:
    """Return a spreadsheet as an office would make one."""
    made = openpyxl.Workbook()
    page = made.active
    for row in (("值班表",), heads, *rows):
        page.append(list(row))
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def rows_of(content: bytes) -> list[list[str]]:
    return roster_table.pick(spreadsheets.read("roster.xlsx", content))


@pytest.fixture
def office(sqlite_services: Services) -> list[Who]:
    """Four officers at one post; each stands in for the one before him."""
    officers = make_officers(sqlite_services)
    for who, name in zip(officers, "甲乙丙丁", strict=True):
        change_user(sqlite_services, who, display=f"示例{name}")
    order = [(one, officers[place - 1]) for place, one in enumerate(officers)]
    make_rotation(sqlite_services, make_post(sqlite_services), order)
    return officers


def checked(services: Services, *rows: Sequence[object]) -> Checked:
    table = roster_table.read(rows_of(book(*rows)))
    with services.reading() as session:
        return roster_import.check(session, table, services.context(OTHER))


OTHER = Who(id=None, display="leader")


def taken(services: Services, *rows: Sequence[object]) -> None:
    table = roster_table.read(rows_of(book(*rows)))
    with services.transaction() as session:
        context = services.context(OTHER)
        roster_import.take(session, roster_import.check(session, table, context), context)


def overrides(services: Services) -> int:
    with services.reading() as session:
        return session.query(DutyOverride).count()


def test_a_month_that_goes_out_comes_in_without_a_change(
    sqlite_services: Services, office: list[Who]
) -> None:
    services = sqlite_services
    with services.reading() as session:
        found = month(session, date(2026, 12, 1), services.rules, NOW)
        sheets = roster_sheets.sheets(found, "示例市", "zh")
        content = spreadsheets.write(sheets, author="示例", now=NOW)
        table = roster_table.read(rows_of(content))
        same = roster_import.check(session, table, services.context(OTHER))

    assert (same.changes, same.same, same.wrong) == ((), 31, ())


def test_a_table_changes_what_it_says_and_nothing_else(
    sqlite_services: Services, office: list[Who]
) -> None:
    a, b, *_ = office
    taken(  # by the rotation c has the 1st and b stands in, d the 2nd and c stands in
        sqlite_services,
        [date(2026, 12, 1), "值班员", "08:30", "示例甲", "示例乙"],
        ["2026-12-02", "desk", "8:30", "", "officer-b"],
        ["2026/12/03", "值班员", "08:30", "", ""],
    )

    with sqlite_services.reading() as session:
        found = on_call(
            session,
            Role.DUTY_OFFICER,
            datetime(2026, 12, 1, 4, tzinfo=UTC),
            rules=sqlite_services.rules,
        )
    assert [(one.user_id, one.why) for one in found] == [(a.id, "import"), (b.id, "on_duty")]
    assert overrides(sqlite_services) == 2


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        pytest.param(["20 月", "值班员", "08:30", "示例甲", ""], "day", "bad-day", id="day"),
        pytest.param(
            ["2026-12-01", "门卫", "08:30", "示例甲", ""], "post", "no-such-post", id="post"
        ),
        pytest.param(
            ["2026-12-01", "值班员", "17:30", "示例甲", ""], "begins", "no-such-shift", id="shift"
        ),
        pytest.param(
            ["2026-12-01", "值班员", "早", "示例甲", ""], "begins", "bad-time-of-day", id="time"
        ),
        pytest.param(["2026-12-01", "值班员", "08:30", "某人", ""], "main", "not-fit", id="name"),
        pytest.param(
            ["2026-12-01", "值班员", "08:30", "示例甲", "示例甲"],
            "stand_in",
            "own-stand-in",
            id="himself",
        ),
        pytest.param(
            ["2026-11-22", "值班员", "08:30", "示例丁", "示例甲"], "day", "duty-begun", id="past"
        ),
        pytest.param(
            ["2026-12-01", "值" * 90, "08:30", "示例甲", ""], "post", "too-long", id="long"
        ),
    ],
)
def test_a_bad_line_is_told_and_keeps_the_good_ones_out(
    sqlite_services: Services, office: list[Who], row: list[str], field: str, code: str
) -> None:
    good = ["2026-12-05", "值班员", "08:30", "示例甲", "示例乙"]

    found = checked(sqlite_services, good, row)

    assert [(one.row, one.error.field, one.error.code) for one in found.wrong] == [(4, field, code)]
    with pytest.raises(InvalidInput):
        taken(sqlite_services, good, row)
    assert overrides(sqlite_services) == 0


def test_a_shift_twice_is_told_on_its_second_line(
    sqlite_services: Services, office: list[Who]
) -> None:
    row = ["2026-12-05", "值班员", "08:30", "示例甲", "示例乙"]

    (wrong,) = checked(sqlite_services, row, row).wrong

    assert (wrong.row, wrong.error.code) == (4, "shift-twice")


def test_people_of_one_name_are_told_apart_by_their_account(
    sqlite_services: Services, office: list[Who]
) -> None:
    change_user(sqlite_services, office[1], display="示例甲")

    (wrong,) = checked(sqlite_services, ["2026-12-05", "值班员", "08:30", "示例甲", ""]).wrong
    found = checked(sqlite_services, ["2026-12-05", "值班员", "08:30", "示例甲 (officer-a)", ""])

    assert wrong.error.code == "name-ambiguous"
    assert found.wrong == ()


def test_english_heads_are_known_as_well() -> None:
    rows = rows_of(book(["2026-12-05", "desk", "08:30", "a", ""], heads=roster_table.heads("en")))

    assert [line.main for line in roster_table.read(rows).lines] == ["a"]


def test_formulas_and_links_stay_text() -> None:
    texts = ("=1+1", "http://example.invalid", "+1", "@a", "-2")
    sheet = Sheet(name="明细", title="=2+2", heads=tuple(HEADS), rows=(texts,), widths=(10,) * 5)

    content = spreadsheets.write([sheet], author="示例", now=NOW)

    page = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in page[3]] == list(texts)
    assert {cell.data_type for cell in page[3]} == {"s"}
    assert page["A1"].data_type == "s"
    assert all(cell.hyperlink is None for cell in page[3])


def test_an_entity_in_a_spreadsheet_is_refused() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "' + b"y" * 50 + b'">]>'
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<si><t>&x;</t></si></sst>"
    )
    hostile = io.BytesIO()
    content = spreadsheets.write([SHEET], author="示例", now=NOW)
    with zipfile.ZipFile(io.BytesIO(content)) as good, zipfile.ZipFile(hostile, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, bomb if name.endswith("sharedStrings.xml") else good.read(name))

    with pytest.raises(InvalidInput) as found:
        rows_of(hostile.getvalue())

    assert found.value.errors[0].code == "file-damaged"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "file-empty", id="empty"),
        pytest.param("日期,岗位".encode(), "not-xlsx", id="text"),
        pytest.param(b"PK\x03\x04nonsense", "file-damaged", id="damaged"),
        pytest.param(book(heads=["a", "b"]), "no-roster-columns", id="other columns"),
        pytest.param(book(*[["x"]] * 2001), "too-many-rows", id="too long"),
    ],
)
def test_what_is_no_roster_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as found:
        rows_of(content)

    assert found.value.errors[0].code == code


def test_a_calendar_holds_each_duty_with_its_own_name() -> None:
    long = "值班：" + "示例市市场监督管理局值班员" * 6 + "（A 岗）"
    duty = Appointment(key="desk-main-1", title=long, starts_at=NOW, ends_at=NOW.replace(hour=9))

    content = calendars.feed("示例的值班", [duty], now=NOW)

    read = Calendar.from_ical(content)
    (event,) = read.walk("VEVENT")
    assert str(event["summary"]) == long
    assert event.decoded("dtstart") == NOW
    assert str(event["uid"]) == "desk-main-1@tocsin"
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
