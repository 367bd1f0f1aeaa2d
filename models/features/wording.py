"""How a rep says a feature's value: templates that are part of the feature's documentation."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """Clauses about the customer, each with a capital letter and no full stop ("Joined 3 webinars ...").

    `some` and `falling` hold the value as `{v}` (a number or a category as people say it),
    `{v:webinar|webinars}` (with its noun), `{v:percent}`, `{v:days}`, `{v:hours}`, `{v:often}` (times a day;
    "3 times a week") or `{v:fold}` ("3 times", "twice", "about").

    some: the value, where it is none of the special cases below.
    missing: what we lack. Features that lack the same say so in the same words and are told once.
    none: the value 0; empty where 0 is a number like any other.
    falling: a value below 0, its size being said; empty where there is none. `none` then means no change.
    others_none: what peers at 0 do, after "80 % of 47 similar customers".
    more, less: the comparison with peers, before "than 82 % of 47 similar customers".
    """

    some: str
    missing: str
    none: str = ""
    falling: str = ""
    others_none: str = "have none"
    more: str = "more"
    less: str = "less"


def literal(text: str) -> str:
    """A configured name, such as a topic's, for use inside a template."""
    return text.replace("_", " ").replace("{", "{{").replace("}", "}}")


def stem(name: str) -> str:
    """A feature's name without its window: features that differ only in that say nearly the same."""
    return re.sub(r"_\d+d$", "", name)


TOO_LITTLE_USAGE = "We have too little usage of this customer to go by"
NO_EARLIER_USAGE = "We have no earlier usage to compare the last weeks with"
NO_PEOPLE = "We do not know how many people at this customer use the product"
NEVER_USED = "We have never seen this customer use the product"
NO_ACTIVITY = "We have seen no web visit, training or ticket of this customer"
NO_EARLIER_ACTIVITY = "We know this customer's visits, trainings and tickets for too short a time to compare"
NO_EMAIL = "We have no e-mail from this customer"
NO_EARLIER_EMAIL = "We have written with this customer for too short a time to compare"
NO_CASES = "Our CRM gave no support cases of any customer"
NO_CONTACTS = "Our CRM gave no contacts of any customer"
NO_COMPANY_DATA = "We do not know the size of this customer"
NO_DEVOPS = "We do not know how many DevOps engineers this customer has"
