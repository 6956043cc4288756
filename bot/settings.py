"""Settings: the environment and `.env` go in, checked values come out; .env.example lists them all."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AnyUrl, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from retrieval.cluster.address import ClusterAddress
from retrieval.model.outlets import SEARCH_ADDRESS
from retrieval.semantic.mode import Mode

# Each secret that may come from a file: its variable, and the name in LoadCredential= of a systemd unit.
FILE_SECRETS = {"TELEGRAM_BOT_TOKEN": "telegram_bot_token", "ZHIDIAN_MODEL_KEY": "zhidian_model_key"}


MIN_KEY_CHARS = 4


class ConfigError(Exception):
    """For the operator: one line that names the unusable variable, never a secret."""


def valid_address(value: str) -> str:
    TypeAdapter(HttpUrl).validate_python(value)
    return value


def valid_search_address(value: str) -> str:
    if "{query}" not in value:
        raise ValueError("{query} is missing where the words of the search belong")
    return valid_address(value)


def valid_token(value: SecretStr | None) -> SecretStr | None:
    if value is None:
        return None
    number, _, secret = value.get_secret_value().strip().partition(":")
    if not (number.isascii() and number.isdigit() and secret and secret.isascii() and secret.isprintable()):
        raise ValueError("this does not look like a token of @BotFather (digits, a colon, letters)")
    return SecretStr(f"{number}:{secret}")


def valid_secret_file(value: Path | None) -> Path | None:
    """Read by `SecretFiles`; here it is said why it cannot be."""
    if value is not None:
        try:
            value.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"the file cannot be read ({getattr(error, 'strerror', None) or 'no UTF-8'})") from None
    return value


def valid_model_url(value: str) -> str:
    """Without the slash and the method at its end, which the library adds."""
    if not value:
        return value
    parts = urlsplit(valid_address(value.strip()))
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("write the address alone, such as http://127.0.0.1:11434/v1; a key goes to ZHIDIAN_MODEL_KEY")
    return value.strip().rstrip("/").removesuffix("/chat/completions").rstrip("/")


def valid_model_key(value: SecretStr | None) -> SecretStr | None:
    """A shorter one is no secret, and the log without its letters would not be readable."""
    if value is None:
        return None
    key = value.get_secret_value().strip()
    if len(key) < MIN_KEY_CHARS or not (key.isascii() and key.isprintable()) or " " in key:
        raise ValueError(
            f"a key has {MIN_KEY_CHARS} printable characters or more; leave it out where none is asked for"
        )
    return SecretStr(key)


def valid_proxy(value: SecretStr | None) -> SecretStr | None:
    """Secret, since it may hold a password."""
    if value is not None:
        address = TypeAdapter(AnyUrl).validate_python(value.get_secret_value().strip())
        if address.scheme not in {"http", "https", "socks5", "socks5h"} or not address.host:
            raise ValueError("a proxy is written http://host:port or socks5://host:port")
        return SecretStr(str(address).rstrip("/"))
    return None


def valid_host_and_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isascii() and port.isdigit() and 0 <= int(port) < 65536):
        raise ValueError("write where to listen as host:port, such as 127.0.0.1:9464")
    return value


def valid_listen_address(value: str) -> str:
    if value.startswith("unix:/") and not value.endswith("/"):
        return value
    try:
        return valid_host_and_port(value)
    except ValueError:
        raise ValueError("write where to listen as host:port or unix:/path/of/a/socket") from None


def valid_web_place(value: str) -> str:
    try:
        return valid_listen_address(value)
    except ValueError as error:
        raise ValueError(f"{error}, such as 127.0.0.1:8080") from None


def valid_web_url(value: str) -> str:
    """Without a slash at its end."""
    parts = urlsplit(valid_address(value)) if value else None
    if parts and (parts.path.strip("/") or parts.query or parts.fragment or parts.username):
        raise ValueError("write the page's public address without a path, such as https://news.example.org")
    return value.rstrip("/")


def valid_webhook(value: str) -> str:
    if value and not re.fullmatch(
        r"https://[^/?#@:]+(?::(?:443|80|88|8443))?(?:/[A-Za-z0-9_/-]*)?", valid_address(value)
    ):
        raise ValueError(
            "Telegram posts to https://host/path only (port 443, 80, 88 or 8443; letters, digits, - and _ in the path)"
        )
    return value


def valid_corpus(value: SecretStr | None) -> SecretStr | None:
    """Secret, since it may hold a password."""
    if value is not None:
        ClusterAddress.parse(value.get_secret_value())
    return value


def valid_authority(value: Path | None) -> Path | None:
    if value is not None and not value.is_file():
        raise ValueError("there is no such file; name the certificate of the authority that signed the nodes'")
    return value


def split_list(value: object) -> object:
    return [part for part in value.replace(" ", "").split(",") if part] if isinstance(value, str) else value


Address = Annotated[str, AfterValidator(valid_address)]
SearchAddress = Annotated[str, AfterValidator(valid_search_address)]
ListenAddress = Annotated[str, AfterValidator(valid_listen_address)]
Proxy = Annotated[SecretStr | None, AfterValidator(valid_proxy)]
Switch = Literal["on", "off"]
CommaSeparated = BeforeValidator(split_list)


class SecretFiles(PydanticBaseSettingsSource):
    """Secrets from the files that NAME_FILE names, such as TELEGRAM_BOT_TOKEN_FILE, or from systemd's credentials."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[object, str, bool]:  # noqa: ARG002
        return None, field_name, False

    def __call__(self) -> dict[str, object]:
        return {name: secret for name, credential in FILE_SECRETS.items() if (secret := self._read(name, credential))}

    def _read(self, name: str, credential: str) -> str:
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        named = self.current_state.get(f"{name}_FILE")
        file = Path(str(named)) if named else Path(folder, credential) if folder else None
        try:
            return file.read_text("utf-8").strip() if file else ""
        except (OSError, UnicodeDecodeError):
            return ""


