"""Chinese words that no dictionary has: their pieces go in, foreign names and composed translations come out."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, product

from retrieval.language.han import has_han
from retrieval.language.lexicon import Alternative, Lexicon

# the characters that transcribe foreign names, from Xinhua's tables
TRANSCRIPTION_CHARACTERS = frozenset(
    "阿埃艾爱安昂奥澳巴白拜班邦保鲍贝本比彼毕别宾波伯博勃布查达戴丹当道德登邓迪蒂丁东杜多顿厄恩尔法范方菲费芬丰冯"
    "弗福富盖甘冈高戈哥格根古瓜圭哈海汉豪赫黑亨胡华怀惠霍基吉季加贾杰金京卡凯坎康考科柯克肯孔库奎昆拉莱兰劳勒雷黎"
    "里理力立利莉廉林琳隆卢鲁路伦罗洛马玛迈麦曼芒毛梅门蒙米密敏明莫默姆木穆纳娜南内尼涅宁纽农努诺欧帕派潘庞培佩彭"
    "皮匹平珀普奇齐恰乔钦琼丘让热日荣茹儒瑞若萨塞赛桑瑟森沙山尚绍舍申圣施什史舒朔斯丝思索塔泰坦汤陶特腾提廷通图托"
    "瓦万旺威维韦魏温文翁沃乌武西希锡夏香肖谢辛欣休许雅亚扬耶叶伊易因英雍尤于约泽曾扎詹占张赵哲珍芝治朱兹宗祖佐"
)
PREFIXES = {
    "退": "de", "去": "de", "脱": "de", "再": "re", "超": "super ultra hyper", "多": "multi", "半": "semi",
    "微": "micro", "跨": "cross trans inter", "预": "pre", "抗": "anti",
}  # fmt: skip
LONE_CHARACTER_WEIGHT = 0.5  # a single Chinese character has many senses, if it is common
RARE_CHARACTER, COMMON_CHARACTER = 300, 10_000  # occurrences in 60 million words
MIN_FOREIGN_NAME_CHARS = 3
MIN_PART_TRANSLATION_WEIGHT = 0.45  # of a part's translation that is combined with another part's
MAX_PART_TRANSLATIONS = 4
COMPOSED_WEIGHT = 0.8  # of what two parts' translations make together


def foreign_name_length(pieces: Sequence[str]) -> int:
    """How many of the first pieces make a transcribed foreign name that no dictionary has; 0 for none."""
    end = 0
    while end < len(pieces) and TRANSCRIPTION_CHARACTERS.issuperset(pieces[end]):
        end += 1
    lone = any(len(piece) == 1 for piece in pieces[:end])
    return end if lone and sum(map(len, pieces[:end])) >= MIN_FOREIGN_NAME_CHARS else 0


def adjacent_pairs(pieces: Sequence[str]) -> tuple[str, ...]:
    """The tokens of a text that has these characters side by side."""
    return tuple(a + b for a, b in pairwise(pieces))


def compose(parts: Sequence[Iterable[Alternative]]) -> Iterator[Alternative]:
    """The translations that two parts may make together: 慢 and 牛 are a slow bull."""
    likely = [
        [
            other
            for other in part
            if other.weight >= MIN_PART_TRANSLATION_WEIGHT and len(other.terms) == 1 and not has_han(other.terms[0])
        ]
        for part in parts
    ]
    for names in product(*(part[:MAX_PART_TRANSLATIONS] for part in likely)):
        terms = tuple(name.terms[0] for name in names)
        if len(set(terms)) == len(terms):
            weight = COMPOSED_WEIGHT
            for name in names:
                weight *= name.weight
            yield Alternative(terms, weight)


def prefixed_names(word: str, lexicon: Lexicon) -> Iterator[tuple[str, ...]]:
    """The names of a word that begins with a prefix: 退磁 is to demagnetise, so 'de' and the translation of 磁."""
    for other in lexicon.alternatives(word[1:]) if word[0] in PREFIXES else ():
        if len(other.terms) == 1 and not has_han(other.terms[0]):
            for prefix in PREFIXES[word[0]].split():
                yield (prefix + other.terms[0],)
                yield prefix, other.terms[0]


def character_weight(frequency: int) -> float:
    """A rare character has one sense (锗, germanium), a common one many."""
    share = math.log((frequency + 1) / RARE_CHARACTER) / math.log(COMMON_CHARACTER / RARE_CHARACTER)
    return max(LONE_CHARACTER_WEIGHT, 1 - (1 - LONE_CHARACTER_WEIGHT) * max(share, 0))


def split(word: str, lexicon: Lexicon) -> Iterator[str]:
    """The longest known parts of an unknown word, from the left; lone characters where there is none."""
    at = 0
    while at < len(word):
        for end in range(len(word), at, -1):
            if end - at == 1 or lexicon.known(word[at:end]):
                yield word[at:end]
                at = end
                break
