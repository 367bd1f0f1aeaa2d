"""snapshot: the feature table as of the run's cut."""

from daemon.context import Context, Done
from daemon.errors import StepFailed
from daemon.snapshots import open_snapshots


def run(context: Context) -> Done:
    """raises: StepFailed where no account is known yet."""
    with open_snapshots(context) as snapshots:
        found = snapshots.at(context.cut)
    if found.frame.empty:
        raise StepFailed(
            "no account is known yet: the CRM source has landed none; see its pull in `maturityd status`"
        )
    return Done(len(found.frame), output_digest=found.digest)
