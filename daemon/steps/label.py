"""label: what experts, reps and upgrades say becomes labels; the snapshots of their instants are built."""

import hashlib

from daemon.alerts import book
from daemon.context import Context, Done
from daemon.labels import heard_until, keep_merges, keep_upgrades
from daemon.lake.account_cards import account_cards
from daemon.lake.identities import survivors
from daemon.lake.reading import LakeReader, TierChange
from daemon.snapshots import label_cuts, open_snapshots
from daemon.state import runs
from daemon.state.engine import read, write


def run(context: Context) -> Done:
    """Values of the CRM that config.toml gives no meaning are told, never guessed."""
    _note_merges(context)
    _note_upgrades(context)
    with read(context.engine) as connection:
        heard = heard_until(connection, context.config.feedback, context.cut)
        run_cuts = runs.cuts_before(connection, context.cut)
    cuts = label_cuts(context.config, heard.labels, context.cut, run_cuts)
    with open_snapshots(context) as snapshots:
        for number, cut in enumerate(cuts):
            context.report(number / len(cuts), f"snapshot of {cut:%Y-%m-%d}")
            snapshots.at(cut)
    with write(context.engine) as connection:
        alerts = [_alert(value) for value in heard.unmapped]
        book.settle(connection, "labels", alerts, context.run.id, context.clock.now())
    said = repr([(label.account_id, label.level, label.at, label.origin) for label in heard.labels])
    return Done(len(heard.labels), output_digest=hashlib.sha256(said.encode()).hexdigest())


def _note_merges(context: Context) -> None:
    cards = account_cards(context.engine, context.config.path(context.config.lake.path))
    merged = {name: card.merged_into for name, card in cards.items() if card.merged_into}
    with write(context.engine) as connection:
        keep_merges(connection, survivors(merged))


def _note_upgrades(context: Context) -> None:
    """The lake is asked only where upgrades are labels at all."""
    config = context.config
    changes: list[TierChange] = []
    if config.feedback.tier_changes.levels:
        with LakeReader(context.engine, config.path(config.lake.path), config.static) as lake:
            changes = lake.tier_changes(context.cut)
    with write(context.engine) as connection:
        keep_upgrades(connection, changes, config.tiers.order)


def _alert(value: str) -> book.Alert:
    return book.Alert(
        key=value,
        severity="warning",
        title=f'The CRM value "{value}" has no meaning in config.toml',
        what="feedback or expert ratings with this value are not used",
        cause="a picklist value was added or renamed in the CRM",
        held_back="these ratings only",
        to_do="map the value under [feedback] values or expert_levels",
    )
