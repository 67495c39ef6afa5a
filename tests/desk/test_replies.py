"""Replies by SMS and keys in a call: answered once, never for another alert, never in a loop."""

from incident.models import OutgoingMessage, Reply
from incident.operations import refusals
from incident.services import Services
from tests.support.alerts import (
    all_alerts,
    entries,
    later,
    newest_alert,
    people,
    press,
    states,
    to_phone,
    write_back,
)
from tests.support.desk import make_incident, make_person

OFFICER, PHONE = "duty_officer", "+86100000000001"


def test_a_reply_with_the_code_of_its_alert_answers_it(services: Services) -> None:
    incident = make_incident(services)
    code = people(services)[OFFICER].code
    (confirmed,) = write_back(services, PHONE, f"{code.lower()} 2")
    assert "已动身" in confirmed
    found = people(services)[OFFICER]
    assert (found.state, found.answer, found.answered_by) == ("answered", "under_way", "reply")
    assert entries(services, incident)[-1] == "alert_answered"


def test_the_first_text_says_the_code_and_how_to_answer(services: Services) -> None:
    make_incident(services)
    (text,) = to_phone(services, PHONE)
    assert text.body.endswith(f"回{people(services)[OFFICER].code}加1收到2动身3不能")
    assert text.segments == 1


def test_a_bare_number_answers_the_only_alert(services: Services) -> None:
    make_incident(services)
    write_back(services, PHONE, "1")
    assert people(services)[OFFICER].answer == "received"


def test_a_bare_number_asks_which_where_several_are_open(services: Services) -> None:
    make_incident(services)
    make_incident(services)
    (asked,) = write_back(services, PHONE, "１")
    codes = [people(services, alert)[OFFICER].code for alert in all_alerts(services)]
    assert len(set(codes)) == 2
    assert all(code in asked for code in codes)
    assert {states(services, alert)[OFFICER] for alert in all_alerts(services)} == {"called"}
    write_back(services, PHONE, codes[0] + "1", id="SM2")
    assert [states(services, one)[OFFICER] for one in all_alerts(services)] == [
        "answered",
        "called",
    ]


def test_a_code_that_is_not_his_answers_nothing(services: Services) -> None:
    make_incident(services)
    taken = people(services)[OFFICER].code
    other = next(code for code in ("K7", "M4", "R9") if code != taken)
    (told,) = write_back(services, PHONE, f"{other}1")
    assert "无此代码" in told
    assert states(services)[OFFICER] == "called"


def test_who_helps_himself_not_is_helped_five_times_and_then_left_in_peace(
    services: Services,
) -> None:
    make_incident(services)
    answers = [write_back(services, PHONE, "什么？", id=f"SM{n}") for n in range(8)]
    assert [len(one) for one in answers] == [1, 1, 1, 1, 1, 0, 0, 0]


def test_the_same_answer_twice_is_one_answer(services: Services) -> None:
    incident = make_incident(services)
    code = people(services)[OFFICER].code
    assert len(write_back(services, PHONE, f"{code}1", id="SM1")) == 1
    assert write_back(services, PHONE, f"{code}1", id="SM1") == []
    assert entries(services, incident).count("alert_answered") == 1


def test_after_the_end_the_sender_hears_that_it_is_over(services: Services) -> None:
    make_incident(services, state="dismissed")
    first = all_alerts(services)[0]
    code = people(services, first)[OFFICER].code
    (told,) = write_back(services, PHONE, f"{code}1")
    assert "该事件已结束" in told


def test_a_stranger_gets_no_answer_and_his_number_is_not_kept(services: Services) -> None:
    make_incident(services)
    assert write_back(services, "+86100000000099", "收到") == []
    with services.reading() as session:
        assert [reply.sender for reply in session.query(Reply)] == [""]
    assert entries(services)[-1] == "reply_unknown"


def test_stop_from_the_roster_alarms_the_desk_and_mutes_nobody(services: Services) -> None:
    make_incident(services)
    write_back(services, "+86100000000002", "退订")  # the duty leader
    assert entries(services)[-1] == "reply_stop"
    told = [row for row in to_phone(services, PHONE) if row.reason.startswith("stop:")]
    assert {row.channel for row in told} == {"sms", "voice"}
    with services.reading() as session:
        leader = people(services)["duty_leader"].user_id
        assert refusals.opted_out(session) == {leader}
    later(services, minutes=2)
    assert [row.channel for row in to_phone(services, "+86100000000002")] == ["sms", "voice"]


def test_a_key_in_a_call_answers_for_everything_that_the_call_was_for(services: Services) -> None:
    make_incident(services)
    later(services, minutes=2)
    call = next(row for row in to_phone(services, PHONE) if row.channel == "voice")
    press(services, call, "1")
    found = people(services)[OFFICER]
    assert (found.answer, found.answered_by) == ("received", "keypad")


def test_the_second_key_hands_on_to_the_next(services: Services) -> None:
    make_incident(services)
    later(services, minutes=2)
    call = next(row for row in to_phone(services, PHONE) if row.channel == "voice")
    press(services, call, "2")
    assert states(services)[OFFICER] == "cannot"


def test_two_people_with_one_telephone_have_codes_of_their_own(services: Services) -> None:
    make_person(services, "twin", OFFICER, number=1)
    make_incident(services)
    both = people(services)
    assert both["twin"].code != both[OFFICER].code
    write_back(services, PHONE, both["twin"].code + "2")
    assert people(services)["twin"].answer == "under_way"
    assert newest_alert(services).ended_at is None


def test_no_answer_of_the_desk_says_a_number_or_a_name(services: Services) -> None:
    make_incident(services)
    write_back(services, PHONE, "1")
    with services.reading() as session:
        for row in session.query(OutgoingMessage):
            assert PHONE not in row.body
