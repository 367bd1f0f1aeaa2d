"""The maturity model on any table with a categorical target, no CRM needed: `maturityd try maturity`.

Start in `trial.py`; `parse.py` makes a table of bytes, `columns.py` finds what its columns are, `report.py`
writes the page. Imports what the rest of `models/maturity` offers; nothing of it imports this.
"""
