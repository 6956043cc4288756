"""How well a library answers: questions with known answers, or the corpus itself, in; shares of right results out.

It is given a search function and knows nothing of how that works.
"""
