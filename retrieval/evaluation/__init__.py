"""How well a library answers: files of questions with known answers in, recall and verdict shares out.

It is given a search function and knows nothing of how that works.
"""
