"""Users: who may use the bot, their preferences, their question quota and their personal data, kept in bot.db.

Imports no telegram and knows nothing of questions or digests.
"""
