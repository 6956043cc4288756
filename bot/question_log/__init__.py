"""Log of questions, answers and feedback in bot.db.

In: records of questions as they are answered. Out: the same records by id, message or person, and a person's data.
It imports no telegram and knows nothing of search.
"""
