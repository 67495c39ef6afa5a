"""Files, tasks with evidence, and consultations that stay blind, by their pages."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from tests.pages.incident_client import Browser
from tests.pages.incident_world import World, make_world
from tests.support.desk import make_incident, make_people, make_person

LARGE = 3 * 1024 * 1024


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"), states=False)
    make_people(made.desk)
    make_person(made.desk, "second", "expert", number=71)
    yield made
    made.desk.engine.dispose()


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, "PNG")
    return made.getvalue()


def test_a_file_comes_back_as_it_was_and_is_never_shown_as_a_page(world: World) -> None:
    number = make_incident(world.desk).number
    officer = world.person("duty_officer")

    assert (
        officer.upload(f"/incidents/{number}/files", "留样照片.png", picture()).status_code == 303
    )
    page = officer.read(f"/incidents/{number}/files")
    address = page.split(f"/incidents/{number}/files/")[1].split('"')[0]
    file = officer.get(f"/incidents/{number}/files/{address}")

    assert "留样照片.png" in page
    assert file.data == picture()
    assert file.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E7%95")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file.headers["Content-Security-Policy"]


def test_a_file_may_be_larger_than_other_forms(world: World) -> None:
    number = make_incident(world.desk).number
    officer = world.person("duty_officer")

    answer = officer.upload(f"/incidents/{number}/files", "化验单.txt", b"a" * LARGE)
    assert answer.status_code == 303
    assert (
        officer.upload(f"/incidents/{number}/actions/note", "x.txt", b"a" * LARGE).status_code
        == 413
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [("空.txt", b""), ("坏.png", b"\x89PNG\r\n\x1a\nnot a picture"), ("x.svg", b"<svg></svg>")],
)
def test_a_file_that_may_not_be_kept_is_refused_with_the_reason(
    world: World, name: str, content: bytes
) -> None:
    number = make_incident(world.desk).number
    officer = world.person("duty_officer")

    answer = officer.upload(f"/incidents/{number}/files", name, content)

    assert answer.status_code == 422
    assert "error-summary" in answer.get_data(as_text=True)


def test_a_task_is_moved_by_one_tap_and_shown_done_by_a_photo(world: World) -> None:
    number = make_incident(world.desk, state="responding").number
    member = world.person("group_member")
    task = tasks(member, number)[0]

    tap = {"status": "started", "version": "1", "back": "board"}
    assert member.post(f"/incidents/{number}/tasks/{task}", **tap).status_code == 303
    path = f"/incidents/{number}/tasks/{task}/evidence"
    assert member.upload(path, "现场.png", picture(), status="done").status_code == 303

    page = member.read(f"/incidents/{number}/tasks/{task}")
    assert "现场.png" in page
    assert "办结" in page
    assert "证据 1" in member.read(f"/incidents/{number}/board")


def test_two_people_at_one_task_do_not_overwrite_each_other(world: World) -> None:
    number = make_incident(world.desk, state="responding").number
    member = world.person("group_member")
    path = f"/incidents/{number}/tasks/{tasks(member, number)[0]}"

    assert member.post(path, note="已到场", version="1").status_code == 303
    late = member.post(path, note="还没出发", version="1")

    assert late.status_code == 412
    assert "还没出发" in late.get_data(as_text=True)


def test_a_task_is_added_with_owner_and_time(world: World) -> None:
    number = make_incident(world.desk, state="responding").number
    member = world.person("group_member")
    path = f"/incidents/{number}/tasks/new"

    assert member.post(path, title="").status_code == 422
    assert member.post(path, title="联系家长", owner="nobody").status_code == 422
    fields = {"title": "联系家长", "owner": "group_member", "due_at": "2026-11-23T18:00"}
    assert member.post(path, **fields).status_code == 303
    assert "联系家长" in member.read(f"/incidents/{number}/board", group="mine")


def test_opinions_are_blind_until_all_are_in(world: World) -> None:
    number = make_incident(world.desk, state="responding").number
    asked = {"question": "病因？", "due_at": "2026-11-23T18:00", "experts": ["expert", "second"]}
    world.person("commander").do(number, "convene", **asked)
    first, second, chair = (world.person(name) for name in ("expert", "second", "chair"))
    path = consultation(first, number)

    early = {"text": "等一等", "confidence": "low", "locked": "1"}
    assert first.post(f"{path}/opinion", **early).status_code == 409
    assert first.post(f"{path}/declaration").status_code == 422
    give(first, path, "我认为是金黄色葡萄球菌")
    for reader in (second, chair, world.person("commander"), world.person("duty_officer")):
        assert "金黄色葡萄球菌" not in reader.read(path)
        assert "金黄色葡萄球菌" not in reader.read(f"/incidents/{number}/consultations")
    assert "金黄色葡萄球菌" in first.read(path)
    assert "专家意见未齐" in chair.read(path)

    give(second, path, "我认为是诺如病毒")
    assert "金黄色葡萄球菌" in chair.read(path)
    assert "诺如病毒" in first.read(path)
    again = first.post(f"{path}/opinion", text="改口", confidence="low", locked="1")
    assert again.status_code == 409


def test_an_expert_with_a_conflict_gives_no_opinion(world: World) -> None:
    number = make_incident(world.desk, state="consulting").number
    expert = world.person("expert")
    path = consultation(expert, number)

    declared = expert.post(f"{path}/declaration", has_conflict="yes", conflict="该校顾问")
    assert declared.status_code == 303
    answer = expert.post(f"{path}/opinion", text="意见", confidence="low", locked="1")

    assert answer.status_code == 403
    assert "已声明利益冲突" in expert.read(path)


def test_an_expert_reads_only_the_files_that_were_frozen_for_him(world: World) -> None:
    number = make_incident(world.desk, state="responding").number
    officer = world.person("duty_officer")
    for name in ("给专家.png", "不给专家.png"):
        officer.upload(f"/incidents/{number}/files", name, picture())
    page = officer.read(f"/incidents/{number}/files")
    shown = [part.split('"')[0] for part in page.split(f"/incidents/{number}/files/")[1:]]
    kept, frozen = sorted(shown, key=int, reverse=True)
    asked = {"question": "病因？", "due_at": "2026-11-23T18:00", "experts": ["expert"]}
    world.person("commander").do(number, "convene", **asked, evidence=[frozen])

    expert = world.person("expert")
    assert expert.get(f"/incidents/{number}/files/{frozen}").status_code == 200
    assert expert.get(f"/incidents/{number}/files/{kept}").status_code == 404


def tasks(person: Browser, number: str) -> list[str]:
    board = person.read(f"/incidents/{number}/board")
    found = [part.split('"')[0] for part in board.split(f"/incidents/{number}/tasks/")[1:]]
    return [task for task in found if task.isdigit()]


def consultation(person: Browser, number: str) -> str:
    listed = person.read(f"/incidents/{number}/consultations")
    asked = listed.split("/consultations/")[1].split('"')[0]
    return f"/incidents/{number}/consultations/{asked}"


def give(person: Browser, path: str, text: str) -> None:
    assert person.post(f"{path}/declaration", has_conflict="no").status_code == 303
    given = person.post(f"{path}/opinion", text=text, confidence="high", locked="1")
    assert given.status_code == 303
