"""The first question of a process that searches, asked before anyone does: it loads what the others find loaded."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from retrieval.model.documents import BEIJING
from retrieval.model.errors import CorpusUnreachableError
from retrieval.model.search_request import SearchRequest
from retrieval.search.corpus_state import CorpusState

# both languages, a date, an outlet and an excluded word: each loads something
QUESTION = "经济日报 公司 融资 company economy 2024 -天气"
WHEN = datetime(2025, 1, 1, tzinfo=BEIJING)

logger = logging.getLogger(__name__)


def ask_first_question(find_state: Callable[[], CorpusState], search: Callable[[SearchRequest], object]) -> None:
    """Takes some 0.2 s of processor time. An error of the question is logged and not raised: others may be answered.

    What `find_state` raises is raised, unless the corpus is on a cluster that cannot be reached now.
    """
    with suppress(CorpusUnreachableError):
        find_state()
        try:
            search(SearchRequest(QUESTION, 1, WHEN))
        except CorpusUnreachableError:
            raise
        except Exception:
            logger.exception("the question that a process asks itself at its start failed")
