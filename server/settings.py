"""Settings: the only reader of the environment (`MUSTER_*`) and of the TOML file. Wrong ones stop the start."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

if TYPE_CHECKING:
    from media import MediaConfig


class Secret(SecretStr):
    """A text that never shows itself: its `repr` and `str` are `***`."""

    def _display(self) -> str:
        return "***" if self.get_secret_value() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageConfig:
    """The database. The defaults are tuned for SQLite on a local SSD."""

    url: str = field(repr=False)
    """SQLAlchemy URL, sqlite or postgresql+asyncpg. It may hold a password."""
    group_window_s: float = 0.005
    """How long the first of a group of writes waits for company, seconds."""
    group_max: int = 500
    """Units of work in one commit."""
    write_queue: int = 10_000
    """Units that may wait for their commit; further ones are refused."""
    commit_timeout_s: float = 20.0
    """Bound of one group commit, seconds; covers `busy_timeout_s`."""
    busy_timeout_s: float = 5.0
    """How long SQLite waits for another process's lock, and PostgreSQL for a row lock, seconds."""
    readers: int = 4
    """Connections for reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessConfig:
    """Credentials and their lifetimes, seconds."""

    public_url: str
    """Origin of the links that are given to people, without a slash at the end."""
    master_key: Secret
    """Secret from which API key secrets are derived; the same on all machines of one installation."""
    ticket_lifetime_s: int = 60
    invitation_lifetime_s: int = 30 * 24 * 3600
    token_lifetime_s: int = 12 * 3600
    clock_skew_s: int = 60
    """Largest difference between a signed request's time and ours."""
    room_capacity: int = 200
    """Participants present in one room."""
    turn_urls: tuple[str, ...] = ()
    turn_secret: Secret = field(default_factory=lambda: Secret(""))
    """coturn's `static-auth-secret`."""
    turn_lifetime_s: int = 12 * 3600
    """Life of a TURN credential: as long as a session token, since a long class refreshes its allocation with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesConfig:
    """The rooms' files."""

    folder: Path = Path("data/files")
    """Where their content is; made with the first file."""
    file_bytes: int = 100_000_000
    """Largest file."""
    picture_bytes: int = 10_000_000
    """Largest picture of an officer."""
    room_bytes: int = 2_000_000_000
    """All files of a room."""
    room_files: int = 200
    min_bytes_per_s: int = 1_000
    """Slowest upload, on the average after `grace_s`; below the 64 kbit/s of the thinnest link that counts."""
    grace_s: float = 15.0
    """How long an upload may take to get going, and how long it may stand still, seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpConfig:
    """The HTTP listener."""

    host: str
    port: int
    public_url: str
    tls_cert: Path | None
    tls_key: Path | None
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose `X-Forwarded-For` is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """The log on standard error."""

    level: str
    style: str
    """`text` for people, `json` for machines."""


def _comma_list(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _check_origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address like https://class.example.org")
    return value.rstrip("/")


def _check_networks(value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        [ip_network(part) for part in value]
    except ValueError:
        raise ValueError("IP addresses or networks like 10.0.0.0/8, comma separated") from None
    return value


def _check_database(value: str) -> str:
    if value and not value.startswith(("sqlite:///", "postgresql+asyncpg://", "postgresql://")):
        raise ValueError("sqlite:///PATH or postgresql://USER@HOST/DATABASE")
    return value.replace("postgresql://", "postgresql+asyncpg://", 1)


Port = Annotated[int, Field(ge=1, le=65535)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_comma_list)]


class Settings(BaseSettings):
    """All settings: `MUSTER_HTTP_PORT=8080` in the environment; `http_port` or, under `[http]`, `port` in the file."""

    model_config = SettingsConfigDict(env_prefix="MUSTER_", extra="forbid", frozen=True)

    http_host: str = Field("127.0.0.1", description="Address of the HTTP listener.")
    http_port: Port = Field(8080, description="Port of the HTTP listener.")
    public_url: Annotated[str, AfterValidator(_check_origin)] | None = Field(
        None, description="Address under which people reach the server; default: the HTTP listener."
    )
    tls_cert: Path | None = Field(None, description="PEM file with the certificate chain; empty = plain HTTP.")
    tls_key: Path | None = Field(None, description="PEM file with the private key.")
    trusted_proxies: Annotated[Names, AfterValidator(_check_networks)] = Field(
        (), description="Addresses or networks of reverse proxies, comma separated; only their X-Forwarded-For counts."
    )
    data_dir: Path = Field(Path("data"), description="Folder for the database, files and recordings.")
    database_url: Annotated[Secret, AfterValidator(lambda s: Secret(_check_database(s.get_secret_value())))] = Field(
        Secret(""), description="Database; empty = SQLite in the data folder. May hold a password, so it is not shown."
    )
    secret_key: Secret = Field(
        Secret(""), description="Root of API key secrets; empty = made once and kept in the data folder."
    )
    redis_url: Secret = Field(Secret(""), description="Redis, for more than one machine; empty = none.")
    media_host: str = Field("0.0.0.0", description="Address of the media port.")  # noqa: S104 - media comes from outside
    media_port: Port = Field(8081, description="UDP and TCP port of all media.")
    media_workers: Annotated[int, Field(ge=0, le=256)] = Field(0, description="Packet threads; 0 = one for each core.")
    media_announced: Names = Field(
        (), description="IP addresses that browsers are told, comma separated; empty = this machine's own."
    )
    turn_urls: Names = Field((), description="coturn addresses (turn:, turns:), comma separated.")
    turn_secret: Secret = Field(Secret(""), description="coturn's static-auth-secret.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    log_format: Literal["text", "json"] = Field("text", description="text for people, json for machines.")
    ready_room: Literal["auto", "yes", "no"] = Field(
        "auto", description="Whether the start prints links to a ready-made room; auto = on a loopback address only."
    )
    limits_room_capacity: Annotated[int, Field(ge=1, le=10_000)] = Field(200, description="People in one room.")
    limits_joins_per_minute: Annotated[float, Field(gt=0, le=100_000)] = Field(
        5, description="Joins a minute for each address and person; raise it when a whole office shares one address."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file (which arrives as init arguments)."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _pairs_are_complete(self) -> "Settings":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key must be set together")
        if self.turn_urls and not self.turn_secret.get_secret_value():
            raise ValueError("turn_secret must be set when turn_urls is set")
        return self

    @property
    def origin(self) -> str:
        """`public_url`, or the address of the HTTP listener."""
        if self.public_url:
            return self.public_url
        host = "localhost" if self.http_host in ("0.0.0.0", "::") else self.http_host  # noqa: S104 - only compared
        host = f"[{host}]" if ":" in host else host
        return f"{'https' if self.tls_cert else 'http'}://{host}:{self.http_port}"

    @property
    def prints_links(self) -> bool:
        """Whether the start prints links to a ready-made room: they are secrets, and a server's log is read by many."""
        loopback = self.http_host in ("127.0.0.1", "::1", "localhost")
        return self.ready_room == "yes" or (self.ready_room == "auto" and loopback)

    def storage(self) -> StorageConfig:
        """The database's settings."""
        default = f"sqlite:///{self.data_dir.absolute() / 'muster.db'}"
        return StorageConfig(url=self.database_url.get_secret_value() or default)

    def access(self, master_key: Secret) -> AccessConfig:
        """The credentials' settings; `master_key` comes from `server.access.load_master_key`."""
        return AccessConfig(
            public_url=self.origin,
            master_key=master_key,
            room_capacity=self.limits_room_capacity,
            turn_urls=self.turn_urls,
            turn_secret=self.turn_secret,
        )

    def http(self) -> HttpConfig:
        """The HTTP listener's settings."""
        return HttpConfig(
            host=self.http_host,
            port=self.http_port,
            public_url=self.origin,
            tls_cert=self.tls_cert,
            tls_key=self.tls_key,
            trusted_proxies=tuple(ip_network(part) for part in self.trusted_proxies),
        )

    def files(self) -> FilesConfig:
        """The files' settings."""
        return FilesConfig(folder=self.data_dir.absolute() / "files")

    def media(self) -> "MediaConfig":
        """The media plane's settings."""
        # Imported here: most commands need no media plane, and it takes longest to load.
        from media import MediaConfig

        return MediaConfig(
            host=self.media_host, port=self.media_port, workers=self.media_workers, announced=self.media_announced
        )

    def log(self) -> LogConfig:
        """The log's settings."""
        return LogConfig(level=self.log_level, style=self.log_format)


