"""Settings: sources, and the sentence that a wrong one stops the start with."""

from pathlib import Path

import pytest

from server.settings import Secret, Settings, SettingsRefused, load


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sentence() -> str:
    """What the operator reads."""
    with pytest.raises(SettingsRefused) as refused:
        load()
    text = str(refused.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def test_without_any_source_the_defaults_hold(tmp_path: Path) -> None:
    settings = load()
    assert (settings.http_host, settings.http_port, settings.media_port) == ("127.0.0.1", 8080, 8081)
    assert settings.origin == "http://127.0.0.1:8080"
    assert settings.storage().url == f"sqlite:///{tmp_path}/data/muster.db"
    assert settings.prints_links


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "muster.toml").write_text('media_port = 9001\n[http]\nport = 9000\nhost = "0.0.0.0"\n')
    monkeypatch.setenv("MUSTER_HTTP_PORT", "9100")
    settings = load()
    assert (settings.http_port, settings.http_host, settings.media_port) == (9100, "0.0.0.0", 9001)
    assert settings.origin == "http://localhost:9100"
    assert not settings.prints_links


def test_the_file_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.toml").write_text('log_level = "debug"')
    monkeypatch.setenv("MUSTER_CONFIG", "other.toml")
    assert load().log().level == "debug"


def test_lists_are_comma_separated_in_the_environment_and_arrays_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "muster.toml").write_text('[media]\nannounced = ["192.0.2.1", "2001:db8::1"]\n')
    monkeypatch.setenv("MUSTER_TURN_URLS", "turn:a.example, turns:b.example:443")
    monkeypatch.setenv("MUSTER_TURN_SECRET", "north")
    settings = load()
    assert settings.media_announced == ("192.0.2.1", "2001:db8::1")
    assert settings.turn_urls == ("turn:a.example", "turns:b.example:443")


def test_plain_database_urls_get_their_async_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DATABASE_URL", "postgresql://muster@db/muster")
    assert load().storage().url == "postgresql+asyncpg://muster@db/muster"
    monkeypatch.setenv("MUSTER_DATABASE_URL", "sqlite:////var/muster.db")
    assert load().storage().url == "sqlite:////var/muster.db"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("HTTP_PORT", "99999", "a whole number from 1 to 65535"),
        ("HTTP_PORT", "eighty", "a whole number from 1 to 65535"),
        ("HTTP_PORT", "0", "a whole number from 1 to 65535"),
        ("LOG_LEVEL", "loud", "one of 'debug', 'info', 'warning' or 'error'"),
        ("PUBLIC_URL", "class", "an address like https://class.example.org"),
        ("LIMITS_JOINS_PER_MINUTE", "0", "a number above 0 to 100000"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(f"MUSTER_{name}", value)
    assert sentence() == f"The setting MUSTER_{name} is {value!r}, which is not allowed: it must be {allowed}."


def test_a_wrong_secret_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_DATABASE_URL", "mysql://muster:hush@db/muster")
    text = sentence()
    assert text == (
        "The setting MUSTER_DATABASE_URL is not allowed: it must be sqlite:///PATH or postgresql://USER@HOST/DATABASE."
    )


def test_a_wrong_value_in_the_file_is_named_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "muster.toml").write_text("[http]\nport = -1\n")
    assert "http_port in muster.toml is -1, which is not allowed" in sentence()


def test_an_unknown_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "muster.toml").write_text("[http]\nprot = 8080\n")
    assert "http_prot in muster.toml is unknown; allowed are http_host, http_port" in sentence()


@pytest.mark.parametrize("text", ["http_port = ", "\xff\xfe"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "muster.toml").write_bytes(text.encode("latin-1"))
    assert "muster.toml is not valid TOML" in sentence()


def test_a_named_file_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_CONFIG", "absent.toml")
    assert sentence() == "The settings file absent.toml cannot be read: No such file or directory."


def test_settings_that_need_each_other_are_checked_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_TLS_CERT", "cert.pem")
    assert sentence() == "The settings do not fit together: tls_cert and tls_key must be set together."
    monkeypatch.delenv("MUSTER_TLS_CERT")
    monkeypatch.setenv("MUSTER_TURN_URLS", "turn:a.example")
    assert "turn_secret must be set when turn_urls is set" in sentence()


def test_secrets_never_show_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_TURN_SECRET", "hush")
    monkeypatch.setenv("MUSTER_DATABASE_URL", "postgresql://muster:hush@db/muster")
    settings = load()
    for shown in (repr(settings), str(settings), repr(settings.access(Secret("hush"))), repr(settings.storage())):
        assert "hush" not in shown
    assert repr(Secret("hush")) == "Secret('***')"
    assert f"{Secret('hush')}" == "***"
    assert settings.turn_secret.get_secret_value() == "hush"


def test_each_room_of_the_server_gets_its_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_MEDIA_PORT", "9001")
    monkeypatch.setenv("MUSTER_MEDIA_ANNOUNCED", "192.0.2.1")
    settings = load()
    assert (settings.media().port, settings.media().announced) == (9001, ("192.0.2.1",))
    assert settings.http().port == 8080
    assert settings.access(Secret("m")).room_capacity == 200


def test_each_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [("MUSTER_HTTP_PROT", "did you mean MUSTER_HTTP_PORT?"), ("MUSTER_QQQQQQ", "`muster config show`")],
)
def test_an_unknown_setting_in_the_environment_is_refused_with_the_nearest_one(
    monkeypatch: pytest.MonkeyPatch, name: str, advice: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsRefused) as refused:
        load()
    assert name in str(refused.value)
    assert advice in str(refused.value)


def test_trusted_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().http().trusted_proxies == ()
    monkeypatch.setenv("MUSTER_TRUSTED_PROXIES", "127.0.0.1, 2001:db8::/32")
    assert [str(network) for network in load().http().trusted_proxies] == ["127.0.0.1/32", "2001:db8::/32"]
    monkeypatch.setenv("MUSTER_TRUSTED_PROXIES", "127.0.0.1,proxy.example")
    text = sentence()
    assert "MUSTER_TRUSTED_PROXIES" in text
    assert "IP addresses or networks" in text
