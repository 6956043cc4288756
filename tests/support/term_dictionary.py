import numpy as np

from retrieval.index.term_dictionary import TermDictionary, TermTable


def build_term_dictionary(*terms: str) -> TermDictionary:
    table = TermTable.of(terms)
    return TermDictionary([table], [np.sort(table.hashes)])
