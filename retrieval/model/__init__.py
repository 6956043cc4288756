"""Records that everything else passes around: documents and points in, results and hits out.

Frozen dataclasses, the outlet registry and the errors that operators act on. Imports no other package of ours.
"""
