"""Salesforce: logs in, plans and applies what an org lacks, pushes changes, reads by SOQL.

Knows no model, no daemon and not the local org, against which it is tested.
Start at client.py, then schema.py (what an org is to have) and pusher.py.
"""
