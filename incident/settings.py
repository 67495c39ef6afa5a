"""Settings from the environment; a name or value that is wrong stops the start."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from incident import crashpoints

PREFIX = "TOCSIN_"
SECRET_BYTES = 32
EXAMPLE_JURISDICTION = "999900"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  (recognised, not used)


class BadSettings(Exception):
    """The list of what is wrong, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One name of the environment: its default, how it is read, what it is for."""

    name: str
    default: str | None
    read: Callable[[str], object]
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that the environment says."""

    database_url: str
    redis_url: str | None
    data_dir: Path
    spool_dir: Path
    host: str
    port: int
    public_url: str
    secret_key: str
    time_zone: ZoneInfo
    jurisdiction: str
    organisation: str
    example: bool
    engine_tick: float
    handover_grace: int
    heartbeat_url: str | None
    gateway_port: int
    gateway_mail_port: int
    proxies: int
    sms_base_url: str | None
    smtp_url: str | None
    mail_from: str | None
    mainland_url: str | None
    mainland_key: str | None
    mainland_secret: str | None
    mainland_templates: Mapping[str, str] | None
    robot_wecom: str | None
    robot_dingtalk: str | None
    robot_dingtalk_secret: str | None
    robot_feishu: str | None
    robot_feishu_secret: str | None
    twilio_account_sid: str | None
    twilio_auth_token: str | None
    twilio_from_number: str | None

    @property
    def has_live_sms(self) -> bool:
        """Tell whether messages go to a real provider."""
        return bool(self.twilio_account_sid or self.mainland_url)

    @property
    def is_https(self) -> bool:
        """Tell whether people reach the desk by TLS."""
        return self.public_url.startswith("https://")


def _text(value: str) -> str:
    return value


def _port(value: str) -> int:
    number = int(value)
    if not 0 < number < 65536:
        raise ValueError("a port is 1 to 65535")
    return number


def _port_or_next(value: str) -> int:
    return 0 if value == "0" else _port(value)


def _few(value: str) -> int:
    number = int(value)
    if not 0 <= number <= 5:
        raise ValueError("0 to 5")
    return number


def _seconds(value: str) -> float:
    number = float(value)
    if not 0.05 <= number <= 60:
        raise ValueError("seconds from 0.05 to 60")
    return number


