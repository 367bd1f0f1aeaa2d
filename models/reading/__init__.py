"""Tables as people have them, for `try`: `parse.py` makes cells of a file's bytes, `texts.py` reads them.

Knows neither `models.maturity` nor `models.forecast`; both import it.
"""
