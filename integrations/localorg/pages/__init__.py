"""Record pages in HTML for the reps: log-in, accounts, rating, forecast, history and feedback.

They read and write as the user who is logged in, through the same rules as the API. Start at web.py.
"""
