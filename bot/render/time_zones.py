"""Time zones by the names that people use: a name goes in, an IANA zone comes out; and the other way."""

from functools import cache

from bot.render.i18n import Say

# Cities, countries and abbreviations, in lower case; 'time' and 时间 may stand after each. The names that are shown are
# in texts/*.ftl, as zone-Asia-Shanghai and so on.
ZONE_NAMES = {
    "Asia/Shanghai": "北京 上海 中国 国内 东八区 beijing shanghai china shenzhen chinese",
    "Asia/Hong_Kong": "香港 hong_kong hongkong hk hkt",
    "Asia/Taipei": "台北 台湾 taipei taiwan",
    "Asia/Tokyo": "东京 日本 tokyo japan jst",
    "Asia/Seoul": "首尔 韩国 seoul korea kst",
    "Asia/Singapore": "新加坡 singapore sgt",
    "Asia/Bangkok": "曼谷 泰国 bangkok thailand",
    "Asia/Kolkata": "印度 孟买 新德里 india mumbai delhi ist",
    "Asia/Dubai": "迪拜 阿联酋 dubai",
    "Europe/Moscow": "莫斯科 俄罗斯 moscow msk",
    "Europe/London": "伦敦 英国 london uk british britain bst",
    "Europe/Paris": "巴黎 法国 paris france",
    "Europe/Berlin": "柏林 德国 法兰克福 欧洲中部 中欧 berlin germany frankfurt central_european cet cest",
    "Europe/Zurich": "苏黎世 瑞士 zurich switzerland",
    "America/New_York": "纽约 美东 美国东部 东部 华盛顿 波士顿 new_york nyc eastern us_eastern washington boston"
    " est edt et",
    "America/Chicago": "芝加哥 美中 美国中部 chicago central us_central cst cdt",
    "America/Denver": "丹佛 美国山地 denver mountain mst mdt",
    "America/Los_Angeles": "洛杉矶 旧金山 硅谷 西雅图 加州 美西 美国西部 太平洋 los_angeles la san_francisco seattle"
    " california pacific us_pacific pst pdt pt",
    "America/Toronto": "多伦多 toronto",
    "America/Vancouver": "温哥华 vancouver",
    "America/Sao_Paulo": "圣保罗 巴西 sao_paulo brazil",
    "Australia/Sydney": "悉尼 墨尔本 澳洲 澳大利亚 sydney melbourne aest aedt",
    "Pacific/Auckland": "奥克兰 新西兰 auckland new_zealand nzt",
    "UTC": "世界 协调世界 格林尼治 格林威治 零时区 utc gmt greenwich zulu universal",
}
ZONE_SUFFIXES = ("时间", "时区", " standard time", " daylight time", " time", " timezone", " time zone", "时")


def zone_called(text: str) -> str | None:
    """The IANA name: 纽约时间, 'London time' and, bare, 香港 and 'Pacific'."""
    name = " ".join(text.casefold().split()).removeprefix("in ")
    return _by_name().get(without_zone_suffix(name)) or _by_name().get(name)


def without_zone_suffix(name: str) -> str:
    suffix = next((suffix for suffix in ZONE_SUFFIXES if name.endswith(suffix)), "")
    return name.removesuffix(suffix)


def zone_label(zone: str, say: Say) -> str:
    """The zone in the reader's words; its IANA name where it is none of ZONE_NAMES."""
    return say(f"zone-{zone.replace('/', '-').replace('_', '-')}") if zone in ZONE_NAMES else zone


@cache
def _by_name() -> dict[str, str]:
    return {name.replace("_", " "): zone for zone, names in ZONE_NAMES.items() for name in names.split()}
