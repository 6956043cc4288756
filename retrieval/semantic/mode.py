"""Whether the extra is used: light, for the command line reads its settings before it loads anything."""

from typing import Literal

Mode = Literal["auto", "on", "off"]
