"""Everything that speaks to another system: sources, Salesforce, the local org, alert channels.

Imports neither `models` nor `daemon`. Start at interfaces.py.
"""
