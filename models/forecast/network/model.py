"""A fitted forecast model: its networks, as safetensors and JSON."""

from dataclasses import dataclass
from datetime import date

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from models.artifact import Artifact, json_bytes
from models.errors import ArtifactError
from models.forecast.network.lstm import Network

FORMAT = 2
WEIGHTS = "forecast.safetensors"
META = "forecast.json"


@dataclass(frozen=True, eq=False)
class ForecastModel:
    """Networks whose mean forecasts; none where history was too short to fit any.

    held_from: first day that `held` never saw: from here on they can be judged and calibrated.
    yearly: whether the networks see the day of the year.
    held: one per seed. finished: the same, trained further on all days; these serve.
    """

    held_from: date
    yearly: bool
    held: tuple[Network, ...]
    finished: tuple[Network, ...]

    def to_artifact(self) -> Artifact:
        """Named bytes, equal for equal models."""
        weights = {
            f"{role}.{number}.{name}": value.cpu().contiguous()
            for role, networks in (("held", self.held), ("finished", self.finished))
            for number, network in enumerate(networks)
            for name, value in network.state_dict().items()
        }
        meta = {
            "format": FORMAT,
            "held_from": self.held_from.isoformat(),
            "networks": len(self.held),
            "yearly": self.yearly,
        }
        return Artifact({WEIGHTS: save(weights), META: json_bytes(meta)})

    @classmethod
    def from_artifact(cls, artifact: Artifact) -> "ForecastModel":
        """The model that `to_artifact` wrote.

        raises: ArtifactError where the files are not those of a forecast model of this release.
        """
        meta = artifact.json(META)
        if meta.get("format") != FORMAT:
            raise ArtifactError(
                f"model {artifact.digest[:12]} has forecast format {meta.get('format')}, this release reads "
                f"{FORMAT}; fit a new model or roll back the program"
            )
        try:
            weights = load(artifact.file(WEIGHTS))
            numbers = range(meta["networks"])
            held, finished = (
                [_network(weights, f"{role}.{number}.") for number in numbers]
                for role in ("held", "finished")
            )
        except (SafetensorError, RuntimeError, KeyError) as error:
            raise ArtifactError(
                f"model {artifact.digest[:12]}: its weights do not fit this release's network ({error}); "
                "fit a new model or roll back the program"
            ) from error
        return cls(date.fromisoformat(meta["held_from"]), meta["yearly"], tuple(held), tuple(finished))


def _network(weights: dict[str, Tensor], prefix: str) -> Network:
    network = Network()
    network.load_state_dict(
        {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
    )
    return network.eval()
