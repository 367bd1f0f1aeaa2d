"""[schedule], [state], [lake] and [privacy]: when cycles run, and how they keep what they know."""

from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from daemon.config.table import SecretReference, Table, TimeZone
from daemon.slots import Schedule


def _local_time(text: object) -> object:
    if isinstance(text, str):
        try:
            return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
        except ValueError as error:
            raise ValueError(f'"{text}" is no time of day; write it like "06:30"') from error
    return text


class ScheduleTable(Table):
    """timezone: IANA name.

    slots: local times of day.
    catch_up_h: hours after which a missed slot is not run any more.
    """

    timezone: TimeZone = "Europe/Berlin"
    slots: tuple[Annotated[time, BeforeValidator(_local_time)], ...] = Field(
        default=(time(6, 30), time(12, 0)), min_length=1
    )
    catch_up_h: float = Field(default=6.0, gt=0, le=24)

    def schedule(self) -> Schedule:
        """The schedule that these settings describe."""
        return Schedule(ZoneInfo(self.timezone), self.slots, timedelta(hours=self.catch_up_h))


class StateTable(Table):
    """url: sqlite:///path (relative to config.toml) or postgresql+psycopg://user@host/name."""

    url: str = "sqlite:///var/state.db"


class LakeTable(Table):
    """path: folder of the landed facts, relative to config.toml."""

    path: str = "var/lake"


class PrivacyTable(Table):
    """address_key: the secret that e-mail addresses are hashed with; a new key forgets who wrote what."""

    address_key: SecretReference
