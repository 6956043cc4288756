"""Frame words: a question without what asks for news of its subject and is no part of it ('news on')."""

import re

from retrieval.language.han import HAN

# They stand between the subject and what is asked of it: 固态电池[什么时候能]量产.
_BETWEEN = """
什么时候 什么时间 啥时候 何时 几时 哪天 哪一天 哪个月 哪年 有没有 有无 有什么 有啥 有哪些 有何 还有没有 是不是 是否
请问 我想知道 想知道 告诉我 给我 我要
"""
_VERBS = "能够 才能 才会 可以 将会 能 会 才 要 将"  # of a time that is asked for: 什么时候[能]
_LEADING = """
最新 最近 近期 目前 现在 当前 如今 新的 有关 关于 相关 请 麻烦 帮我 看看 看一下 查查 查一下 问问 问一下 说说 讲讲
介绍一下 介绍 跟踪 留意 关注 了解 一下 消息 新闻 的
"""
_TRAILING = """
消息 新闻 资讯 动态 动向 进展 进度 情况 状况 近况 时间 时间表 日期 说法 最新 最近 近期 目前 现在 当前 如今 方面 相关
有关 是什么 是啥 怎么样 怎么样了 怎样 怎样了 如何 如何了 咋样 咋样了 到哪步了 到哪一步 到哪一步了 了吗 了没 了没有
没有 有吗 吗 呢 吧 啊 呀 嘛 么 了 的
"""
# These end names too (设备更新, 气候变化), so that they are frame only alone, or after 的 or 最新.
_TRAILING_ALONE = """
更新 信息 变化 报道 动静 新进展 新消息 新动态 发展
"""
_ENGLISH = r"""
(?:please )?(?:tell|inform|notify|alert|let|show|give) me(?: know)?(?: (?:when|if|once|about|what))*
keep me (?:posted|informed|updated)(?: on| about)?
(?:(?:is|are|was|were) there|have you|do you have|do we have|do you know|heard|have there been)(?: (?:any|some|a|an))?
what(?:['’]?s| is| are| was) (?:new|happening|going on|up|the (?:latest|newest|status|state|news|situation))
(?:(?:any|some|the|more|all) )?(?:latest|recent|newest|new|further|breaking) (?:information|info|announcements?|word)
(?:(?:any|some|the|more|all|new) )?(?:(?:latest|recent|newest|new|breaking) )?(?:news|updates?|headlines?|developments)
(?:any |some |the |more )?(?:information|info|word|announcements?)(?= (?:on|about|of)\b)
(?:any )?(?:latest|newest|progress|status|timeline|timing|timetable)
(?:anything|something)(?: new)?
(?:release |start |launch )?dates?
(?:at )?what time|what (?:date|day|month|year)|when(?: (?:is|are|will|does|do|did|was|were|can|would|could|might))?
how (?:is|are|about)|going(?: on)?|doing|coming(?: along)?(?= ?$)
so far|right now|currently|recently|lately|yet|these days
please|about|regarding|concerning|related to
"""


def _alternatives(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


_MARKS = re.compile(r"[?？!！。，,;；…~～]+|\.(?=\s|$)")
_CHINESE_BETWEEN = re.compile(f"(?:{_alternatives(_BETWEEN)})(?:{_alternatives(_VERBS)})?")
_ENGLISH_FRAME = re.compile("|".join(rf"\b(?:{line})\b" for line in _ENGLISH.strip().split("\n")), re.IGNORECASE)
_HAN_RUN = re.compile(f"[{HAN}]+")
# Outlets whose names end in a frame word: 澎湃新闻
_NO_OUTLET = "".join(
    f"(?<!{name})"
    for name in ["上游", "上观", "参考", "央视", "封面", "极目", "每日经济", "每经", "澎湃", "界面", "红星", "蓝鲸"]
)
_HEAD = re.compile(f"(?:{_alternatives(_LEADING)})")
_TAIL = re.compile(
    f"(?:{_NO_OUTLET}(?:{_alternatives(_TRAILING)})|(?:(?<=的)|(?<=最新)|^)(?:{_alternatives(_TRAILING_ALONE)}))$"
)
_GLUE = re.compile(
    r"^(?:(?:on|of|for|in|with|to|at|the|a|an|is|are|and)\b\s*)+|(?:\s*\b(?:on|of|for|in|with|to|at|the|is|are|be))+$",
    re.I,
)


def without_frame(question: str) -> str:
    """The question's subject, and what is asked of it; the whole question where nothing would be left."""
    text = _CHINESE_BETWEEN.sub(" ", _MARKS.sub(" ", question))
    text = _HAN_RUN.sub(_trim, text)
    text = " ".join(text.split())
    text = " ".join(_ENGLISH_FRAME.sub(" ", text).split())
    return _GLUE.sub("", text).strip() or question


def _trim(match: re.Match[str]) -> str:
    run = match[0]
    while run and (found := _HEAD.match(run)):
        run = run[found.end() :]
    while run and (found := _TAIL.search(run)):
        run = run[: found.start()]
    return run


_VERBS = """
能够 才能 才会 可以 将会 能 会 才 要 将
"""