class Settings(BaseSettings):
    """The environment beats `.env`, and both beat a file with a secret; an empty value counts as not set."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",  # editors on Windows like to write a byte order mark
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
        protected_namespaces=("settings_customise_sources",),  # pydantic keeps names that begin with model_ for itself
    )

    token: Annotated[SecretStr | None, AfterValidator(valid_token), Field(validation_alias="TELEGRAM_BOT_TOKEN")] = None
    token_file: Annotated[
        Path | None, AfterValidator(valid_secret_file), Field(validation_alias="TELEGRAM_BOT_TOKEN_FILE")
    ] = None
    api_url: Annotated[Address, Field(validation_alias="TELEGRAM_API_URL")] = "https://api.telegram.org/bot"
    file_url: Annotated[Address, Field(validation_alias="TELEGRAM_FILE_URL")] = "https://api.telegram.org/file/bot"
    data: Annotated[Path, Field(validation_alias="ZHIDIAN_DATA")] = Path("data")
    seeds: Annotated[Path, Field(validation_alias="ZHIDIAN_SEEDS")] = Path("seeds")
    search_address: Annotated[SearchAddress, Field(validation_alias="ZHIDIAN_SEARCH_URL")] = SEARCH_ADDRESS

    admins: Annotated[frozenset[int], NoDecode, CommaSeparated, Field(validation_alias="ZHIDIAN_ADMINS")] = frozenset()
    access: Annotated[Literal["open", "invite"], Field(validation_alias="ZHIDIAN_ACCESS")] = "open"
    proxy: Annotated[Proxy, Field(validation_alias="ZHIDIAN_TELEGRAM_PROXY")] = None
    webhook_url: Annotated[str, AfterValidator(valid_webhook), Field(validation_alias="ZHIDIAN_WEBHOOK_URL")] = ""
    webhook_listen: Annotated[ListenAddress, Field(validation_alias="ZHIDIAN_WEBHOOK_LISTEN")] = "127.0.0.1:8080"
    log_format: Annotated[Literal["text", "json"], Field(validation_alias="ZHIDIAN_LOG_FORMAT")] = "text"
    log_questions: Annotated[Switch, Field(validation_alias="ZHIDIAN_LOG_QUESTIONS")] = "off"
    log_days: Annotated[int, Field(ge=1, le=36_500, validation_alias="ZHIDIAN_LOG_DAYS")] = 365
    metrics: Annotated[str, AfterValidator(valid_host_and_port), Field(validation_alias="ZHIDIAN_METRICS")] = ""
    web: Annotated[str, AfterValidator(valid_web_place), Field(validation_alias="ZHIDIAN_WEB")] = ""
    web_url: Annotated[str, AfterValidator(valid_web_url), Field(validation_alias="ZHIDIAN_WEB_URL")] = ""
    web_index: Annotated[Switch, Field(validation_alias="ZHIDIAN_WEB_INDEX")] = "off"
    questions_per_minute: Annotated[int, Field(ge=1, le=1000, validation_alias="ZHIDIAN_QUESTIONS_PER_MINUTE")] = 20
    presses_per_minute: Annotated[int, Field(ge=1, le=1000, validation_alias="ZHIDIAN_PRESSES_PER_MINUTE")] = 60
    inline_per_minute: Annotated[int, Field(ge=1, le=1000, validation_alias="ZHIDIAN_INLINE_PER_MINUTE")] = 120
    feed_proxy: Annotated[Proxy, Field(validation_alias="ZHIDIAN_FEED_PROXY")] = None
    feed_hosts: Annotated[
        frozenset[str], NoDecode, BeforeValidator(split_list), Field(validation_alias="ZHIDIAN_FEED_HOSTS")
    ] = frozenset()
    corpus: Annotated[SecretStr | None, AfterValidator(valid_corpus), Field(validation_alias="ZHIDIAN_CORPUS")] = None
    corpus_ca: Annotated[Path | None, AfterValidator(valid_authority), Field(validation_alias="ZHIDIAN_CORPUS_CA")] = (
        None
    )
    semantic: Annotated[Mode, Field(validation_alias="ZHIDIAN_SEMANTIC")] = "auto"
    guests: Annotated[Switch, Field(validation_alias="ZHIDIAN_GUESTS")] = "off"

    model_url: Annotated[str, AfterValidator(valid_model_url), Field(validation_alias="ZHIDIAN_MODEL_URL")] = ""
    model: Annotated[str, Field(max_length=200, validation_alias="ZHIDIAN_MODEL")] = ""
    model_key: Annotated[
        SecretStr | None, AfterValidator(valid_model_key), Field(validation_alias="ZHIDIAN_MODEL_KEY")
    ] = None
    model_key_file: Annotated[
        Path | None, AfterValidator(valid_secret_file), Field(validation_alias="ZHIDIAN_MODEL_KEY_FILE")
    ] = None
    model_proxy: Annotated[Proxy, Field(validation_alias="ZHIDIAN_MODEL_PROXY")] = None
    model_requests: Annotated[int, Field(ge=1, validation_alias="ZHIDIAN_MODEL_REQUESTS_PER_DAY")] = 2000
    model_tokens: Annotated[int, Field(ge=1, validation_alias="ZHIDIAN_MODEL_TOKENS_PER_DAY")] = 2_000_000
    compose: Annotated[Switch, Field(validation_alias="ZHIDIAN_COMPOSE")] = "off"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, SecretFiles(settings_cls)

    @property
    def public_page(self) -> str:
        """The page's address where Telegram takes it; else ''."""
        return self.web_url if self.web_url.startswith("https:") else ""

    @classmethod
    def load(cls, data: Path | None = None) -> Self:
        """`data` comes from the command line and beats the environment."""
        try:
            settings = cls() if data is None else cls(data=data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise ConfigError(f"{first['loc'][0]}: {first['msg']}; see .env.example") from None
        except UnicodeDecodeError:
            raise ConfigError(".env is not UTF-8 text") from None
        if settings.model_url and not settings.model:
            raise ConfigError(
                "ZHIDIAN_MODEL: name the model that ZHIDIAN_MODEL_URL shall be asked for; see .env.example"
            )
        return settings

    @classmethod
    def usable(cls, data: Path | None = None) -> tuple[Self, dict[str, str]]:
        """Settings with the default for each unusable one, and the reasons by variable."""
        named = {} if data is None else {"data": data}
        try:
            return cls(**named), {}  # type: ignore[arg-type]
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False, include_input=False)
            reasons = {str(one["loc"][0]): one["msg"].removeprefix("Value error, ") for one in problems}
        except UnicodeDecodeError:
            return cls(_env_file=None, **named), {".env": "it is not UTF-8 text"}  # type: ignore[call-arg, arg-type]
        fields = cls.model_fields.items()
        defaults = {name: field.default for name, field in fields if str(field.validation_alias) in reasons}
        return cls(**(defaults | named)), reasons

    def secrets(self) -> list[str]:
        """To be redacted from everything that is shown or logged."""
        secrets = (self.token, self.model_key, self.proxy, self.feed_proxy, self.model_proxy, self.corpus)
        found = [secret.get_secret_value() for secret in secrets if secret]
        return [*found, self.cluster.password] if self.cluster and self.cluster.password else found

    @property
    def cluster(self) -> ClusterAddress | None:
        """Where the corpus is, if not in the data folder."""
        return ClusterAddress.parse(self.corpus.get_secret_value(), self.corpus_ca) if self.corpus else None

    @property
    def has_model(self) -> bool:
        return bool(self.model_url and self.model)
