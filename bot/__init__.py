"""The Telegram bot and the command line over the search of `retrieval` and the feeds of `feeds`."""
