"""Find points of news that answer a question: files and documents go in, ranked and highlighted results come out.

`library` is the facade, and the only module that most callers need. Knows nothing of Telegram, feeds or asyncio.
"""
