"""Glyphs: a text to the characters that a reader sees in it.

Web pages and PDF files hold hyphens that show only at the end of a line, joiners and selectors that are never seen, and
characters that look like others: radicals in the place of ideographs, circles in the place of zeros.
"""

import re

# what Unicode lists as Default_Ignorable_Code_Point, and the marks around annotations
UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Unicode's Equivalent_Unified_Ideograph for the CJK Radicals Supplement, which NFKC leaves alone
_RADICALS = """
    ⺁厂 ⺂乛 ⺃乚 ⺄乙 ⺅亻 ⺆冂 ⺇𠘨 ⺈刀 ⺉刂 ⺊卜 ⺋㔾 ⺌小 ⺍小 ⺎兀 ⺏尣 ⺐尢 ⺑𡯂 ⺒巳 ⺓幺 ⺔彑 ⺕彐 ⺖忄
    ⺗心 ⺘扌 ⺙攵 ⺛旡 ⺜日 ⺝月 ⺞歺 ⺟母 ⺠民 ⺡氵 ⺢氺 ⺣灬 ⺤爫 ⺥爫 ⺦丬 ⺧牛 ⺨犭 ⺩王 ⺪𤴔 ⺫目 ⺬示 ⺭礻
    ⺮𥫗 ⺯糹 ⺰纟 ⺱罓 ⺲罒 ⺳㓁 ⺴冗 ⺵𦉫 ⺶羊 ⺷𦍌 ⺸𦍋 ⺹耂 ⺺肀 ⺻聿 ⺼肉 ⺽𦥑 ⺾艹 ⺿艹 ⻀艹 ⻁虎 ⻂衤 ⻃覀
    ⻄西 ⻅见 ⻆角 ⻇𧢲 ⻈讠 ⻉贝 ⻊𧾷 ⻋车 ⻌辶 ⻍辶 ⻎辶 ⻏邑 ⻐钅 ⻑長 ⻒镸 ⻓长 ⻔门 ⻕𨸏 ⻖阝 ⻗雨 ⻘青 ⻙韦
    ⻚页 ⻛风 ⻜飞 ⻝食 ⻞𩙿 ⻟飠 ⻠饣 ⻡𩠐 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 ⻯竜
    ⻰龙 ⻱龜 ⻲亀 ⻳龟
"""
RADICALS = str.maketrans({pair[0]: pair[1] for pair in _RADICALS.split()})
ZERO_NEIGHBOURS = "零〇一二三四五六七八九十百千⼀⼆⼋⼗"
CIRCLES = "○◯⚪⭘OО0０Ｏ"
CIRCLED_ZEROS = re.compile(rf"(?<=[{ZERO_NEIGHBOURS}])[{CIRCLES}]+(?=[{ZERO_NEIGHBOURS}年月日号])")


def fold_glyphs(text: str) -> str:
    """Without what is not seen, radicals as ideographs, and circles within Chinese numerals as zeros (二○二六年)."""
    if text.isascii():
        return text
    return fold_lookalikes(UNSEEN.sub("", text))


def fold_lookalikes(text: str) -> str:
    """As `fold_glyphs`, keeping the number of characters."""
    return CIRCLED_ZEROS.sub(lambda zeros: "〇" * len(zeros[0]), text.translate(RADICALS))
