"""Step by step on a phone: one group a page, everything kept on the server."""

from incident.services import Services
from tests.pages.report_pages import Typist, typist, value_of
from tests.support.desk import read

STEPS = {
    "place": {"kind": "drug", "place.division": "西湖区", "unit.name": "示例市中心医院"},
    "people": {"counts.ill": "3", "counts.unexpected": "3"},
    "suspect": {"suspect.product": "示例注射液", "suspect.batch": "SL20261001"},
    "illness": {"received_at": "2026-11-23T10:50", "symptoms": "寒战 发热"},
    "course": {"narrative": "输液后半小时内出现"},
    "reporter": {"reporter.phone": "+8610000000092", "source": "hospital"},
}


def walk(person: Typist) -> list[str]:
    """Take all steps; return where each led."""
    base = f"/reports/new/{person.key}/steps"
    return [
        person.client.post(f"{base}/{step}", data=typed).headers["Location"]
        for step, typed in STEPS.items()
    ]


def opened(desk: Services) -> Typist:
    person = typist(desk, path="/reports/new/steps")
    person.address = person.address.removesuffix("/steps/place")
    return person


def test_each_step_leads_to_the_next_and_the_last_to_the_second_look(desk: Services) -> None:
    person = opened(desk)
    led = [address.rsplit("/", 1)[1] for address in walk(person)]

    assert led == ["people", "suspect", "illness", "course", "reporter", "check"]
    assert person.file().status_code == 303
    incident = read(desk, person.number())
    assert (incident.kind, incident.batch, incident.division) == ("drug", "SL20261001", "330106")


def test_going_back_finds_what_was_typed(desk: Services) -> None:
    person = opened(desk)
    walk(person)
    page = person.client.get(f"/reports/new/{person.key}/steps/suspect").text

    assert value_of(page, "suspect.batch") == "SL20261001"
    assert "第 3 步，共 6 步" in page


def test_a_step_tells_only_its_own_faults(desk: Services) -> None:
    person = opened(desk)
    answer = person.client.post(
        f"/reports/new/{person.key}/steps/people", data={"counts.ill": "许多"}
    )

    assert answer.status_code == 422
    assert "有 1 处要改" in answer.text
    assert value_of(answer.text, "counts.ill") == "许多"


def test_the_end_leads_back_to_what_is_missing(desk: Services) -> None:
    person = opened(desk)
    base = f"/reports/new/{person.key}/steps"
    last = person.client.post(f"{base}/reporter", data={"reporter.phone": ""})

    assert last.headers["Location"].endswith("/steps/place")


def test_both_modes_write_the_same_draft(desk: Services) -> None:
    person = opened(desk)
    walk(person)
    sheet = person.client.get(f"/reports/new/{person.key}").text

    assert value_of(sheet, "unit.name") == "示例市中心医院"
    assert value_of(sheet, "counts.unexpected") == "3"


def test_an_unknown_step_is_not_found(desk: Services) -> None:
    person = opened(desk)

    assert person.client.get(f"/reports/new/{person.key}/steps/nothing").status_code == 404
    assert person.client.post(f"/reports/new/{person.key}/steps/nothing").status_code == 404
