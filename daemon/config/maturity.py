"""[maturity]: labels, training, the gate and what a rating needs."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from daemon.config.table import Table

Told = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line for reps, of at most 200 characters."""


class TalkTrackTable(Table):
    """up: what a rep may say where the feature speaks for the customer.

    down: where it speaks against. Left empty, nothing is suggested.
    """

    up: Told = ""
    down: Told = ""


def _both_ways(given: object) -> object:
    return {"up": given, "down": given} if isinstance(given, str) else given


TalkTrack = Annotated[TalkTrackTable, BeforeValidator(_both_ways)]


class GridTable(Table):
    """cuts: how many, back in time from the newest run's.

    every_days: between them.
    max_trees: as in [maturity]; empty, here and below: only the value in use.
    training_history_days: as in [maturity].
    learning_rate: as CatBoost has it.
    depth: of each tree.
    l2_leaf_reg: as CatBoost has it.
    rsm: share of the features that a split is sought among.
    max_ctr_complexity: categories combined at most; 1 trains 7 to 100 times faster than CatBoost's own 4.
    """

    cuts: int = Field(default=3, ge=1, le=24)
    every_days: int = Field(default=30, ge=1)
    max_trees: tuple[int, ...] = ()
    training_history_days: tuple[int, ...] = ()
    learning_rate: tuple[float, ...] = ()
    depth: tuple[int, ...] = (3, 4, 6)
    l2_leaf_reg: tuple[float, ...] = (3.0, 6.0)
    rsm: tuple[float, ...] = (0.5, 0.7)
    max_ctr_complexity: tuple[int, ...] = ()


class MaturityTable(Table):
    """min_labels_per_class: fewer in a class, and nothing is trained.

    training_every_days: days between the past snapshots that labels are joined to.
    training_history_days: how far back these go; older labels are not used.
    max_trees: at most; held-out labels say how many.
    margin: how far, in levels, the expected level must pass a cut point before a rating changes. With 0.16
        fewer than one account in a hundred flips and flips back in a month, with 0.08 five or more.
    max_mass_change_share: of accounts whose rating may change with a new model before the gate holds it.
    min_history_days: as a customer (`created_on` of the CRM records); under it, "too little data".
    min_evidence: kinds of evidence (usage, activity, e-mails) that a rating takes.
    material_score_points: a smaller change of the score alone is not sent.
    refresh_days: how often texts and ages are sent although nothing material changed.
    provisional: what is shown where no model has passed the gate yet: `unknown`, or by `standing`: the third
        of all accounts that one is in.
    hold_out_share: of accounts, drawn by a hash of their Ids, that are rated without showing it; 0 for none.
    barred: features that are kept out of the model and of every explanation.
    barred_from_explanations: features that the model may use and no rep is told.
    tell_sensitive: whether reps are told what people wrote or answered in surveys, marked as internal.
    talk_tracks: what a rep may say when a feature is a reason: a text, or one for `up` and one for `down`.
    technologies: those whose share of the usage is a feature of its own.
    reproducible_days: how long a version's training set is kept, so that it can be trained again; the
        champion's is always kept.
    grid: what `maturityd grid maturity` tries.
    threads: of the CPU.
    seed: of all that is drawn by chance.
    """

    min_labels_per_class: int = Field(default=50, ge=2)
    training_every_days: int = Field(default=30, ge=1)
    training_history_days: int = Field(default=300, ge=1)
    max_trees: int = Field(default=800, ge=10)
    margin: float = Field(default=0.16, ge=0, lt=0.5)
    max_mass_change_share: float = Field(default=0.2, gt=0, le=1)
    min_history_days: int = Field(default=28, ge=1)
    min_evidence: int = Field(default=2, ge=1, le=3)
    material_score_points: float = Field(default=2.0, ge=0)
    refresh_days: int = Field(default=7, ge=1)
    provisional: Literal["unknown", "standing"] = "unknown"
    hold_out_share: float = Field(default=0.0, ge=0, le=0.5)
    barred: tuple[str, ...] = ()
    barred_from_explanations: tuple[str, ...] = ()
    tell_sensitive: bool = True
    talk_tracks: dict[str, TalkTrack] = Field(default={})
    technologies: tuple[str, ...] = ()
    reproducible_days: int = Field(default=90, ge=1)
    threads: int = Field(default=2, ge=1)
    seed: int = 0
    grid: GridTable = GridTable()
