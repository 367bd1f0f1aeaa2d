"""Alert channels: each takes an AlertMessage and delivers it, or says whether to try again.

May import integrations.interfaces and integrations.errors, nothing else of the project.
Start at webhook.py.
"""
