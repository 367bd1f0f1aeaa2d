"""How a rep says a feature's value: templates that are part of the feature's documentation."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """Phrases without full stop, starting with a capital letter, in the third person ("Joined ...").

    In `some` and `falling`, `{v}` is the value as people say it and `{v:webinar|webinars}` the value with
    its noun; a category has only `{v}`. Hours are `{v:hours}`, days `{v:days}`.

    some: the value, where it is not one of the special cases below. For a yes-or-no feature: yes.
    missing: what we lack.
    none: the value 0; empty where 0 is a number like any other. For a yes-or-no feature: no.
    falling: a negative value, `{v}` being its size; empty where values are never negative.
    others_none: what peers at 0 do, after "80 % of 47 similar customers".
    more, less: the comparison with peers, before "than 82 % of 47 similar customers".
    times: the value is multiplied by it before it is said (100 for a share said in percent).
    """

    some: str
    missing: str
    none: str = ""
    falling: str = ""
    others_none: str = "have none"
    more: str = "more"
    less: str = "less"
    times: float = 1.0
