"""What is shown: documents and results go in, HTML and Atom come out. Knows no library and no route.

templates/ has the HTML, static/ style and script, texts/ all words in both languages.
"""
