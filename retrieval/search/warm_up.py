"""The warm-up of a process that searches: what its first question would load, and how often garbage is looked for."""

import gc
from datetime import datetime

from retrieval.model.documents import BEIJING
from retrieval.model.search_request import SearchRequest
from retrieval.query.analyzer import QueryAnalyzer
from retrieval.search.corpus_state import CorpusState
from retrieval.search.pipeline import search

# both languages, a date, an outlet and an excluded word: each loads something
QUESTION = "经济日报 公司 融资 company economy 2024 -天气"
WHEN = datetime(2025, 1, 1, tzinfo=BEIJING)
# Objects between two collections of garbage, by default 700: a question makes some hundred that stay in caches, and has
# no circles. Looking for them took three hundredths of a search.
GARBAGE_THRESHOLDS = (20_000, 20, 20)


def warm_up(state: CorpusState, reader: QueryAnalyzer) -> None:
    """Takes some 0.2 s of processor time."""
    search(SearchRequest(QUESTION, 1, WHEN), state, reader)
    gc.set_threshold(*GARBAGE_THRESHOLDS)
