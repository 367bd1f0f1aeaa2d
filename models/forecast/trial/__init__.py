"""The forecast on any table of days and values, no CRM needed: `maturityd try forecast`.

`columns.py` finds account, day and value, `usage.py` reads them, `held_out.py` cuts off the days to judge by;
`trial.py` forecasts and scores, `picture.py` draws. Nothing else of `models/forecast` imports this.
"""
