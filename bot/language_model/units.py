"""Units of measure: a text and a place in it to the unit that is written there, in either language."""

import re
from decimal import Decimal

# A unit's spellings with its factor to the base unit, so that 10 万千瓦 and 100 MW are the same.
UNITS: dict[str, tuple[str, dict[str, str]]] = {
    "CNY": ("1", {"en": "yuan|rmb|renminbi|cny|[¥￥]", "zh": "元|块钱|人民币"}),
    "jiao": ("0.1 CNY", {"en": "jiao", "zh": "角"}),
    "USD": ("1", {"en": r"(?:us )?dollars?|usd|us\$|\$", "zh": "美元|美金"}),
    "EUR": ("1", {"en": "euros?|eur|€", "zh": "欧元"}),
    "HKD": ("1", {"en": r"hong kong dollars?|hkd|hk\$", "zh": "港元|港币"}),
    "JPY": ("1", {"en": "yen|jpy", "zh": "日元"}),
    "GBP": ("1", {"en": "pounds? sterling|gbp|£", "zh": "英镑"}),
    "%": ("1", {"en": "%|per ?cent", "zh": "%"}),
    "point": ("1", {"en": "percentage points?|pp", "zh": "个?百分点"}),
    "fold": ("1", {"en": "times|fold", "zh": "倍"}),
    "year": ("1", {"en": "years?", "zh": "周年|年"}),
    "quarter": ("1", {"en": "quarters?", "zh": "个?季度"}),
    "month": ("1", {"en": "months?", "zh": "个月"}),
    "week": ("1", {"en": "weeks?", "zh": "周|个?星期"}),
    "day": ("1", {"en": "days?", "zh": "天|日"}),
    "hour": ("1", {"en": "hours?|h", "zh": "个?小时"}),
    "minute": ("1", {"en": "minutes?", "zh": "分钟"}),
    "second": ("1", {"en": "seconds?", "zh": "秒"}),
    "m": ("1", {"en": "met(?:er|re)s?|m", "zh": "米"}),
    "km": ("1000 m", {"en": "kilomet(?:er|re)s?|km", "zh": "公里|千米"}),
    "cm": ("0.01 m", {"en": "centimet(?:er|re)s?|cm", "zh": "厘米"}),
    "mm": ("0.001 m", {"en": "millimet(?:er|re)s?|mm", "zh": "毫米"}),
    "µm": ("0.000001 m", {"en": "micromet(?:er|re)s?|microns?|µm|μm", "zh": "微米"}),
    "nm": ("0.000000001 m", {"en": "nanomet(?:er|re)s?|nm", "zh": "纳米"}),
    "m2": ("1", {"en": "square met(?:er|re)s?|sq\\.? ?m|m²|m2", "zh": "平方米|平米"}),
    "km2": ("1000000 m2", {"en": "square kilomet(?:er|re)s?|sq\\.? ?km|km²|km2", "zh": "平方公里|平方千米"}),
    "ha": ("10000 m2", {"en": "hectares?|ha", "zh": "公顷"}),
    "mu": ("1", {"en": "mu", "zh": "亩"}),
    "m3": ("1", {"en": "cubic met(?:er|re)s?|m³|m3", "zh": "立方米|方"}),
    "t": ("1000 kg", {"en": "(?:metric )?tons?|tonnes?", "zh": "吨"}),
    "kg": ("1", {"en": "kilograms?|kilos?|kg", "zh": "公斤|千克"}),
    "g": ("0.001 kg", {"en": "grams?|g", "zh": "克"}),
    "W": ("1", {"en": "watts?|w", "zh": "瓦(?!时)"}),
    "kW": ("1000 W", {"en": "kilowatts?|kw", "zh": "千瓦(?!时)"}),
    "MW": ("1000000 W", {"en": "megawatts?|mw", "zh": "兆瓦(?!时)"}),
    "GW": ("1000000000 W", {"en": "gigawatts?|gw", "zh": "吉瓦(?!时)"}),
    "Wh": ("1", {"en": "watt[- ]hours?|wh", "zh": "瓦时"}),
    "kWh": ("1000 Wh", {"en": "kilowatt[- ]hours?|kwh", "zh": "千瓦时|度电?"}),
    "MWh": ("1000000 Wh", {"en": "megawatt[- ]hours?|mwh", "zh": "兆瓦时"}),
    "GWh": ("1000000000 Wh", {"en": "gigawatt[- ]hours?|gwh", "zh": "吉瓦时"}),
    "TWh": ("1000000000000 Wh", {"en": "terawatt[- ]hours?|twh", "zh": "太瓦时"}),
    "°C": ("1", {"en": "degrees? celsius|degrees?|°c|℃", "zh": "摄氏度|度|℃|°c"}),
    "Ah": ("1", {"en": "ampere[- ]hours?|amp[- ]hours?|ah", "zh": "安时"}),
}
_UNIT_PATTERNS = [
    (name, factor, re.compile(rf"(?:{spellings['zh']})|(?:{spellings['en']})(?![a-z])"))
    for name, (factor, spellings) in UNITS.items()
]
AFTER_AMOUNT = re.compile(r"[多余几]|[ -]")


def find_units(text: str, at: int) -> tuple[list[tuple[str, Decimal]], int]:
    """The base units that may be meant at this place (度: of heat or of power), with their factors, and their end."""
    while match := AFTER_AMOUNT.match(text, at):
        at = match.end()
    found: list[tuple[str, Decimal]] = []
    longest = at
    for name, factor, pattern in _UNIT_PATTERNS:
        match = pattern.match(text, at)
        if match and match.end() >= max(longest, at + 1):
            if match.end() > longest:
                found, longest = [], match.end()
            number, _, base = factor.partition(" ")
            found.append((base or name, Decimal(number)))
    return found, longest
