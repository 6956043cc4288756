"""Records of figures: a number with its unit, in each of the ways that it can be read."""

from dataclasses import dataclass
from decimal import Decimal

NAMED_PARTS = {"part", "month of the year", "quarter of a year", "decade"}  # which a bare number does not mean


@dataclass(frozen=True, slots=True)
class Measure:
    """A number as written, its scale (million, 万), its base unit and the factor to that."""

    number: Decimal
    scale: Decimal = Decimal(1)
    unit: str = ""
    factor: Decimal = Decimal(1)

    @property
    def reading(self) -> tuple[Decimal, str]:
        return (self.number * self.scale * self.factor).normalize(), self.unit


@dataclass(frozen=True, slots=True)
class FigureReading:
    """`readings` are pairs of value and base unit, '' for none; `strong` figures are written with digits or a scale."""

    written: str
    readings: frozenset[tuple[Decimal, str]]
    strong: bool
    start: int
    end: int
    measure: Measure | None = None

    def agrees(self, other: "FigureReading") -> bool:
        """With another language's figure: the value and, if this one has a unit, the unit."""
        if not self.readings.isdisjoint(other.readings):
            return True
        values = {value for value, unit in self.readings if not unit}
        if any(unit for _, unit in self.readings):
            return False
        return any(value in values for value, unit in other.readings if unit not in NAMED_PARTS)
