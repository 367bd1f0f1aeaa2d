"""The lake: facts as Parquet files, landed by manifest, read as of a cut.

May import integrations and models. Start with `facts.py` (what there is), then `landing.py` and
`reading.py`. Landing loads no query engine, since it is what gets killed and started again most.
"""
