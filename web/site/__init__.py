"""What all pages share: the library behind them, their host, and a cache of what was made; few search at a time."""
