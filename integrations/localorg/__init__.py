"""A Salesforce-compatible HTTPS server on loopback, for demo and tests; SQLite-backed, strict.

    org = LocalOrg.create(folder, now=clock)            # or LocalOrg.open(folder, now=clock)
    people = standard_org(org)                          # the customer's own org: fields, users, apps
    org.load("Account", [{"Name": "Acme"}], created_at=lambda row: past)
    with serving(org) as address:                       # address.url, address.ca_file
        session = requests.Session()
        session.verify, session.trust_env = str(address.ca_file), False
        Salesforce(session_id=token, instance_url=address.url, session=session)
    faults = FaultPlan.parse("seed=7 unavailable=0.1 late=0.15")   # serving(org, faults=faults)
    faults.script(Fault("cut_after"), None)                        # what the next two requests meet
    org.store.write_log(); org.store.api_calls(); org.query("SELECT Name FROM Account")

Imports nothing of `integrations.salesforce`: it is checked against recorded answers, not against our own
client. Start at app.py (a request's way in), records.py (a write's rules) and query.py (SOQL).
"""

from integrations.localorg.faults import Fault, FaultPlan
from integrations.localorg.org import LocalOrg
from integrations.localorg.schema import FieldDef, ValidationRule
from integrations.localorg.server import Address, serve_forever, serving
from integrations.localorg.standard_org import ENTRIES, Login, StandardOrg, standard_org

__all__ = [
    "ENTRIES",
    "Address",
    "Fault",
    "FaultPlan",
    "FieldDef",
    "LocalOrg",
    "Login",
    "StandardOrg",
    "ValidationRule",
    "serve_forever",
    "serving",
    "standard_org",
]
