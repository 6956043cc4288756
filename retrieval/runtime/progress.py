"""The callback through which long work reports how far it is."""

from collections.abc import Callable

OnProgress = Callable[[str, int, int], None]  # the item at hand or '', items done, items in all
