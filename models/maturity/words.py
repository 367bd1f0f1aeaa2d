"""Numbers, dates and foreign text as people say them."""

import unicodedata
from datetime import date

ELLIPSIS = "…"
MOST_PERCENT = 300
ONCE = {"1": "once", "2": "twice"}


class Spoken:
    """A value inside a template; `models.features.wording.Wording` says in which forms."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __format__(self, spec: str) -> str:
        match spec:
            case "":
                return number(self.value)
            case "percent":
                return percent(self.value)
            case "days":
                return days(self.value)
            case "hours":
                return hours(self.value)
            case "often":
                return often(self.value)
            case "fold":
                return fold(self.value)
        singular, several = spec.split("|")
        if singular == "time":
            return times(self.value)
        said = number(self.value)
        return f"{said} {singular if said == '1' else several}"


def number(value: float) -> str:
    """Three digits that matter, thousands grouped, no trailing zeros.

    1243.7 -> "about 1,240"; 37.2 -> "37"; 2.35 -> "2.4"; 0.04 -> "0.04"; 0.001 -> "under 0.01".
    """
    value += 0.0  # -0.0 is 0
    size = abs(value)
    if 0 < size < 0.01:
        return "under 0.01"
    if round(size) >= 1000:
        rounded = float(f"{value:.3g}")
        return f"about {rounded:,.0f}" if rounded != value else f"{value:,.0f}"
    if size >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}".removesuffix(".0") if size >= 0.995 else f"{value:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """Whole percents; under 1 and beyond MOST_PERCENT only so."""
    value += 0.0  # -0.0 is 0
    if 0 < abs(value) < 1:
        return "under 1 %"
    if abs(value) > MOST_PERCENT:
        return f"more than {MOST_PERCENT} %"
    return f"{value:.0f} %"


def days(value: float) -> str:
    """A span of days in the unit people use for it."""
    if value < 1:
        return "less than a day"
    if value < 60:
        return counted(round(value), "day")
    if round(value / 30.4) < 24:
        return f"about {round(value / 30.4)} months"
    return f"about {round(value / 365.25)} years"


def hours(value: float) -> str:
    """A span of hours in the unit people use for it."""
    if value < 1:
        return "less than an hour"
    return counted(round(value), "hour") if value < 48 else days(value / 24)


def times(value: float) -> str:
    """once, twice, 3 times."""
    said = number(value)
    return ONCE.get(said, f"{said} times")


def often(per_day: float) -> str:
    """How many times a day, or a week or a month where it is less than once: "about twice a week"."""
    if per_day >= 0.95:
        return f"{times(max(per_day, 1.0))} a day"
    for span, long in (("week", 7), ("month", 30)):
        if per_day * long >= 0.95:
            return f"about {times(round(per_day * long))} a {span}"
    return "less than once a month"


def fold(value: float) -> str:
    """Before "the usage of an average day": about, twice, 3.4 times."""
    said = number(value)
    return {"1": "about", "2": "twice"}.get(said, f"{said} times")


def share(part: float) -> str:
    """A share of peers, never more than is true: "82 %", "all", "less than 1 %"."""
    if part >= 1:
        return "all"
    return f"{int(100 * part + 1e-9)} %" if part >= 0.01 else "less than 1 %"


def clean(text: str) -> str:
    """Text from data without control, bidirectional and invisible characters, on one line."""
    spaced = "".join(" " if c.isspace() else c for c in text)
    kept = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word where one is near, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,;:.") + ELLIPSIS


def long_date(day: date) -> str:
    """3 March 2026."""
    return f"{day.day} {day:%B %Y}"


def signed(value: int) -> str:
    """+4, −2."""
    return f"{value:+d}".replace("-", "−")


def counted(value: int, noun: str) -> str:
    """1 day, 2 days."""
    return f"{value} {noun}" if abs(value) == 1 else f"{value} {noun}s"