class SettingsRefused(Exception):
    """A setting is wrong. `str()` is one sentence that names it, its value and what is allowed."""


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Reads the environment and the TOML file named by `MUSTER_CONFIG` (default muster.toml, which may be absent)."""
    environ = os.environ if environ is None else environ
    _refuse_unknown(environ)
    named = environ.get("MUSTER_CONFIG")
    path = Path(named or "muster.toml")
    values = _read_file(path) if named or path.exists() else {}
    try:
        return Settings(**values)
    except ValidationError as error:
        raise SettingsRefused(_sentence(error, path, values)) from None


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    # pydantic-settings forbids unknown names in the file only; here a slip would silently leave the default in force.
    known = {"MUSTER_CONFIG", *(f"MUSTER_{name.upper()}" for name in Settings.model_fields)}
    for name in sorted(environ):
        if name.upper().startswith("MUSTER_") and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1)
            advice = f"did you mean {near[0]}?" if near else "`muster config show` prints all there are."
            raise SettingsRefused(f"The environment's setting {name} is unknown; {advice}")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
    except OSError as error:
        raise SettingsRefused(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsRefused(f"The settings file {path} is not valid TOML: {error}.") from None


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in table.items():
        pairs += _flat(value, f"{prefix}{key}_") if isinstance(value, dict) else [(prefix + key, value)]
    return pairs


def _sentence(error: ValidationError, path: Path, values: Mapping[str, Any]) -> str:
    problem = error.errors(include_url=False)[0]
    if not problem["loc"]:
        return f"The settings do not fit together: {problem['msg'].removeprefix('Value error, ')}."
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return f"The setting {name} in {path} is unknown; allowed are {', '.join(Settings.model_fields)}."
    source = f"MUSTER_{name.upper()}" if f"MUSTER_{name.upper()}" in os.environ else f"{name} in {path}"
    annotation = Settings.model_fields[name].annotation
    secret = isinstance(annotation, type) and issubclass(annotation, SecretStr)
    shown = "" if secret else f" is {problem['input']!r}, which"
    return f"The setting {source}{shown} is not allowed: it must be {_allowed(problem, Settings.model_fields[name])}."


def _allowed(problem: Any, setting: FieldInfo) -> str:
    context = problem.get("ctx", {})
    kind = problem["type"]
    if kind == "literal_error":
        return f"one of {context['expected']}"
    if kind == "value_error":
        return str(context["error"])
    bounds = {
        name: getattr(rule, name) for rule in setting.metadata for name in ("ge", "gt", "le") if hasattr(rule, name)
    }
    if setting.annotation in (int, float) and bounds:
        noun = "a whole number" if setting.annotation is int else "a number"
        least = f"from {bounds['ge']}" if "ge" in bounds else f"above {bounds['gt']}"
        return f"{noun} {least} to {bounds['le']}"
    return str(problem["msg"]).removeprefix("Input should be ")
