"""Whether the encoder is used; light, because the command line reads it before anything is loaded."""

from typing import Literal

Mode = Literal["auto", "on", "off"]
