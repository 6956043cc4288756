"""Paywalls and the like: a page and its extracted texts to the reason why it is no article."""

import re
from collections.abc import Sequence

from retrieval.language.han import count_han
from retrieval.model.problem import Problem

PAID_MARK = re.compile(
    r"""["']isAccessibleForFree["']\s*:\s*["']?false|content_tier["'][^<>]{0,40}content=["']locked""", re.IGNORECASE
)
MAX_TEASER_CHARS = 600  # a longer text is an article, whatever else it says
WALL = re.compile(
    r"""enable\ (?:javascript|cookies)|javascript\ (?:is\ )?(?:disabled|required)
    |(?:accept|use\ of|uses?)\ (?:all\ )?cookies
    |(?:subscribe|log\ ?in|sign\ in|register)\ (?:now\ )?(?:to|for)\ (?:continue|read|view|access|full)
    |subscribers\ only|access\ denied|are\ you\ a\ robot|unusual\ traffic
    |verify\ (?:that\ )?you\ are\ (?:a\ )?human|checking\ your\ browser
    |(?:启用|开启|打开|允许)\s*(?:您?的?浏览器的?\s*)?(?:javascript|cookie)|不支持\s*javascript|使用\s*cookie
    |(?:登录|登陆|订阅|付费|购买|开通会员|扫码|注册)后?[^。]{0,8}(?:阅读|查看|浏览|继续)(?:全文|本文|更多|内容)?
    |(?:安全|人机)验证|访问(?:过于频繁|受限|被拒绝)|请输入验证码""",
    re.IGNORECASE | re.VERBOSE,
)
DECLARED_LANGUAGE = re.compile(r"<html\b[^<>]{0,300}?\slang\s*=\s*[\"']?([a-zA-Z]{2,3})", re.IGNORECASE)
KANA, LATIN = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[A-Za-z]")
LETTER = re.compile(r"[^\W\d_]")


def find_wall(html: str, texts: Sequence[str]) -> Problem | None:
    """Why this is not an article in Chinese or English; `texts` are the extracted paragraphs."""
    if PAID_MARK.search(html):
        return Problem("wall-paid")
    text = "\n".join(texts)
    if len(text) < MAX_TEASER_CHARS and WALL.search(text):
        return Problem("wall-login")
    letters = len(LETTER.findall(text))
    if 2 * (count_han(text) + len(LATIN.findall(text))) < letters or 20 * len(KANA.findall(text)) > letters:
        return Problem("wall-language")
    declared = DECLARED_LANGUAGE.search(html[:4096])
    if declared and declared[1].lower() not in ("zh", "en", "und") and 4 * count_han(text) < letters:
        return Problem.of("wall-declared-language", language=declared[1].lower())
    return None
