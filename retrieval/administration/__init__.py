"""What operators do to a corpus: documents come in, are removed, checked and backed up.

Takes paths and documents, gives reports. It does not search.
"""
