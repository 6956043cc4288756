"""How Python runs: files, threads, processes, caches, imports.

Takes paths, functions and arrays, and returns the same; knows nothing of documents, and imports no other package.
"""
