"""Settings: the environment only, and a list of everything that is wrong."""

from pathlib import Path

import pytest

from incident.settings import BadSettings, kept_secret, load


def problems(tmp_path: Path, **given: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        load({"TOCSIN_DATA_DIR": str(tmp_path), **given})
    return caught.value.problems


def test_an_empty_environment_is_enough(tmp_path: Path) -> None:
    settings = load({"TOCSIN_DATA_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path / 'tocsin.db'}"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert not settings.has_live_sms


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOCSIN_PORT", "0"),
        ("TOCSIN_PORT", "70000"),
        ("TOCSIN_PORT", "http"),
        ("TOCSIN_EXAMPLE", "yes"),
        ("TOCSIN_TIME_ZONE", "Mars/Olympus"),
        ("TOCSIN_JURISDICTION", "33010"),
        ("TOCSIN_JURISDICTION", "３３０１００"),
        ("TOCSIN_ENGINE_TICK", "0"),
        ("TOCSIN_PUBLIC_URL", "desk.example.gov.cn"),
        ("TOCSIN_DATABASE_URL", "mysql://localhost"),
        ("TOCSIN_SMTP_URL", "http://mail"),
        ("TOCSIN_SECRET_KEY", "changeme"),
        ("TOCSIN_SECRET_KEY", "a" * 64),
        ("TOCSIN_PROXIES", "9"),
    ],
)
def test_a_bad_value_stops_the_start_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    (problem,) = problems(tmp_path, **{name: value})
    assert problem.startswith(f"{name}: ")


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = problems(tmp_path, TOCSIN_PORT="x", TOCSIN_COLOUR="red", TOCSIN_EXAMPLE="2")
    assert [line.split(":")[0] for line in told] == [
        "TOCSIN_COLOUR",
        "TOCSIN_PORT",
        "TOCSIN_EXAMPLE",
    ]


def test_half_a_provider_is_no_provider(tmp_path: Path) -> None:
    told = problems(tmp_path, TWILIO_ACCOUNT_SID="AC1")
    assert [line.split(":")[0] for line in told] == ["TWILIO_AUTH_TOKEN", "TWILIO_FROM_NUMBER"]


def test_a_desk_on_every_address_says_under_which_name(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, TOCSIN_HOST="0.0.0.0")  # noqa: S104
    assert problem.startswith("TOCSIN_PUBLIC_URL: ")


def test_the_secret_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    first, second = (load({"TOCSIN_DATA_DIR": str(tmp_path)}).secret_key for _ in range(2))
    assert first == second
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_two_secrets_differ(tmp_path: Path) -> None:
    assert kept_secret(tmp_path, "one") != kept_secret(tmp_path, "two")


def test_postgresql_is_spoken_to_by_its_third_driver(tmp_path: Path) -> None:
    settings = load({"TOCSIN_DATA_DIR": str(tmp_path), "TOCSIN_DATABASE_URL": "postgresql://h/d"})
    assert settings.database_url == "postgresql+psycopg://h/d"
