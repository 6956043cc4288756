"""Places: Chinese provinces and larger cities in both languages, and places that a text names by their kind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_PROVINCES = """
河北 Hebei; 山西 Shanxi; 辽宁 Liaoning; 吉林 Jilin; 黑龙江 Heilongjiang; 江苏 Jiangsu; 浙江 Zhejiang; 安徽 Anhui;
福建 Fujian; 江西 Jiangxi; 山东 Shandong; 河南 Henan; 湖北 Hubei; 湖南 Hunan; 广东 Guangdong; 海南 Hainan;
四川 Sichuan; 贵州 Guizhou; 云南 Yunnan; 陕西 Shaanxi; 甘肃 Gansu; 青海 Qinghai; 台湾 Taiwan; 内蒙古 Inner Mongolia;
广西 Guangxi; 西藏 Tibet; 宁夏 Ningxia; 新疆 Xinjiang
"""
_MUNICIPALITIES = "北京 Beijing; 上海 Shanghai; 天津 Tianjin; 重庆 Chongqing; 香港 Hong Kong; 澳门 Macao"
_CITIES = """
石家庄 Shijiazhuang; 唐山 Tangshan; 保定 Baoding; 张家口 Zhangjiakou; 雄安 Xiong'an; 太原 Taiyuan; 大同 Datong;
沈阳 Shenyang; 大连 Dalian; 鞍山 Anshan; 长春 Changchun; 吉林市 Jilin City; 哈尔滨 Harbin; 大庆 Daqing;
齐齐哈尔 Qiqihar; 南京 Nanjing; 苏州 Suzhou; 无锡 Wuxi; 常州 Changzhou; 南通 Nantong; 徐州 Xuzhou; 扬州 Yangzhou;
杭州 Hangzhou; 宁波 Ningbo; 温州 Wenzhou; 嘉兴 Jiaxing; 绍兴 Shaoxing; 金华 Jinhua; 义乌 Yiwu; 台州 Taizhou;
舟山 Zhoushan; 合肥 Hefei; 芜湖 Wuhu; 福州 Fuzhou; 厦门 Xiamen; 泉州 Quanzhou; 宁德 Ningde; 南昌 Nanchang;
赣州 Ganzhou; 景德镇 Jingdezhen; 济南 Jinan; 青岛 Qingdao; 烟台 Yantai; 潍坊 Weifang; 威海 Weihai; 淄博 Zibo;
郑州 Zhengzhou; 洛阳 Luoyang; 开封 Kaifeng; 武汉 Wuhan; 宜昌 Yichang; 襄阳 Xiangyang; 长沙 Changsha; 株洲 Zhuzhou;
广州 Guangzhou; 深圳 Shenzhen; 珠海 Zhuhai; 佛山 Foshan; 东莞 Dongguan; 惠州 Huizhou; 中山 Zhongshan; 汕头 Shantou;
湛江 Zhanjiang; 南宁 Nanning; 桂林 Guilin; 柳州 Liuzhou; 海口 Haikou; 三亚 Sanya; 成都 Chengdu; 绵阳 Mianyang;
宜宾 Yibin; 贵阳 Guiyang; 遵义 Zunyi; 昆明 Kunming; 大理 Dali; 丽江 Lijiang; 拉萨 Lhasa; 西安 Xi'an; 宝鸡 Baoji;
延安 Yan'an; 兰州 Lanzhou; 酒泉 Jiuquan; 西宁 Xining; 格尔木 Golmud; 银川 Yinchuan; 乌鲁木齐 Urumqi; 喀什 Kashgar;
阿勒泰 Altay; 呼和浩特 Hohhot; 包头 Baotou; 鄂尔多斯 Ordos
"""


def _names(table: str) -> frozenset[str]:
    return frozenset(name for pair in table.split(";") for name in pair.strip().split(" ", 1))


PROVINCES, MUNICIPALITIES, CITIES = _names(_PROVINCES), _names(_MUNICIPALITIES), _names(_CITIES)
_PLACE_NAMES = "|".join(
    sorted((re.escape(name) for name in PROVINCES | MUNICIPALITIES | CITIES), key=len, reverse=True)
)
_KNOWN_PLACE = re.compile(
    rf"(?P<known>{_PLACE_NAMES})"
    r"(?:(?<=[^\x00-\x7f])(?:自治区|特别行政区|省|市)?|(?![a-z])(?: (?:Province|City|Municipality))?)"
)
# 'in the Tiexi district', 'Yazhou Bay': a capitalised name with its kind.
_ENGLISH_KIND = re.compile(
    r"(?:[A-Z][\w'-]+ ){1,3}"
    r"(?:[Cc]ity|[Pp]rovince|[Cc]ounty|[Dd]istrict|[Tt]own(?:ship)?|[Vv]illage|[Ii]sland|[Bb]ay)\b"
)
_CHINESE_KIND = re.compile(
    r"(?<=[在于到至往])(?P<place>[\u4e00-\u9fff]{2,4}?(?:[省市县镇乡村]|(?<![地园城辖市新景小片校社])区))(?![长委])"
)


PlaceLevel = Literal["province", "city", ""]


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """Characters `start` to `end` of a text name a place."""

    start: int
    end: int
    name: str

    @property
    def level(self) -> PlaceLevel:
        """A municipality is a city."""
        if self.name in PROVINCES or self.name.endswith(("省", "Province", "province")):
            return "province"
        return "city" if self.name in MUNICIPALITIES | CITIES or self.name.endswith(("市", "City", "city")) else ""


def find_places(text: str) -> list[PlaceMention]:
    """In order and without overlaps."""
    found: list[PlaceMention] = []
    for place in sorted(_mentions(text), key=lambda place: (place.start, -place.end)):
        if not found or place.start >= found[-1].end:
            found.append(place)
    return found


def _mentions(text: str) -> Iterator[PlaceMention]:
    for match in _KNOWN_PLACE.finditer(text):
        if match.start() == 0 or not (text[match.start() - 1].isascii() and text[match.start() - 1].isalpha()):
            yield PlaceMention(match.start(), match.end(), match["known"])
    for pattern in (_ENGLISH_KIND, _CHINESE_KIND):
        for match in pattern.finditer(text):
            yield PlaceMention(match.start(), match.end(), match[0])
