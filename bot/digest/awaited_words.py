"""Awaited words: those of a standing question that the corpus does not have together yet; their coming is news."""

import re
from collections.abc import Callable, Iterator, Sequence

from retrieval.language.frame_words import without_frame
from retrieval.language.han import has_han
from retrieval.language.tokenizer import normalize
from retrieval.model.results import Hit, Result

CODE = re.compile(r"(?=\D*\d)(?=[^a-z]*[a-z])[a-z0-9]+")  # 6G, H200
MIN_COMPOUND_CHARS = 3  # of a Chinese word that may be found by its parts
CHARACTERS_APART = ".{0,2}"  # between two characters of a compound: 固态[锂]电池
MAX_TRIED = 6  # things of a question that are looked up one by one

Search = Callable[[str], Result]

# What is asked of a subject. That one of these comes in, of whatever subject, is no news for the question.
_ATTRIBUTES = """
量产 产能 产量 投产 销量 销售 销售额 营收 收入 利润 净利润 毛利率 价格 售价 成本 市值 股价 估值 融资 投资 上市 发布
推出 上线 落地 开业 开通 通车 通航 开工 完工 竣工 建成 商用 商业化 应用 市场 规模 份额 占比 增速 增长 下降 出口 进口
订单 签约 合作 收购 并购 政策 补贴 标准 技术 研发 专利 测试 试点 试验 审批 获批 交付 出货量 效率 性能 寿命 参数 面积
人数 数量 数字 数据 公司 企业 厂商 项目 计划 目标 原因 影响 作用 前景 趋势 发展 排名 地点 报名 出口额 进口额 成交额
金额 收益 预算 招标 mass production produce capacity output sales sale sell sold revenue revenues income profit
profits margin price prices cost costs valuation financing funding investment listing launch launches launched
release open opens opening start starts begin begins finish finished complete completed market size share growth
rise fall export exports import imports order orders cooperation acquisition policy policies subsidy subsidies
standard standards technology research patent patents test tests trial trials approval approved delivery deliveries
shipments efficiency performance area number company companies firms firm maker makers project projects plan plans
target reason reasons go
"""
ATTRIBUTES = frozenset(_ATTRIBUTES.split())


def awaited_words(question: str, search: Search) -> str:
    """A question for what no point has so far, with the names that were asked for; empty where there is nothing new.

    Words side by side are one thing (AI眼镜): it is new where no point has all of them, though others have each.
    """
    content = without_frame(question)
    whole = search(content)
    subjects = _join_adjacent(normalize(content), [word for word in whole.words if normalize(word) not in ATTRIBUTES])
    if len(subjects) > MAX_TRIED or not lacks(content, whole):
        return ""
    new = [subject for subject in subjects if lacks(subject, search(subject))]
    if new and all(any(name in subject for name in whole.names) for subject in new):
        new = subjects  # that somebody or some place is heard of is not yet news of what was asked about it
    return " ".join(dict.fromkeys((*new, *whole.names))) if new else ""


def lacks(content: str, result: Result) -> bool:
    """Whether the best point lacks anything of the question, or has only its parts, far from each other."""
    if not result.hits:
        return True
    hit = result.hits[0]
    text, phrases = normalize(hit.point.text), " ".join(match.word for match in hit.matches).split()
    if any(word not in phrases for word in result.uncovered):
        return True
    return not all(_stands(word, hit, text) for word in result.words) or not all(
        f"{first}{second}" in text or _side_by_side_in(hit, first, second)
        for first, second in _glued(normalize(content), result.words)
    )


def _stands(word: str, hit: Hit, text: str) -> bool:
    """Whether a code (6G) is in the text as it is, and a Chinese word in a Chinese text at least by its characters.

    A nuclear battery is not in a text of nuclear power stations and lithium batteries.
    """
    if CODE.fullmatch(word):
        return word in text
    if len(word) < MIN_COMPOUND_CHARS or not (has_han(word) and has_han(text)):
        return True
    near = CHARACTERS_APART.join(map(re.escape, word))
    return any(match.word == word for match in hit.matches) or bool(re.search(near, text))


def _side_by_side_in(hit: Hit, first: str, second: str) -> bool:
    """Also under other names. AI眼镜 is not in a text of spectacles that are checked by artificial intelligence."""
    ends = {match.end for match in hit.matches if match.word == first}
    starts = {match.start for match in hit.matches if match.word == second}
    return any(start - end in (0, 1) for start in starts for end in ends)


def _glued(text: str, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Letters and characters that were written as one word."""
    for first in words:
        for second in words:
            if first.isascii() != second.isascii() and f"{first}{second}" in text:
                yield first, second


def _join_adjacent(text: str, words: Sequence[str]) -> list[str]:
    """The words, in the text's order; those between which nothing stands, or in English a space, are one."""
    found: list[str] = []
    end = -1
    for at, word in sorted((text.find(normalize(word)), normalize(word)) for word in words):
        gap = text[end:at] if 0 <= end <= at else None
        if found and (gap in ("", "-") or (gap == " " and (found[-1] + word).isascii())):
            found[-1] += f"{gap}{word}"
        else:
            found.append(word)
        end = at + len(word)
    return found
