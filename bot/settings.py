"""Settings, read once from the environment and `.env`; .env.example lists them all."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AnyUrl, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from retrieval.model.outlets import SEARCH_ADDRESS
from retrieval.semantic.mode import Mode


class ConfigError(Exception):
    """For the operator: a setting cannot be used. The text is one line that names the variable, never a secret."""


def is_address(value: str) -> str:
    TypeAdapter(HttpUrl).validate_python(value)
    return value


def is_search_address(value: str) -> str:
    if "{query}" not in value:
        raise ValueError("{query} is missing where the words of the search belong")
    return is_address(value)


def is_token(value: SecretStr | None) -> SecretStr | None:
    if value is None:
        return None
    number, _, secret = value.get_secret_value().strip().partition(":")
    if not (number.isascii() and number.isdigit() and secret and secret.isascii() and secret.isprintable()):
        raise ValueError("this does not look like a token of @BotFather (digits, a colon, letters)")
    return SecretStr(f"{number}:{secret}")


def is_proxy(value: SecretStr | None) -> SecretStr | None:
    """Secret, since it may hold a password."""
    if value is not None:
        address = TypeAdapter(AnyUrl).validate_python(value.get_secret_value().strip())
        if address.scheme not in {"http", "https", "socks5", "socks5h"} or not address.host:
            raise ValueError("a proxy is written http://host:port or socks5://host:port")
        return SecretStr(str(address).rstrip("/"))
    return None


def is_listened_on(value: str) -> str:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isascii() and port.isdigit() and 0 <= int(port) < 65536):
        raise ValueError("write where to listen as host:port, such as 127.0.0.1:9464")
    return value


def is_place(value: str) -> str:
    if value.startswith("unix:/") and not value.endswith("/"):
        return value
    try:
        return is_listened_on(value)
    except ValueError:
        raise ValueError("write where to listen as host:port or unix:/path/of/a/socket") from None


def is_webhook(value: str) -> str:
    """Its path is what the process listens for, too."""
    if value and not re.fullmatch(r"https://[^/?#@:]+(?::(?:443|80|88|8443))?(?:/[A-Za-z0-9_/-]*)?", is_address(value)):
        raise ValueError(
            "Telegram posts to https://host/path only (port 443, 80, 88 or 8443; letters, digits, - and _ in the path)"
        )
    return value


def split_list(value: object) -> object:
    """Ids as they stand in the environment, separated by commas."""
    return [one for one in value.replace(" ", "").split(",") if one] if isinstance(value, str) else value


class Settings(BaseSettings):
    """The process's settings; the environment beats `.env`, and what is empty counts as not set."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8-sig",  # editors on Windows like to write a byte order mark
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    token: Annotated[SecretStr | None, AfterValidator(is_token), Field(validation_alias="TELEGRAM_BOT_TOKEN")] = None
    api_url: Annotated[str, AfterValidator(is_address), Field(validation_alias="TELEGRAM_API_URL")] = (
        "https://api.telegram.org/bot"
    )
    file_url: Annotated[str, AfterValidator(is_address), Field(validation_alias="TELEGRAM_FILE_URL")] = (
        "https://api.telegram.org/file/bot"
    )
    data: Annotated[Path, Field(validation_alias="ZHIDIAN_DATA")] = Path("data")
    seeds: Annotated[Path, Field(validation_alias="ZHIDIAN_SEEDS")] = Path("seeds")
    search_address: Annotated[str, AfterValidator(is_search_address), Field(validation_alias="ZHIDIAN_SEARCH_URL")] = (
        SEARCH_ADDRESS
    )

    admins: Annotated[
        frozenset[int], NoDecode, BeforeValidator(split_list), Field(validation_alias="ZHIDIAN_ADMINS")
    ] = frozenset()
    access: Annotated[Literal["open", "invite"], Field(validation_alias="ZHIDIAN_ACCESS")] = "open"
    proxy: Annotated[SecretStr | None, AfterValidator(is_proxy), Field(validation_alias="ZHIDIAN_TELEGRAM_PROXY")] = (
        None
    )
    webhook_url: Annotated[str, AfterValidator(is_webhook), Field(validation_alias="ZHIDIAN_WEBHOOK_URL")] = ""
    webhook_listen: Annotated[str, AfterValidator(is_place), Field(validation_alias="ZHIDIAN_WEBHOOK_LISTEN")] = (
        "127.0.0.1:8080"
    )
    log_format: Annotated[Literal["text", "json"], Field(validation_alias="ZHIDIAN_LOG_FORMAT")] = "text"
    log_questions: Annotated[Literal["on", "off"], Field(validation_alias="ZHIDIAN_LOG_QUESTIONS")] = "off"
    log_days: Annotated[int, Field(ge=1, le=36_500, validation_alias="ZHIDIAN_LOG_DAYS")] = 365
    metrics: Annotated[str, AfterValidator(is_listened_on), Field(validation_alias="ZHIDIAN_METRICS")] = ""
    feed_proxy: Annotated[SecretStr | None, AfterValidator(is_proxy), Field(validation_alias="ZHIDIAN_FEED_PROXY")] = (
        None
    )
    feed_hosts: Annotated[
        frozenset[str], NoDecode, BeforeValidator(split_list), Field(validation_alias="ZHIDIAN_FEED_HOSTS")
    ] = frozenset()
    semantic: Annotated[Mode, Field(validation_alias="ZHIDIAN_SEMANTIC")] = "auto"
    guests: Annotated[Literal["on", "off"], Field(validation_alias="ZHIDIAN_GUESTS")] = "off"

    @classmethod
    def load(cls, data: Path | None = None) -> Self:
        """`data` is the command line's word, which beats the environment's."""
        try:
            return cls() if data is None else cls(data=data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise ConfigError(f"{first['loc'][0]}: {first['msg']}; see .env.example") from None
        except UnicodeDecodeError:
            raise ConfigError(".env is not UTF-8 text") from None

    @classmethod
    def usable(cls, data: Path | None = None) -> tuple[Self, dict[str, str]]:
        """What can be used of the settings, and by the variable's name why it cannot: there the default stands."""
        named = {} if data is None else {"data": data}
        try:
            return cls(**named), {}  # type: ignore[arg-type]
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False, include_input=False)
            wrong = {str(one["loc"][0]): one["msg"].removeprefix("Value error, ") for one in problems}
        except UnicodeDecodeError:
            return cls(_env_file=None, **named), {".env": "it is not UTF-8 text"}  # type: ignore[call-arg, arg-type]
        defaults = {
            name: field.default for name, field in cls.model_fields.items() if str(field.validation_alias) in wrong
        }
        return cls(**(defaults | named)), wrong

    def secrets(self) -> list[str]:
        """What is to be left out of everything that is shown."""
        return [one.get_secret_value() for one in (self.token, self.proxy, self.feed_proxy) if one]
