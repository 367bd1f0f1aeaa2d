"""How much work a forecast may cost, and the lengths that belong to the recipe."""

from dataclasses import dataclass, replace

WEEK = 7
HISTORY_DAYS = 182
"""What the network sees of the past; shorter histories are padded on the left and masked."""
PROFILE_DAYS = 56
"""Weekday profiles look back this far; accounts with less history are young."""
RECENT_DAYS = 28
"""Single days are judged on a forecast made this long ago."""
LONG_DAYS = 56
"""Lasting changes and stops are judged on a forecast this old too, made before they began."""


@dataclass(frozen=True)
class ForecastSettings:
    """Budget of fitting and checking; the defaults suit hundreds to thousands of accounts.

    steps: training steps of a fresh network; warm_steps: of one that starts from the champion;
        finish_steps: further steps on the newest days, which fitting holds back until then.
    slow_sample: accounts on which Holt-Winters and Prophet run (0: leave them out).
    threads: CPU threads torch may use. More than one helps an idle machine and stalls a busy one.
    """

    horizon_days: int = 90
    seeds: int = 3
    steps: int = 300
    warm_steps: int = 100
    finish_steps: int = 60
    batch: int = 256
    slow_sample: int = 60
    threads: int = 1

    def without_slow(self) -> "ForecastSettings":
        """The same, with neither Holt-Winters nor Prophet."""
        return replace(self, slow_sample=0)
