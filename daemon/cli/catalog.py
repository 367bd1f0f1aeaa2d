"""`catalog`: sources, queries and features, with documentation and lineage."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_table
from daemon.config import Config, load

if TYPE_CHECKING:
    from daemon.catalog import FeatureEntry, QueryEntry, SourceEntry


class Part(StrEnum):
    """What to list."""

    SOURCES = "sources"
    QUERIES = "queries"
    FEATURES = "features"


def register(app: typer.Typer) -> None:
    app.command()(catalog)


def catalog(
    part: Annotated[Part | None, typer.Argument(help="Only these; all three without it.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """List the sources, their queries, and every feature with its meaning and what it is computed from."""
    settings = load(config)
    parts = [part] if part else list(Part)
    if json:
        print_json(**{each.value: _LISTED[each](settings) for each in parts})
        return
    for each in parts:
        _PRINTED[each](settings)


def _sources(config: Config) -> "list[SourceEntry]":
    from daemon.catalog import (
        sources_of,
    )  # with what computes features: a second no other command should wait

    return sources_of(config)


def _queries(config: Config) -> "list[QueryEntry]":
    from daemon.catalog import queries_of

    return queries_of(config)


def _features(config: Config) -> "list[FeatureEntry]":
    from daemon.catalog import features_entries

    return features_entries(config)


def _listed_features(config: Config) -> list[dict[str, Any]]:
    return [
        {
            **{name: getattr(entry.feature, name) for name in _DOCUMENTED},
            "group": entry.feature.group_name,
            "expected": str(entry.feature.expect) if entry.feature.expect else None,
            "reads": [f"{fact}.{column}" for fact, column in entry.reads],
            "origins": [vars(origin) for origin in entry.origins],
        }
        for entry in _features(config)
    ]


_DOCUMENTED = (
    *("name", "family", "label", "unit", "kind", "meaning", "direction"),
    *("owner", "sensitive", "told"),
)

_LISTED = {
    Part.SOURCES: lambda config: [vars(entry) for entry in _sources(config)],
    Part.QUERIES: lambda config: [vars(entry) for entry in _queries(config)],
    Part.FEATURES: _listed_features,
}


def _print_sources(config: Config) -> None:
    print_table(
        "sources",
        ("source", "kind", "reads", "fills", "identity", "stale after"),
        [
            (
                entry.name,
                entry.kind,
                entry.reads,
                ", ".join(entry.facts),
                ", ".join(f"{namespace} by {column}" for namespace, column in entry.identity.items()),
                f"{entry.max_staleness_h:g} h",
            )
            for entry in _sources(config)
        ],
    )


def _print_queries(config: Config) -> None:
    print_table(
        "queries",
        ("file", "source", "fills", "parameters", "about"),
        [
            (entry.path, entry.source, entry.fact, ", ".join(entry.parameters), entry.about or None)
            for entry in _queries(config)
        ],
    )


def _print_features(config: Config) -> None:
    print_table(
        "features",
        ("feature", "family", "label", "unit", "computed from", "by way of"),
        [
            (
                entry.feature.name,
                entry.feature.family,
                entry.feature.label,
                entry.feature.unit or None,
                ", ".join(f"{fact}.{column}" for fact, column in entry.reads),
                ", ".join(dict.fromkeys(origin.source for origin in entry.origins)) or None,
            )
            for entry in _features(config)
        ],
    )


_PRINTED = {Part.SOURCES: _print_sources, Part.QUERIES: _print_queries, Part.FEATURES: _print_features}
