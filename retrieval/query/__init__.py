"""Query analysis: a question in; filters, concepts with their alternatives, and corrections out.

Reads the term dictionary to know which words the corpus has. Scores nothing.
"""
