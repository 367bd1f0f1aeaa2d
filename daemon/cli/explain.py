"""`explain`: why accounts are rated as they are, feature by feature, as they were scored last."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from daemon.cli.options import DEFAULT_CONFIG, ConfigPath, Json, print_json, print_lines, print_table
from daemon.compose import open_state
from daemon.config import load

if TYPE_CHECKING:
    from daemon.explanations import Kept
    from models.features.feature import Catalogue

TOLD = ("status", "status_reason", "rating", "score", "shift", "upsell", "upsell_reason", "suggested_tier")
"""Of the prediction, beside the attributions."""

LAST_GOOD = "Its rep does not read this, but the last good values."
UNSEEN = {
    "held": LAST_GOOD,
    "stale": LAST_GOOD,
    "excluded": "Its rep does not read this: the account is held out.",
}
"""Statuses under which the CRM does not show what a run made of an account."""


def register(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    account: Annotated[str | None, typer.Argument(help="The Id of an account; without it, all.")] = None,
    config: ConfigPath = DEFAULT_CONFIG,
    json: Json = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw it into this file (.png, .svg, .pdf).")
    ] = None,
) -> None:
    """Show why an account is rated as it is: what its rep reads, and every feature's points.

    Without an account: how far each feature moves the scores of all.
    """
    from daemon.explanations import Kept, kept_of_account, kept_of_all  # loads the model library
    from daemon.snapshots import features_of

    settings = load(config)
    engine, lake = open_state(settings), settings.path(settings.lake.path)
    features = features_of(settings)
    if account is None:
        _all(kept_of_all(engine, lake), features, plot, json)
        return
    found = kept_of_account(engine, lake, account)
    if isinstance(found, Kept):
        _one(found, features, plot, json)
    elif json:
        print_json(account_id=found["account_id"], slot=found["slot"], **{n: found[n] for n in TOLD})
    else:
        print_lines([f"{found['account_id']} in slot {found['slot']}: {found['status_reason']}"])


def _all(found: "Kept", features: "Catalogue", plot: Path | None, json: bool) -> None:
    size = np.abs(found.points).mean(axis=0)
    rows = [
        (name, float(size[i]), float((found.points[:, i] > 0).mean()), float((found.points[:, i] < 0).mean()))
        for i, name in sorted(enumerate(found.frame.columns), key=lambda each: -size[each[0]])
    ]
    if plot is not None:
        from models.maturity import plots  # shap takes seconds to import, and only plots need it

        title = (
            f"What moves the scores of {len(found.points):,} accounts (slot {found.slot}, {found.version})"
        )
        plots.draw_importance(
            plots.explanation(found.points, found.start, found.frame, features), title, plot
        )
    if json:
        keys = ("name", "mean_points", "raises_share", "lowers_share")
        print_json(
            slot=found.slot,
            model_version=found.version,
            accounts=len(found.points),
            features=[dict(zip(keys, row, strict=True)) for row in rows],
        )
        return
    print_table(
        f"what moves the scores of {len(found.points):,} accounts (slot {found.slot}, {found.version})",
        ("feature", "points on average", "raises", "lowers"),
        [(name, f"{mean:.2f}", f"{up:.0%}", f"{down:.0%}") for name, mean, up, down in rows],
    )


def _one(found: "Kept", features: "Catalogue", plot: Path | None, json: bool) -> None:
    if plot is not None:
        from models.maturity import plots  # as above

        row = found.predictions[0]
        explained = plots.explanation(found.points, found.start, found.frame, features)
        title = f"{row['account_id']}: {row['rating']} maturity, score {row['score']:.0f} (slot {found.slot})"
        plots.draw_account(explained, 0, title, plot)
    if json:
        print_json(**_document(found, features))
    else:
        _print(found, features)


def _document(found: "Kept", features: "Catalogue") -> dict[str, Any]:
    row = found.predictions[0]
    return {
        "account_id": row["account_id"],
        "slot": found.slot,
        "model_version": found.version,
        **{name: row[name] for name in TOLD},
        "start": row["start"],
        "features": [
            {"name": name, "label": label, "value": value, "unit": unit, "points": points}
            for name, label, value, unit, points in _features(found, features)
        ],
        "reasons": row["reasons"],
    }


def _print(found: "Kept", features: "Catalogue") -> None:
    row = found.predictions[0]
    print_lines([f"{row['account_id']} in slot {found.slot}, by model {found.version}", ""])
    unseen = UNSEEN.get(row["status"])
    print_lines([f"Status {row['status']}: {row['status_reason']}", *([unseen] if unseen else []), ""])
    print_lines([*row["reasons_plain"].split("\n"), ""])
    if row["upsell"]:
        print_lines([f"Upsell {row['upsell']}: {row['upsell_reason']}", ""])
    every = sorted(_features(found, features), key=lambda each: -abs(each[-1]))
    counted = [each for each in every if each[-1]]
    print_table(
        f"every feature that counts ({len(counted)} of {len(every)})",
        ("feature", "value", "unit", "points"),
        [
            (name, "unknown" if value is None else value, unit, f"{points:+.2f}")
            for name, _, value, unit, points in counted
        ],
    )
    total = row["start"] + found.points[0].sum()
    print_lines(["", f"start {row['start']:.2f} + features {found.points[0].sum():+.2f} = score {total:.2f}"])


def _features(found: "Kept", features: "Catalogue") -> list[tuple[str, str, Any, str, float]]:
    """Name, label, value (None where missing), unit and points of every feature of the model."""
    rows = []
    for place, (name, value) in enumerate(found.frame.iloc[0].items()):
        known = features[str(name)] if name in features.names else None
        label, unit = (known.label, known.unit) if known else (str(name), "")
        rows.append((str(name), label, _plain(value), unit, round(float(found.points[0, place]), 4)))
    return rows


def _plain(value: object) -> str | float | None:
    if value is None or isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type] # the snapshot has texts and floats only
    return None if np.isnan(number) else float(f"{number:.6g}")
