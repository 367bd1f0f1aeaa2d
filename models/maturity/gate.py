"""The gate: whether a newly trained model may replace the one in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.maturity.held_out import HeldOut
from models.maturity.levels import level_shares
from models.maturity.metrics import (
    calibration_error,
    calibration_noise,
    confusion,
    log_losses,
    macro_f1,
    weighted_kappa,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 1000
FEWEST_SHARED = 30
"""Held-out labels that both models must have predicted before they are compared."""


@dataclass(frozen=True)
class GateRules:
    """Bounds of the checks; defaults are measured unless marked (J), a judgement.

    guessing_quantile: of the bootstrap, must be above what guessing reaches (J).
    worse_quantile, tolerated_drop: that quantile of the difference in macro-F1 to the champion must be
        above minus the drop. An equal challenger passes in some .5 of runs with 1,000 labels and .9
        with 3,000, one worse by .03 in none.
    few_labels: with fewer shared ones the difference as found must be above minus the drop (J). With 160
        the noise is .04: by the quantile none of 20 equal challengers passed, and a model that can
        never be replaced grows stale.
    calibration_error: at most, or what labels of this number show by chance (J).
    suspicious_f1, suspicious_share: a model this good, or that leans on one feature this much, has
        probably seen the answer (J).
    mass_change: share of accounts whose rating may change at once (J).
    """

    guessing_quantile: float = 0.01
    worse_quantile: float = 0.05
    tolerated_drop: float = 0.01
    few_labels: int = 1000
    calibration_error: float = 0.1
    suspicious_f1: float = 0.97
    suspicious_share: float = 0.5
    mass_change: float = 0.2


INTERVAL = (0.05, 0.95)
"""Quantiles of the intervals that decisions tell."""


@dataclass(frozen=True)
class Check:
    """value: what was found. bound: what it was held against. low, high: 90 % interval, where drawn."""

    name: str
    passed: bool
    value: float
    bound: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class GateDecision:
    """publish: whether every check passed. reason: a sentence, with the figures that decided."""

    publish: bool
    reason: str
    checks: tuple[Check, ...]


def decide(
    challenger: HeldOut,
    champion: HeldOut | None,
    shares: Mapping[str, float],
    changed_share: float | None,
    seed: int,
    rules: GateRules = GateRules(),
    pinned: bool = False,
) -> GateDecision:
    """Publish the challenger or keep what is in use.

    Champion and challenger are compared by the held-out predictions each left behind, on the labels
    both have predicted: the champion itself was trained on those accounts, so letting it predict them
    again would flatter it and no challenger could win. What is compared is what each training made of
    labels it did not know, which is also what its ratings of unlabelled accounts are worth.

    The challenger must also beat guessing: its log loss that of the labels' own level shares (the
    best constant in hindsight), and its kappa zero. Macro-F1 is not asked here: ratings drawn at
    random beat the majority's macro-F1 (.33 against .2).

    champion: None for a first model. shares: of importance, by feature.
    changed_share: accounts whose rating would change, among those rated by the champion; None for a
        first model.
    pinned: whether a person put the champion there. Then a challenger must be better beyond noise: one
        that is as good would undo the next morning what the person did for a reason no metric shows.
    """
    rng = np.random.default_rng(seed)
    checks = [
        _log_loss(challenger, rules, rng),
        _kappa(challenger, rules, rng),
        _calibration(challenger, rules, seed),
        _too_good(challenger, rules),
        _one_feature(shares, rules),
    ]
    pairs = None if champion is None else shared_labels(challenger, champion)
    if pairs is not None:
        draws = _differences(*pairs, challenger.probabilities.shape[1], rng)
        checks.append(_better(draws, rules) if pinned else _not_worse(draws, len(pairs[0]), rules))
    elif pinned:
        checks.append(Check("comparable", False, 0.0, FEWEST_SHARED))
    if changed_share is not None:
        checks.append(
            Check("changed_ratings", changed_share <= rules.mass_change, changed_share, rules.mass_change)
        )
    failed = [check for check in checks if not check.passed]
    if not failed:
        shared = 0 if pairs is None else len(pairs[0])
        return GateDecision(
            True, _praise(checks, len(challenger.level), champion is None, shared), tuple(checks)
        )
    feature = max(shares, key=lambda name: shares[name], default="")
    reasons = [SENTENCES[c.name].format(**vars(c), feature=feature) for c in failed]
    return GateDecision(False, f"Held back: {'; '.join(reasons)}.", tuple(checks))


SENTENCES = {
    "log_loss_gain": "on held-out labels it may be no better than knowing how common each level is "
    "(gain as low as {value:+.3f} nats a label; 90 % interval {low:+.3f} to {high:+.3f})",
    "kappa": "on held-out labels its ratings may agree with the experts by chance "
    "(kappa as low as {value:+.2f}; 90 % interval {low:+.2f} to {high:+.2f})",
    "calibration_error": "its probabilities are off by {value:.3f} on average, more than {bound:.3f}",
    "macro_f1": "its held-out macro-F1 of {value:.3f} is too good to be true; look for a feature that "
    "holds the label",
    "largest_share": "{feature} alone carries {value:.0%} of its importance; look whether it holds the label",
    "not_worse": "on the labels both have predicted it may be worse than the model in use (macro-F1 "
    "by {value:+.3f}, tolerated {bound:+.3f}; 90 % interval of the difference {low:+.3f} to {high:+.3f})",
    "better": "the model in use was put there by a person and stays until another is better beyond noise "
    "(difference in macro-F1 {low:+.3f} to {high:+.3f}, 90 % interval)",
    "comparable": "the model in use was put there by a person, and fewer than {bound:.0f} labels were "
    "predicted by both",
    "changed_ratings": "{value:.0%} of the ratings would change at once, more than {bound:.0%}; look at "
    "the inputs",
}
"""Why a failed check holds a model back, by its name."""


def _log_loss(held_out: HeldOut, rules: GateRules, rng: np.random.Generator) -> Check:
    constant = level_shares(held_out.level, held_out.probabilities.shape[1])
    gain = -np.log(constant)[held_out.level] - log_losses(held_out.shares(), held_out.level)
    means = gain[rng.integers(0, len(gain), (DRAWS, len(gain)))].mean(axis=1)
    return _above("log_loss_gain", means, rules.guessing_quantile, 0.0)


def _kappa(held_out: HeldOut, rules: GateRules, rng: np.random.Generator) -> Check:
    cells = confusion(held_out.level, held_out.rating, held_out.probabilities.shape[1])
    drawn = rng.multinomial(len(held_out.level), cells.ravel() / cells.sum(), DRAWS)
    kappas = weighted_kappa(drawn.reshape(DRAWS, *cells.shape).astype(float))
    return _above("kappa", kappas, rules.guessing_quantile, 0.0)


def _calibration(held_out: HeldOut, rules: GateRules, seed: int) -> Check:
    probabilities = held_out.shares()
    error = calibration_error(probabilities, held_out.level)
    bound = max(rules.calibration_error, calibration_noise(probabilities, seed))
    return Check("calibration_error", error <= bound, error, bound)


def _too_good(held_out: HeldOut, rules: GateRules) -> Check:
    score = float(macro_f1(confusion(held_out.level, held_out.rating, held_out.probabilities.shape[1])))
    return Check("macro_f1", score < rules.suspicious_f1, score, rules.suspicious_f1)


def _one_feature(shares: Mapping[str, float], rules: GateRules) -> Check:
    largest = max(shares.values(), default=0.0)
    return Check("largest_share", largest <= rules.suspicious_share, largest, rules.suspicious_share)


def _differences(level: Ints, now: Ints, then: Ints, levels: int, rng: np.random.Generator) -> Floats:
    """Macro-F1 now less then: paired bootstrap over the cells (true, then, now)."""
    cells = np.bincount((level * levels + then) * levels + now, minlength=levels**3)
    drawn = rng.multinomial(len(level), cells / cells.sum(), DRAWS).reshape(DRAWS, levels, levels, levels)
    return macro_f1(drawn.sum(axis=2).astype(float)) - macro_f1(drawn.sum(axis=3).astype(float))


def _not_worse(differences: Floats, labels: int, rules: GateRules) -> Check:
    """With few labels the median stands for the difference as found."""
    quantile = rules.worse_quantile if labels >= rules.few_labels else 0.5
    return _above("not_worse", differences, quantile, -rules.tolerated_drop)


def _better(differences: Floats, rules: GateRules) -> Check:
    return _above("better", differences, rules.worse_quantile, 0.0)


def shared_labels(challenger: HeldOut, champion: HeldOut) -> tuple[Ints, Ints, Ints] | None:
    """Level, challenger's and champion's rating of the labels both have predicted; None where too few.

    Where a label was corrected since, the challenger's level counts for both.
    """
    then = dict(zip(_keys(champion), champion.rating, strict=True))
    rows = [row for row, key in enumerate(_keys(challenger)) if key in then]
    if len(rows) < FEWEST_SHARED:
        return None
    rated = np.array([then[key] for key in _keys(challenger) if key in then], dtype=np.int64)
    return challenger.level[rows], challenger.rating[rows], rated


def _keys(held_out: HeldOut) -> list[tuple[str, int]]:
    return list(zip(held_out.account_id.tolist(), held_out.at.astype(np.int64).tolist(), strict=True))


def _above(name: str, drawn: Floats, quantile: float, bound: float) -> Check:
    value, low, high = (float(each) for each in np.quantile(drawn, (quantile, *INTERVAL)))
    return Check(name, value > bound, value, bound, low, high)


def _praise(checks: Sequence[Check], labels: int, first: bool, shared: int) -> str:
    found = {check.name: check for check in checks}
    kappa = found["kappa"]
    beyond = (
        f"Published: on {labels} held-out labels it is better than guessing beyond noise "
        f"(kappa {kappa.low:.2f} to {kappa.high:.2f}, 90 % interval)"
    )
    if first:
        return f"{beyond}."
    if not shared:
        return f"{beyond}; it shares too few of them with the model in use to be compared with it."
    versus = found.get("not_worse") or found["better"]
    return (
        f"{beyond}; on the {shared} that the model in use has predicted too, its macro-F1 differs by "
        f"{versus.low:+.3f} to {versus.high:+.3f} (90 % interval)."
    )
