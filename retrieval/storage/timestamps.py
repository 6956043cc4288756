"""UTC datetimes to the databases' seconds since 1970, and back."""

from datetime import UTC, datetime


def to_epoch(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None


def from_epoch(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def utc_now() -> datetime:
    return datetime.now(UTC)
