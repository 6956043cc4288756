"""The encoder, or the reason why there is none, for a ZHIDIAN_SEMANTIC mode; imports nothing of it in mode off."""

import logging
from pathlib import Path

from retrieval.semantic.encoder import Encoder, SemanticError
from retrieval.semantic.mode import Mode

log = logging.getLogger(__name__)


def load_encoder(mode: Mode, cache: Path) -> Encoder | None:
    """None in mode off, and in mode auto if it cannot be used. `cache` is a folder for its mapped weights."""
    if mode == "off":
        return None
    try:
        from retrieval.semantic.sentence_encoder import SentenceEncoder
        from retrieval.semantic.weights import open_weights

        return SentenceEncoder(open_weights(cache))
    except (SemanticError, ImportError, OSError) as error:
        if mode == "auto":
            log.warning("questions are answered by words alone: %s", error)
            return None
        raise SemanticError(f"{error}; ZHIDIAN_SEMANTIC=auto does without where it must") from error


def unavailable_reason() -> str | None:
    """Why the encoder cannot be used here; checks its weights, but loads nothing."""
    from retrieval.semantic.weights import find_resources

    try:
        find_resources()
    except SemanticError as error:
        return str(error)
    return None
