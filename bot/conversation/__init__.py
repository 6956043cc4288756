"""Conversation: a person's question or press goes in, a Reply comes out; used by Telegram handlers and the terminal.

Imports no telegram and no asyncio; its methods block on search and SQLite.
"""
