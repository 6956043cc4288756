"""Chinese and English as a search engine sees them: text in; tokens, quantities, answer types, translations out.

Also the compiled dictionary and the operator's aliases. Knows neither documents nor the index.
"""
