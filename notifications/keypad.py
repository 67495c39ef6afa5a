"""What a telephone call says in TwiML: the message twice, what to press, and the answer to it."""

from collections.abc import Mapping
from functools import cache

import yaml
from twilio.twiml.voice_response import Gather, VoiceResponse

from templates import ROOT

CONFIRM, STAND_IN = "1", "2"
LANGUAGE = "zh-CN"
TIMES = 2
PAUSE = 1
WAIT = 8  # seconds for a key after the last word
_SILENT = str.maketrans({"【": " ", "】": " ", "（": " ", "）": " "})


def spoken(body: str, *, keys_url: str | None = None) -> str:
    """Write the TwiML that reads a text twice; brackets become a breath.

    The key that is pressed goes to `keys_url`; without one nothing is asked. Whoever presses
    nothing has not confirmed, whether it is a person or a voicemail.
    """
    response = VoiceResponse()
    if keys_url is None:
        _read(response, body)
        return str(response)
    asking = _asking(keys_url)
    _read(asking, body, ask=_words()["ask"])
    response.append(asking)
    _say(response, _words()["goodbye"])
    return str(response)


def answered(digits: str, *, keys_url: str) -> str:
    """Write the TwiML that answers a key: confirmed, handed on, or asked again."""
    response = VoiceResponse()
    if digits in (CONFIRM, STAND_IN):
        _say(response, _words()["confirmed" if digits == CONFIRM else "handed_on"])
        response.hangup()
        return str(response)
    asking = _asking(keys_url)
    _say(asking, _words()["again"])
    _say(asking, _words()["ask"])
    response.append(asking)
    _say(response, _words()["goodbye"])
    return str(response)


def _asking(keys_url: str) -> Gather:
    return Gather(
        num_digits=1, action=keys_url, method="POST", timeout=WAIT, action_on_empty_result=False
    )


def _read(into: VoiceResponse | Gather, body: str, *, ask: str | None = None) -> None:
    said = " ".join(body.translate(_SILENT).split())
    for _ in range(TIMES):
        _say(into, said)
        into.pause(length=PAUSE)
        if ask:
            _say(into, ask)


def _say(into: VoiceResponse | Gather, words: str) -> None:
    into.say(words, language=LANGUAGE)


@cache
def _words() -> Mapping[str, str]:
    found: Mapping[str, str] = yaml.safe_load(
        (ROOT / "messages" / "voice.yaml").read_text(encoding="utf-8")
    )
    return found
