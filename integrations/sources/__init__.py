"""Where facts come from: one file per kind of source, each a class with `pull` and `check`.

A source imports no other source; what several of them read alike lives in `values`, `identity`,
`overlap`, `tables`, `csv_files` and `soql`. Start with `csv_tables.py`: it is the shortest.
"""
