"""Aspect words: the words of a question that ask for anything said about its subject (作用, 'how bright', progress)."""

import re

from retrieval.language.han import HAN

# A text about the subject answers these without naming them: nobody writes 'the role of X is'. A word that names one
# thing of several (a price, a cause, a target) is none: a text without it answers something else.
_CHINESE_ASPECTS = """
作用 意义 影响 用途 用处 功能 好处 坏处 优点 缺点 优势 劣势 特点 特色 特征 亮点 重点 要点 内容 背景
结果 效果 成效 成果 成绩 成就 行情 情况 状况 现状 形势 局面 局势 态势 动态 动向 进展 进度 走势 走向
趋势 前景 表现 变化 消息 新闻 说法 看法 观点 信息 资料 措施 举措 做法 办法 详情 细节
"""
_ENGLISH_ASPECTS = """
role roles purpose use uses function functions effect effects impact impacts influence significance importance meaning
benefit benefits advantage advantages disadvantage disadvantages drawback drawbacks feature features highlights
background result results outcome outcomes achievement achievements situation status state progress development
developments trend trends outlook prospect prospects performance change changes news update updates latest information
details overview view views opinion opinions measures steps approach approaches
"""
_ASPECTS = frozenset(_CHINESE_ASPECTS.split()) | frozenset(_ENGLISH_ASPECTS.split())
_ASKED_DEGREE = re.compile(rf"多([{HAN}])(?![{HAN}])|\bhow ([a-z]+) (?:is|are|was|were|will|can|do|does|did)\b")


def aspects_in(question: str) -> frozenset[str]:
    """The words of a normalised question that its answer need not have."""
    degrees = (word for asked in _ASKED_DEGREE.finditer(question) for word in asked.groups() if word)
    return _ASPECTS.union(degrees)
