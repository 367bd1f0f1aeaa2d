"""Whether a difference is worth a write: retraining moves every text a little, twice a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.outputs import MATERIAL
from daemon.state.outbox import Standing
from integrations.interfaces import JsonScalar


@dataclass(frozen=True)
class Materiality:
    """fields: output name to the CRM's field. score_points, refresh: from config.toml."""

    fields: Mapping[str, str]
    score_points: float
    refresh: timedelta

    def why(
        self,
        values: Mapping[str, JsonScalar],
        standing: Standing | None,
        *,
        reasons_changed: bool,
        now: datetime,
    ) -> str | None:
        """Why the values are to be sent, in a word; None where they are not.

        values: as the fields would hold them. standing: what the CRM holds or will hold.
        """
        if standing is None:
            return "new"
        different = {
            output
            for output, field in self.fields.items()
            if output != "gen" and field in values and values[field] != standing.values.get(field)
        }
        for output in MATERIAL:
            if output in different:
                return output
        if "score" in different and self._score_moved(values, standing):
            return "score"
        if reasons_changed and "reasons" in different:
            return "reasons"
        if different and now - standing.at >= self.refresh:
            return "refresh"
        return None

    def _score_moved(self, values: Mapping[str, JsonScalar], standing: Standing) -> bool:
        before, after = standing.values.get(self.fields["score"]), values[self.fields["score"]]
        if not isinstance(before, int | float) or not isinstance(after, int | float):
            return True
        return abs(after - before) >= self.score_points
