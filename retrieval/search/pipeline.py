"""The search pipeline: a question and one state of the corpus to a Result."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from retrieval.index.postings import BoolArray
from retrieval.index.snapshot import Snapshot
from retrieval.language.bilingual_names import topics_by_other_name
from retrieval.language.glyphs import fold_glyphs
from retrieval.language.han import has_han
from retrieval.language.lexicon import Alternative
from retrieval.language.tokenizer import normalize_question
from retrieval.model.document_filter import DocumentFilter
from retrieval.model.documents import BEIJING
from retrieval.model.results import Interpretation, Result, Verdict
from retrieval.model.search_request import SearchRequest
from retrieval.query.analyzer import QueryAnalyzer
from retrieval.query.concepts import AnalyzedQuery
from retrieval.query.filters import QueryFilters, parse_filters
from retrieval.runtime.turns import GiveWay, keep_on
from retrieval.search.candidates import NO_POINTS
from retrieval.search.confidence import judge, lacked_words
from retrieval.search.corpus_state import CandidateRequest, CorpusState, KeptResult, SearchContext
from retrieval.search.explanation import ExplainableResult, Explanation
from retrieval.search.features import VERBATIM
from retrieval.search.found_point import Story
from retrieval.search.highlighter import Highlighter, is_sure_name
from retrieval.search.hit_reader import read_newest, read_points
from retrieval.search.judged_question import JudgedQuestion
from retrieval.search.long_question import keep_rarest
from retrieval.search.proximity import Phrasing, VerbatimBoost
from retrieval.search.ranker import gather
from retrieval.search.reranker import Reranked, rerank
from retrieval.search.shortlist import nearnesses, promote
from retrieval.search.shown_version import show_in
from retrieval.search.story_folder import fold_stories
from retrieval.search.told_corrections import confirmed_corrections
from retrieval.search.told_hits import tell_hits
from retrieval.search.weights import LearnedWeights, Weights

MAX_QUESTION_CHARS = 1000  # the rest is ignored
MAX_POINTS = 50  # of one result
EXCLUDED_WEIGHT = 0.7  # of another name of an excluded word that is excluded with it
MIN_COMPARED_HITS = 2  # however few are asked for: the distance from the first to the second decides the confidence
SPARE_FACTOR = 2  # hits fetched for each one shown, since near-duplicates fold into one


def search(asked: SearchRequest, state: CorpusState, reader: QueryAnalyzer, *, patient: bool = False) -> Result:
    """As `Library.search`. A kept result may have more hits marked than are asked for."""
    started = time.perf_counter()
    day, aliases = asked.now.astimezone(BEIJING).date(), reader.aliases.version()
    key = asked.question, asked.k, day, asked.after, asked.until, aliases
    known = state.answered.get(key)
    if known is None or known.marked < asked.marked:
        with state.turns.taken(patient=patient) as give_way:
            result = _search(asked, state, reader, give_way).result
        known = state.answered[key] = KeptResult(result, asked.marked)
    return replace(known.result, milliseconds=(time.perf_counter() - started) * 1000)


def explain(
    asked: SearchRequest, state: CorpusState, reader: QueryAnalyzer, weights: LearnedWeights | None = None
) -> Explanation:
    """As `Library.explain`."""
    state = replace(state, weights=weights) if weights else state
    return _search(asked, state, reader, keep_on).explain()


def _search(
    search_request: SearchRequest, state: CorpusState, reader: QueryAnalyzer, give_way: GiveWay
) -> ExplainableResult:
    question, now, k = search_request.question, search_request.now, min(search_request.k, MAX_POINTS)
    after, until = search_request.after, search_request.until
    written = fold_glyphs(question.encode("utf-8", "replace").decode())[:MAX_QUESTION_CHARS]
    called = topics_by_other_name(state.topics, reader.aliases)
    asked = parse_filters(written, now, state.topics, state.has_documents, called)
    give_way()
    whole = reader.analyze(asked.text)
    give_way()
    reading = keep_rarest(whole, state.concept_frequencies)
    interpretation = Interpretation(
        *(asked.outlets, asked.topics, asked.since, asked.until, asked.excluded, asked.phrases),
        truncated=len(question) > MAX_QUESTION_CHARS,
        rarest_only=reading is not whole,
        unreal_dates=asked.unreal_dates,
    )
    if interpretation.is_refused:
        return ExplainableResult(Result(question, "none", 0.0, (), 0.0, (), reading=interpretation))
    request = CandidateRequest(
        reading,
        DocumentFilter(asked.outlets, asked.topics, asked.since, asked.until, after, until),
        _excluded_names(asked, reader),
        _encoder_text(asked.text, reading),
    )
    context = state.context_for(request)
    if not reading.concepts and request.wanted and not after and until is None:
        newest = read_newest(context, request.wanted, k)
        verdict: Verdict = "answer" if newest else "none"
        return ExplainableResult(
            Result(question, verdict, float(bool(newest)), (), 0.0, newest, reading=interpretation)
        )
    reranked, weights = _order(request, asked, context, state.weights, give_way)
    phrasing = Phrasing.of(asked.text, reader.words.segment)
    boost = VerbatimBoost(phrasing, math.exp(weights.order.get(VERBATIM, 0.0)))
    give_way()
    compared = max(k, MIN_COMPARED_HITS)
    found = read_points(reranked, asked, compared * SPARE_FACTOR, context, boost)
    give_way()
    stories = fold_stories(found, reranked.matched, asked.outlets + asked.favoured_outlets, compared, context, reader)
    judging = JudgedQuestion(
        written,
        reading,
        phrasing,
        reranked.matched,
        reranked.features.coverage,
        reader.lexicon,
        context.occurs,
        asked.favoured_outlets,
    )
    promoted = promote(judging, stories, weights)
    result = _tell(question, interpretation, judging, promoted, k, search_request.marked, weights, give_way)
    shown, best = show_in(result, chinese=has_han(question)), [story.best for story in promoted]
    return ExplainableResult(shown, judging, result.hits, best, reranked.features, weights)


def _order(
    request: CandidateRequest,
    asked: QueryFilters,
    context: SearchContext,
    weights: LearnedWeights,
    give_way: GiveWay,
) -> tuple[Reranked, Weights]:
    """The points in order, and the weights that ordered them: by words, and by meaning where words are not sure."""
    snapshot, reading = context.snapshot, request.reading
    allowed = snapshot.documents_passing(request.wanted) if request.wanted else None
    banned = snapshot.text.texts_with(request.excluded) if request.excluded else NO_POINTS
    give_way()
    candidates = gather(snapshot, reading, allowed, _favoured(asked, snapshot), banned)
    give_way()
    reranked = rerank(reading, candidates.ranked(), snapshot, weights.words.order)
    if not context.meaning or not reading.concepts or reranked.is_sure(weights.sure):
        return reranked, weights.words
    give_way()
    nearness = context.meaning.to(request.text)
    give_way()
    return rerank(reading, candidates.ranked(nearness), snapshot, weights.meaning.order), weights.meaning


def _tell(
    question: str,
    reading: Interpretation,
    judging: JudgedQuestion,
    stories: Sequence[Story],
    k: int,
    marked: int,
    weights: Weights,
    give_way: GiveWay,
) -> Result:
    """With the verdict, and the first `k` hits, of which the first `marked` say what they lack and where they match."""
    found = [story.best for story in stories]
    lacks = []
    for one in found[:marked]:
        give_way()
        lacks.append(lacked_words(judging, one))
    judged = judge(judging, found, weights, lacks[0] if lacks else ())
    near = nearnesses(judging, found, judged.verdict)
    give_way()
    query = judging.reading
    highlighter = Highlighter.of(query.concepts, partial(is_sure_name, lexicon=judging.lexicon))
    hits = tell_hits(stories[:k], near, lacks, highlighter.find)
    corrections = confirmed_corrections(query, hits, highlighter)
    return Result(
        question,
        judged.verdict,
        judged.confidence,
        judged.missing,
        0.0,
        hits,
        judged.nowhere,
        replace(reading, corrections=corrections) if corrections else reading,
        query.words,
        judging.names,
        judged.uncovered,
    )


def _encoder_text(text: str, reading: AnalyzedQuery) -> str:
    """The text with slips corrected and pinyin in characters, since an encoder reads neither."""
    for correction in reading.corrections:
        if has_han(correction.read):
            text = text.replace(correction.asked, correction.read)
    if any(concept.read for concept in reading.concepts):
        return "".join(concept.read or f" {concept.word} " for concept in reading.concepts if concept.asked)
    return normalize_question(text)


def _favoured(asked: QueryFilters, snapshot: Snapshot) -> BoolArray | None:
    """The documents that are raised; None for none of them."""
    wanted = []
    if asked.favoured_outlets:
        wanted.append(DocumentFilter(asked.favoured_outlets))
    if asked.favoured_since or asked.favoured_until:
        wanted.append(DocumentFilter(since=asked.favoured_since, until=asked.favoured_until))
    masks = [snapshot.documents_passing(one) for one in wanted]
    return np.logical_or.reduce(masks) if masks else None


def _excluded_names(asked: QueryFilters, reader: QueryAnalyzer) -> tuple[Alternative, ...]:
    """The excluded words under any name: -管线 excludes pipelines."""
    concepts = [concept for text in asked.excluded for concept in reader.analyze(text).concepts]
    names = [name for concept in concepts if concept.asked == concept.word for name in concept.alternatives]
    return tuple(name for name in names if name.weight >= EXCLUDED_WEIGHT)
