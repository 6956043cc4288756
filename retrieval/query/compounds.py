"""Chinese words that no dictionary has: what they are made of, and what their parts' translations make together."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product

from retrieval.language.lexicon import Alternative, Lexicon
from retrieval.language.tokenizer import has_han

# what names are transliterated with, as Xinhua's tables have it
FOREIGN = frozenset(
    "阿埃艾爱安昂奥澳巴白拜班邦保鲍贝本比彼毕别宾波伯博勃布查达戴丹当道德登邓迪蒂丁东杜多顿厄恩尔法范方菲费芬丰冯"
    "弗福富盖甘冈高戈哥格根古瓜圭哈海汉豪赫黑亨胡华怀惠霍基吉季加贾杰金京卡凯坎康考科柯克肯孔库奎昆拉莱兰劳勒雷黎"
    "里理力立利莉廉林琳隆卢鲁路伦罗洛马玛迈麦曼芒毛梅门蒙米密敏明莫默姆木穆纳娜南内尼涅宁纽农努诺欧帕派潘庞培佩彭"
    "皮匹平珀普奇齐恰乔钦琼丘让热日荣茹儒瑞若萨塞赛桑瑟森沙山尚绍舍申圣施什史舒朔斯丝思索塔泰坦汤陶特腾提廷通图托"
    "瓦万旺威维韦魏温文翁沃乌武西希锡夏香肖谢辛欣休许雅亚扬耶叶伊易因英雍尤于约泽曾扎詹占张赵哲珍芝治朱兹宗祖佐"
)
# 退磁 is to demagnetise
PREFIXES = {
    "退": ("de",),
    "去": ("de",),
    "脱": ("de",),
    "再": ("re",),
    "超": ("super", "ultra", "hyper"),
    "多": ("multi",),
    "半": ("semi",),
    "微": ("micro",),
    "跨": ("cross", "trans", "inter"),
    "预": ("pre",),
    "抗": ("anti",),
}
LONE_CHARACTER_WEIGHT = (
    0.5  # weight of a single character, which has many senses, when it is seen so OFTEN in 60 million words
)
SELDOM, OFTEN = 300, 10_000
FOREIGN_NAME_CHARS = 3  # characters of a foreign name at least
MIN_TRANSLATION_WEIGHT = 0.45  # weight from which a part's translation is put together with another part's
EACH = 4  # translations of a part that are
TOGETHER = 0.8  # weight of what two parts' translations make


def foreign(pieces: Sequence[str]) -> int:
    """How many of the pieces, from the first on, are a foreign name of which no dictionary has the whole; or 0."""
    end = next((n for n, piece in enumerate(pieces) if not FOREIGN.issuperset(piece)), len(pieces))
    lone = any(len(piece) == 1 for piece in pieces[:end])
    return end if lone and sum(map(len, pieces[:end])) >= FOREIGN_NAME_CHARS else 0


def beside_each_other(pieces: Sequence[str]) -> tuple[str, ...]:
    """The tokens of a text that has these characters side by side."""
    return tuple(a + b for a, b in pairwise(pieces))


def together(parts: Sequence[Iterable[Alternative]]) -> Iterator[Alternative]:
    """What two parts may be called together: 慢 and 牛 a slow bull."""
    likely = [
        [
            other
            for other in part
            if other.weight >= MIN_TRANSLATION_WEIGHT and len(other.terms) == 1 and not has_han(other.terms[0])
        ]
        for part in parts
    ]
    for names in product(*(part[:EACH] for part in likely)):
        terms = tuple(name.terms[0] for name in names)
        if len(set(terms)) == len(terms):
            weight = TOGETHER
            for name in names:
                weight *= name.weight
            yield Alternative(terms, weight)


def prefixed(word: str, lexicon: Lexicon) -> Iterator[tuple[str, ...]]:
    """What a word is called that begins with a prefix: 'de' and what 磁 is called, for 退磁."""
    for other in lexicon.alternatives(word[1:]) if word[0] in PREFIXES else ():
        if len(other.terms) == 1 and not has_han(other.terms[0]):
            for prefix in PREFIXES[word[0]]:
                yield (prefix + other.terms[0],)
                yield prefix, other.terms[0]


def lone_weight(frequency: int) -> float:
    """A rare character has one sense (锗, germanium), a common one many."""
    common = math.log((frequency + 1) / SELDOM) / math.log(OFTEN / SELDOM)
    return max(LONE_CHARACTER_WEIGHT, 1 - (1 - LONE_CHARACTER_WEIGHT) * max(common, 0))


def split(word: str, lexicon: Lexicon) -> Iterator[str]:
    """The longest known parts of an unknown word, from the left; lone characters where there is none."""
    at = 0
    while at < len(word):
        for end in range(len(word), at, -1):
            if end - at == 1 or lexicon.known(word[at:end]):
                yield word[at:end]
                at = end
                break
