import re
from pathlib import Path

import pytest

from bot.settings import ConfigError, Settings
from tests.support.telegram import TOKEN

EXAMPLE = Path(".env.example")
SETTING = re.compile(r"^(?:# )?([A-Z_]+)=(.*)$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_example_lists_every_setting_with_its_default(request: pytest.FixtureRequest) -> None:
    listed = dict(SETTING.findall((request.config.rootpath / EXAMPLE).read_text("utf-8")))
    defaults = {
        str(field.validation_alias): "" if field.default in (None, frozenset()) else str(field.default)
        for field in Settings.model_fields.values()
    }
    assert listed == defaults


def test_environment_beats_env_file_and_the_command_line_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("\ufeffZHIDIAN_DATA=file\nZHIDIAN_SEEDS=there\nTELEGRAM_BOT_TOKEN=\n", "utf-8")
    assert Settings.load().data == Path("file")
    assert Settings.load().token is None
    monkeypatch.setenv("ZHIDIAN_DATA", "environment")
    assert Settings.load().data == Path("environment")
    assert Settings.load(Path("option")).data == Path("option")
    assert Settings.load().seeds == Path("there")


def test_empty_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.setenv(str(field.validation_alias), "")
    assert Settings.load() == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", "no-colon-s3cret"),
        ("TELEGRAM_BOT_TOKEN", "123:s3cret with 空"),
        ("TELEGRAM_BOT_TOKEN_FILE", "/no/such/s3cret"),
        ("TELEGRAM_API_URL", "ftp://s3cret"),
        ("TELEGRAM_FILE_URL", "s3cret"),
        ("ZHIDIAN_SEARCH_URL", "https://s3cret.example/"),
        ("ZHIDIAN_CORPUS", "https://s3cret.example/news"),
        ("ZHIDIAN_CORPUS", "opensearch+http://bot:s3cret@10.0.0.1/news"),
        ("ZHIDIAN_CORPUS", "opensearch+https://bot:s3cret@host"),
        ("ZHIDIAN_CORPUS_CA", "/no/such/s3cret"),
        ("ZHIDIAN_TELEGRAM_PROXY", "ftp://s3cret"),
        ("ZHIDIAN_TELEGRAM_PROXY", "s3cret:1080"),
        ("ZHIDIAN_WEBHOOK_URL", "http://s3cret.example/hook"),
        ("ZHIDIAN_WEBHOOK_URL", "https://s3cret.example:8080/hook"),
        ("ZHIDIAN_WEBHOOK_URL", "https://s3cret.example/hook?x=1"),
        ("ZHIDIAN_WEBHOOK_LISTEN", "s3cret"),
        ("ZHIDIAN_WEBHOOK_LISTEN", "unix:s3cret"),
        ("ZHIDIAN_METRICS", "s3cret:port"),
        ("ZHIDIAN_WEB", "s3cret"),
        ("ZHIDIAN_WEB", "unix:s3cret"),
        ("ZHIDIAN_WEB_URL", "s3cret.example.org"),
        ("ZHIDIAN_WEB_URL", "https://s3cret.example.org/page"),
        ("ZHIDIAN_WEB_URL", "https://me:s3cret@example.org"),
        ("ZHIDIAN_WEB_INDEX", "s3cret"),
        ("ZHIDIAN_ADMINS", "7,s3cret"),
        ("ZHIDIAN_ACCESS", "s3cret"),
        ("ZHIDIAN_MODEL_URL", "s3cret"),
        ("ZHIDIAN_MODEL_URL", "http://me:s3cret@127.0.0.1:11434/v1"),
        ("ZHIDIAN_MODEL_URL", "http://127.0.0.1:11434/v1?key=s3cret"),
        ("ZHIDIAN_MODEL_KEY", "s3cret with a space"),
        ("ZHIDIAN_MODEL_KEY", "abc"),
        ("ZHIDIAN_MODEL_KEY_FILE", "/no/such/s3cret"),
        ("ZHIDIAN_MODEL_PROXY", "s3cret"),
        ("ZHIDIAN_MODEL_REQUESTS_PER_DAY", "s3cret"),
        ("ZHIDIAN_MODEL_TOKENS_PER_DAY", "0"),
        ("ZHIDIAN_COMPOSE", "s3cret"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_the_token_is_trimmed_and_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", f" {TOKEN} ")
    settings = Settings.load()
    assert settings.token is not None
    assert settings.token.get_secret_value() == TOKEN
    assert TOKEN not in repr(settings)


def test_an_env_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"ZHIDIAN_DATA=\xff\xfe\n")
    with pytest.raises(ConfigError, match=r"\.env is not UTF-8"):
        Settings.load()


def test_administrators_and_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIDIAN_ADMINS", "7, 8,")
    monkeypatch.setenv("ZHIDIAN_TELEGRAM_PROXY", "socks5://me:s3cret@127.0.0.1:1080")
    settings = Settings.load()
    assert settings.admins == {7, 8}
    assert settings.proxy is not None
    assert settings.proxy.get_secret_value() == "socks5://me:s3cret@127.0.0.1:1080"
    assert "s3cret" not in repr(settings)


def test_the_token_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever way it is named; written out in the environment it comes first."""
    (tmp_path / "token").write_text(f"{TOKEN}\n", "utf-8")
    (tmp_path / "telegram_bot_token").write_text("7:of-systemd\n", "utf-8")

    def token() -> str:
        found = Settings.load().token
        return found.get_secret_value() if found else ""

    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert token() == "7:of-systemd"
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKEN_FILE=token\n", "utf-8")
    assert token() == TOKEN
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN_FILE", str(tmp_path / "token"))
    assert token() == TOKEN
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "8:written-out")
    assert token() == "8:written-out"
    (tmp_path / "token").write_text("no token", "utf-8")
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    with pytest.raises(ConfigError, match="TELEGRAM_BOT_TOKEN: ") as refused:
        Settings.load()
    assert "no token" not in str(refused.value)


@pytest.mark.parametrize("written", ["", "/", "/chat/completions", "/chat/completions/"])
def test_the_address_of_a_model_as_people_write_it(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIDIAN_MODEL_URL", f"http://127.0.0.1:11434/v1{written}")
    monkeypatch.setenv("ZHIDIAN_MODEL", "small")
    settings = Settings.load()
    assert settings.model_url == "http://127.0.0.1:11434/v1"
    assert settings.has_model


def test_an_address_without_a_model_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Settings.load().has_model
    monkeypatch.setenv("ZHIDIAN_MODEL_URL", "http://127.0.0.1:11434/v1")
    with pytest.raises(ConfigError, match="ZHIDIAN_MODEL: name the model"):
        Settings.load()


def test_the_key_of_a_model_from_a_file_and_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("sk-of-the-file\n", "utf-8")
    (tmp_path / "zhidian_model_key").write_text("sk-of-systemd\n", "utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert "sk-of-systemd" in Settings.load().secrets()
    monkeypatch.setenv("ZHIDIAN_MODEL_KEY_FILE", str(tmp_path / "key"))
    assert "sk-of-the-file" in Settings.load().secrets()
    monkeypatch.setenv("ZHIDIAN_MODEL_KEY", "sk-written-out")
    settings = Settings.load()
    assert "sk-written-out" in settings.secrets()
    assert "sk-written-out" not in repr(settings)
