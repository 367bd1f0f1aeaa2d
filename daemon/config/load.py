"""Reads config.toml into one frozen model; says all that is wrong with it at once."""

import difflib
import tomllib
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, Field, PrivateAttr, ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from daemon.config.alerts import AlertChannels
from daemon.config.cross_checks import cross_problems
from daemon.config.feedback import FeedbackTable
from daemon.config.forecast import ForecastTable
from daemon.config.maturity import MaturityTable
from daemon.config.monitoring import MonitoringTable
from daemon.config.notices import NoticesTable
from daemon.config.salesforce import SalesforceTable
from daemon.config.schedule import LakeTable, PrivacyTable, ScheduleTable, StateTable
from daemon.config.sources import CrmRecordsTable, SourceTables
from daemon.config.table import WRITTEN_HERE, Table, read_secret
from daemon.config.tiers import TiersTable
from daemon.config.topics import TopicsTable
from daemon.config.upsell import UpsellTable
from daemon.errors import ConfigError


class Config(Table):
    """config.toml, whole."""

    schedule: ScheduleTable = ScheduleTable()
    state: StateTable = StateTable()
    lake: LakeTable = LakeTable()
    privacy: PrivacyTable
    sources: SourceTables
    topics: TopicsTable = TopicsTable()
    salesforce: SalesforceTable
    tiers: TiersTable = TiersTable()
    upsell: UpsellTable = UpsellTable()
    feedback: FeedbackTable = FeedbackTable()
    maturity: MaturityTable = MaturityTable()
    forecast: ForecastTable = ForecastTable()
    notices: NoticesTable = NoticesTable()
    monitoring: MonitoringTable = MonitoringTable()
    alerts: AlertChannels = Field(default_factory=dict)

    _base: Path = PrivateAttr(default_factory=Path)

    @property
    def static(self) -> frozenset[str]:
        """What the CRM shows only as it is now and may be carried back into past snapshots."""
        tables = (table for table in self.sources.values() if isinstance(table, CrmRecordsTable))
        return frozenset(name for table in tables for name in table.static)

    def path(self, relative: str) -> Path:
        """A path of config.toml, which is relative to the file's own folder."""
        return self._base / relative

    def url(self, url: str, key: str) -> str:
        """A database URL of config.toml; a relative SQLite path is relative to the file's own folder.

        raises: ConfigError that names the key, and not the URL, which may hold a password.
        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError) as error:  # ValueError: of its port
            raise ConfigError(
                f"{key} is no database URL; write one like sqlite:///var/state.db or "
                "postgresql+psycopg://user@host/name"
            ) from error
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            parsed = parsed.set(database=str(self.path(parsed.database)))
        return parsed.render_as_string(hide_password=False)

    def secret(self, reference: str) -> str:
        """The secret behind `env:NAME` or `file:PATH`.

        raises: ConfigError when it is not there.
        """
        return read_secret(reference, self._base)


def load(path: Path, *, features: bool = True) -> Config:
    """Read and check config.toml.

    features: whether names of features are checked; a command that works on what is stored need not wait
        for the catalogue.
    raises: ConfigError that lists every problem with the key it is about.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); name another with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        problems = "\n".join(f"  {_problem(details)}" for details in error.errors())
        raise ConfigError(f"{path} has {_count(error.error_count())}:\n{problems}") from error
    crossed = cross_problems(config, features=features)
    if crossed:
        listed = "\n".join(f"  {problem}" for problem in crossed)
        raise ConfigError(f"{path} has {_count(len(crossed))}:\n{listed}")
    config._base = path.resolve().parent
    return config


def _count(problems: int) -> str:
    return "a problem" if problems == 1 else f"{problems} problems"


def _problem(details: object) -> str:
    assert isinstance(details, dict)  # noqa: S101 - pydantic's own type, which it does not export as a class
    where = _toml_path(details["loc"])
    if details["type"] == "extra_forbidden":
        return f"{where}: unknown key{_nearest(details['loc'])}"
    if details["type"] == "missing":
        return f"{where}: missing"
    said = f"{where}: {details['msg'].removeprefix('Value error, ')}"
    # A secret written where its place should stand must not go on into logs; of a table the keys are told.
    told = said.endswith(WRITTEN_HERE) or isinstance(details["input"], dict)
    return said if told else f"{said} (got {details['input']!r})"


def _toml_path(location: tuple[str | int, ...]) -> str:
    if location[0] == "sources":
        location = (*location[:2], *location[3:])  # pydantic names the kind in between
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def _nearest(location: tuple[str | int, ...]) -> str:
    """The known key that the unknown one may have meant; empty where none is close."""
    known = _keys_at(Config, location[:-1])
    close = difflib.get_close_matches(str(location[-1]), known, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; known here: {', '.join(sorted(known))}"


def _keys_at(model: type[BaseModel], location: tuple[str | int, ...]) -> set[str]:
    """Keys of the tables that a location can mean, through unions and containers."""
    models: list[type[BaseModel]] = [model]
    for part in location:
        fields = [
            m.model_fields[part].annotation
            for m in models
            if isinstance(part, str) and part in m.model_fields
        ]
        models = [found for annotation in fields for found in _models_in(annotation)] or models
    return {name for m in models for name in m.model_fields}


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models_in(argument)]