def _minutes(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 240:
        raise ValueError("minutes from 1 to 240")
    return number


def _flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("0 or 1")
    return value == "1"


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a name such as Asia/Shanghai") from error


def _code(value: str) -> str:
    if len(value) != 6 or not value.isascii() or not value.isdigit():
        raise ValueError("six digits of GB/T 2260")
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("an address such as https://desk.example.gov.cn")
    return value.rstrip("/")


def _mail_server(value: str) -> str:
    if urlsplit(value).scheme not in ("smtp", "smtps"):
        raise ValueError("an address such as smtps://user:password@host:465")
    return value


def _templates(value: str) -> Mapping[str, str]:
    pairs = [pair.partition("=") for pair in value.split(",")]
    if not all(name.strip() and id.strip() for name, _, id in pairs):
        raise ValueError("pairs such as reported=SMS_1001,verified=SMS_1002")
    return {name.strip(): id.strip() for name, _, id in pairs}


def _database(value: str) -> str:
    if value.startswith("postgresql://"):
        return value.replace("postgresql://", "postgresql+psycopg://", 1)
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("sqlite:///PATH or postgresql://…")
    return value


def _secret(value: str) -> str:
    if len(value) < SECRET_BYTES or len(set(value)) < 8:
        raise ValueError("at least 32 characters, and not a placeholder")
    return value


def _row(name: str, default: str | None, read: Callable[[str], object], purpose: str) -> Setting:
    return Setting(name=name, default=default, read=read, purpose=purpose)


SETTINGS: tuple[Setting, ...] = (
    _row("TOCSIN_DATABASE_URL", None, _database, "database; SQLite in the data folder if absent"),
    _row("TOCSIN_REDIS_URL", None, _text, "Redis, only if several processes share rate limits"),
    _row("TOCSIN_DATA_DIR", "./var", Path, "database, attachments, documents, secrets"),
    _row("TOCSIN_SPOOL_DIR", None, Path, "reports taken without database; best on another disk"),
    _row("TOCSIN_HOST", "127.0.0.1", _text, "address to listen on"),
    _row("TOCSIN_PORT", "8000", _port, "port to listen on"),
    _row("TOCSIN_PUBLIC_URL", None, _address, "address that people and providers use"),
    _row("TOCSIN_SECRET_KEY", None, _secret, "key of sessions; made and kept if absent"),
    _row("TOCSIN_TIME_ZONE", "Asia/Shanghai", _zone, "zone of pages, messages and documents"),
    _row("TOCSIN_JURISDICTION", EXAMPLE_JURISDICTION, _code, "GB/T 2260 code of the office"),
    _row("TOCSIN_ORGANISATION", "示例市市场监督管理局", _text, "name of the office"),
    _row("TOCSIN_EXAMPLE", "0", _flag, "1 loads the example desk"),
    _row("TOCSIN_ENGINE_TICK", "1", _seconds, "seconds between two turns of the engine"),
    _row("TOCSIN_HANDOVER_GRACE", "15", _minutes, "minutes after which a relief is missed"),
    _row("TOCSIN_HEARTBEAT_URL", None, _address, "asked every minute while all is well"),
    _row("TOCSIN_GATEWAY_PORT", "8010", _port, "port of the stand-in SMS provider"),
    _row("TOCSIN_GATEWAY_MAIL_PORT", "0", _port_or_next, "its port for mail; 0 is the next one"),
    _row("TOCSIN_PROXIES", "0", _few, "trusted proxies in front of the desk"),
    _row("TOCSIN_SMS_BASE_URL", None, _address, "a provider that speaks Twilio's HTTP elsewhere"),
    _row("TOCSIN_SMTP_URL", None, _mail_server, "mail server"),
    _row("TOCSIN_MAIL_FROM", None, _text, "sender of mail"),
    _row("TOCSIN_MAINLAND_URL", None, _address, "SMS gateway of the mainland"),
    _row("TOCSIN_MAINLAND_KEY", None, _text, "its account"),
    _row("TOCSIN_MAINLAND_SECRET", None, _text, "its secret; also checks what it pushes"),
    _row("TOCSIN_MAINLAND_TEMPLATES", None, _templates, "registered texts, NAME=ID,NAME=ID…"),
    _row("TOCSIN_ROBOT_WECOM", None, _address, "address of a WeCom group's robot"),
    _row("TOCSIN_ROBOT_DINGTALK", None, _address, "address of a DingTalk group's robot"),
    _row("TOCSIN_ROBOT_DINGTALK_SECRET", None, _text, "its secret, where the group signs"),
    _row("TOCSIN_ROBOT_FEISHU", None, _address, "address of a Feishu group's robot"),
    _row("TOCSIN_ROBOT_FEISHU_SECRET", None, _text, "its secret, where the group signs"),
    _row("TWILIO_ACCOUNT_SID", None, _text, "account of the SMS provider"),
    _row("TWILIO_AUTH_TOKEN", None, _text, "its secret; also checks its callbacks"),
    _row("TWILIO_FROM_NUMBER", None, _text, "number that messages come from"),
)


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raise BadSettings with everything that is wrong."""
    given = dict(os.environ if environment is None else environment)
    problems = _unknown(given)
    values: dict[str, object] = {}
    for setting in SETTINGS:
        raw = given.get(setting.name) or setting.default
        try:
            values[_field(setting.name)] = None if raw is None else setting.read(raw)
        except ValueError as error:
            problems.append(f"{setting.name}: {error}")
    problems += _incomplete(given)
    if problems:
        raise BadSettings(problems)
    return _complete(values)


def _field(name: str) -> str:
    return name.removeprefix(PREFIX).lower()


def _unknown(given: Mapping[str, str]) -> list[str]:
    known = {crashpoints.VARIABLE, *(setting.name for setting in SETTINGS)}
    names = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    return [f"{name}: unknown name" for name in names]


def _incomplete(given: Mapping[str, str]) -> list[str]:
    twilio = [setting.name for setting in SETTINGS if setting.name.startswith("TWILIO_")]
    missing = [name for name in twilio if not given.get(name)]
    if missing and len(missing) < len(twilio):
        return [f"{name}: needed beside the other TWILIO_ names" for name in missing]
    mainland = [f"TOCSIN_MAINLAND_{part}" for part in ("URL", "KEY", "SECRET", "TEMPLATES")]
    absent = [name for name in mainland if not given.get(name)]
    if absent and len(absent) < len(mainland):
        return [f"{name}: needed beside the other TOCSIN_MAINLAND_ names" for name in absent]
    if given.get("TOCSIN_HOST") in EVERYWHERE and not given.get("TOCSIN_PUBLIC_URL"):
        return ["TOCSIN_PUBLIC_URL: needed when the desk listens on every address"]
    if given.get("TOCSIN_SMS_BASE_URL") and missing:
        return ["TOCSIN_SMS_BASE_URL: needs the TWILIO_ names for its account"]
    return []


def _complete(values: dict[str, object]) -> Settings:
    folder = Path(str(values["data_dir"])).resolve()
    values["data_dir"] = folder
    values["spool_dir"] = Path(str(values["spool_dir"] or folder / "spool")).resolve()
    values["database_url"] = values["database_url"] or f"sqlite:///{folder / 'tocsin.db'}"
    port = int(str(values["gateway_port"]))
    values["gateway_mail_port"] = values["gateway_mail_port"] or port % 65535 + 1
    values["public_url"] = values["public_url"] or f"http://{values['host']}:{values['port']}"
    values["secret_key"] = values["secret_key"] or kept_secret(folder, "secret-key")
    return Settings(**values)  # type: ignore[arg-type]


def kept_secret(folder: Path, name: str) -> str:
    """Return a secret of the data folder; make it, readable by its owner only, when absent."""
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return secret
