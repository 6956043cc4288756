"""Analytics: the question log goes in, figures, unanswered questions and question files for operators come out.

Shows nobody's wording except as the anonymizer allows; imports no telegram.
"""
