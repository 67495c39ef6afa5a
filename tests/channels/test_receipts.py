"""A callback is believed only with a true signature, and a status only ever moves on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from notifications.receipt import BadReceipt, BadSignature, Receipt, is_forward, rank, read

URL = "https://desk.example/callbacks/sms/M1"
TOKEN, OLD_TOKEN = "the token of today", "the token of yesterday"
FORM = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+86100000000001"}


def sign(form=FORM, *, url=URL, token=TOKEN) -> str:
    signature: str = RequestValidator(token).compute_signature(url, form)
    return signature


def test_a_true_signature_is_believed():
    receipt = read(url=URL, form=FORM, signature=sign(), tokens=[TOKEN])
    assert receipt == Receipt(provider_id="SM1", status="delivered", error_code=None)


@pytest.mark.parametrize("token", [TOKEN, OLD_TOKEN])
def test_both_tokens_are_believed_while_they_are_being_changed(token):
    signature = sign(token=token)
    assert read(url=URL, form=FORM, signature=signature, tokens=[TOKEN, OLD_TOKEN])


def test_the_same_receipt_may_come_again_and_reads_the_same():
    first = read(url=URL, form=FORM, signature=sign(), tokens=[TOKEN])
    assert read(url=URL, form=FORM, signature=sign(), tokens=[TOKEN]) == first


@pytest.mark.parametrize("signature", [None, "", " ", "x", "签名", "é" * 28, "A" * 28, "A" * 9999])
def test_a_missing_or_made_up_signature_is_refused(signature):
    with pytest.raises(BadSignature):
        read(url=URL, form=FORM, signature=signature, tokens=[TOKEN])


@pytest.mark.parametrize("tokens", [[], [""], ["", "another"], [OLD_TOKEN]])
def test_without_the_right_token_nothing_is_believed(tokens):
    with pytest.raises(BadSignature):
        read(url=URL, form=FORM, signature=sign(), tokens=tokens)


def test_an_empty_token_signs_nothing():
    with pytest.raises(BadSignature):
        read(url=URL, form=FORM, signature=sign(token=""), tokens=[""])


@pytest.mark.parametrize(
    "url",
    [
        "http://desk.example/callbacks/sms/M1",
        "https://desk.example/callbacks/sms/M2",
        "https://desk.example/callbacks/sms/M1?again=1",
        "https://other.example/callbacks/sms/M1",
        "",
        "not an address",
    ],
)
def test_a_signature_for_another_address_is_refused(url):
    with pytest.raises(BadSignature):
        read(url=url, form=FORM, signature=sign(), tokens=[TOKEN])


@given(
    name=st.sampled_from([*FORM, "ErrorCode", "Extra"]),
    value=st.text(min_size=1, max_size=30),
)
def test_whoever_changes_or_adds_a_field_is_refused(name, value):
    changed = {**FORM, name: value}
    if changed != FORM:
        with pytest.raises(BadSignature):
            read(url=URL, form=changed, signature=sign(), tokens=[TOKEN])


def test_a_form_as_the_web_gives_it_is_read():
    form = MultiDict(FORM)
    assert read(url=URL, form=form, signature=sign(), tokens=[TOKEN]).provider_id == "SM1"


def test_a_second_value_smuggled_in_beside_the_signed_one_changes_nothing():
    form = MultiDict([*FORM.items(), ("MessageStatus", "failed")])
    assert read(url=URL, form=form, signature=sign(), tokens=[TOKEN]).status == "delivered"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"MessageSid": "SM1"},
        {"MessageStatus": "sent"},
        {"MessageSid": "", "MessageStatus": "sent"},
        {"MessageSid": "SM1", "MessageStatus": ""},
        {"MessageSid": "S" * 65, "MessageStatus": "sent"},
        {"MessageSid": "SM1\nroot", "MessageStatus": "sent"},
        {"MessageSid": "SM1", "MessageStatus": "Sent!"},
    ],
)
def test_a_signed_callback_that_says_nothing_is_refused_in_another_way(form):
    with pytest.raises(BadReceipt):
        read(url=URL, form=form, signature=sign(form), tokens=[TOKEN])


@pytest.mark.parametrize(
    ("code", "read_as"),
    [("30003", 30003), ("", None), ("many", None), ("-1", None), ("٣", None), ("9" * 30, None)],
)
def test_the_error_code_is_a_number_or_absent(code, read_as):
    form = {**FORM, "MessageStatus": "undelivered", "ErrorCode": code}
    receipt = read(url=URL, form=form, signature=sign(form), tokens=[TOKEN])
    assert receipt.error_code == read_as


def test_a_call_is_read_by_its_own_words():
    form = {"CallSid": "CA1", "CallStatus": "no-answer"}
    receipt = read(url=URL, form=form, signature=sign(form), tokens=[TOKEN])
    assert receipt == Receipt(provider_id="CA1", status="no-answer", error_code=None)


def test_statuses_rank_in_the_order_of_their_life():
    for line in (
        ["accepted", "queued", "sending", "sent", "delivered"],
        ["queued", "initiated", "ringing", "in-progress", "completed"],
    ):
        ranks = [rank(status) for status in line]
        assert ranks == sorted(ranks)
    assert rank("delivered") == rank("undelivered") == rank("failed")


KNOWN = ["accepted", "queued", "sending", "sent", "delivered", "undelivered", "failed", "dreaming"]


@given(st.permutations(KNOWN * 2))
def test_in_whatever_order_receipts_come_the_last_word_is_final(told):
    status = "accepted"
    for next_status in told:
        if is_forward(known=status, told=next_status):
            assert rank(next_status) > rank(status)
            status = next_status
    assert status in {"delivered", "undelivered", "failed"}


def test_a_late_sent_does_not_undo_a_delivery():
    assert not is_forward(known="delivered", told="sent")
    assert not is_forward(known="delivered", told="queued")
    assert is_forward(known="sent", told="delivered")
