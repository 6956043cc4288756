"""Names of indexes: a prefix and the analyser's fingerprint go in, aliases and generations come out."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal, Self

MAPPING_VERSION = 3  # raise it when documents on the cluster get other fields

Kind = Literal["points", "documents", "terms", "state"]
KINDS: tuple[Kind, ...] = ("points", "documents", "terms", "state")


@dataclass(frozen=True, slots=True)
class IndexNames:
    """All of one analyser: a bot with another one reads other indexes, so that both live side by side in an upgrade."""

    prefix: str
    fingerprint: str

    @classmethod
    def of(cls, prefix: str, analyser: str) -> Self:
        return cls(prefix, blake2b(f"{MAPPING_VERSION} {analyser}".encode(), digest_size=6).hexdigest())

    def alias(self, kind: Kind) -> str:
        return f"{self.prefix}-{self.fingerprint}-{kind}"

    def index(self, kind: Kind, generation: int) -> str:
        return f"{self.alias(kind)}-{generation}"
