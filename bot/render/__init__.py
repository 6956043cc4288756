"""Rendering: records of the search and of the bot go in, Telegram's HTML, buttons and localized texts come out.

Pure functions: imports no telegram, no SQLite and no asyncio.
"""
