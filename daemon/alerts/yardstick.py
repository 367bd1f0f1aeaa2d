"""The alert on a model that a plain logistic regression beats."""

from collections.abc import Mapping
from typing import Any

from daemon.alerts.book import Alert
from models.maturity.comparison import Comparison


def yardstick_alerts(evaluation: Mapping[str, Any]) -> list[Alert]:
    """At most one, of a training's evaluation as the registry keeps it; a tie raises none."""
    kept = evaluation.get("over_logistic")
    if kept is None:
        return []
    found = Comparison(**kept)
    if not found.worse:
        return []
    return [
        Alert(
            key="logistic",
            severity="warning",
            title="A logistic regression rates better than the model",
            what=(
                f"on the same {found.n} held-out labels its log loss is lower by {-found.log_loss_gain:.3f} "
                f"(95 %: {-found.log_loss_high:.3f} to {-found.log_loss_low:.3f}), its macro-F1 higher by "
                f"{-found.macro_f1_gain:.3f} ({-found.macro_f1_high:.3f} to {-found.macro_f1_low:.3f})"
            ),
            cause="few labels, a very simple relation, or a feature that misleads the trees",
            held_back="nothing; the gate decides by itself whether the new model is used",
            to_do="look at what changed in the features; more expert ratings help most",
        )
    ]
