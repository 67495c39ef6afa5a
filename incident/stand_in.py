"""The account of the stand-in provider, which desk and stand-in both know."""

from incident.settings import Settings, kept_secret

GATEWAY_SECRET = "gateway-token"  # noqa: S105 - a file's name
GATEWAY_ACCOUNT = "AC" + "0" * 31 + "1"
GATEWAY_NUMBER = "+86100000000000"
GATEWAY_DRILL_NUMBER = "+86100000000009"  # so that a reply says which of both worlds it is from
GATEWAY_SENDER = "desk@example.invalid"
GATEWAY_JOURNAL = "gateway.jsonl"  # in the data folder


def stand_in_account(settings: Settings) -> tuple[str, str]:
    """Return the account at the stand-in provider and its secret, which is made once and kept."""
    return GATEWAY_ACCOUNT, kept_secret(settings.data_dir, GATEWAY_SECRET)
