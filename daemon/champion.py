"""The models in use, read from the registry and checked against their digests."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from daemon.operating_point import served_cuts
from daemon.state import registry
from models.artifact import Artifact
from models.maturity.model import MaturityModel


def maturity_champion(connection: Connection, cut: datetime) -> tuple[registry.Version, MaturityModel] | None:
    """The maturity model in use, with the cut points that serve a run with this cut.

    raises: ArtifactError where its bytes are not what was kept.
    """
    version = registry.champion(connection, "maturity")
    return None if version is None else (version, served_model(connection, version, cut))


def model_that_rated(
    connection: Connection, predictions: Iterable[RowMapping]
) -> tuple[registry.Version, MaturityModel] | None:
    """The model behind a run's predictions; a rollback may have put another in use since.

    raises: ArtifactError as above.
    """
    name = next((row["model_version"] for row in predictions if row["model_version"]), None)
    if name is None:
        return None
    version = registry.get(connection, name)
    return version, maturity_model(connection, version)


def served_model(connection: Connection, version: registry.Version, cut: datetime) -> MaturityModel:
    """The maturity model of a version, with the cut points of the operating point in force.

    raises: ArtifactError as above.
    """
    model = maturity_model(connection, version)
    return replace(model, cuts=served_cuts(connection, version, model.cuts, cut))


def maturity_model(connection: Connection, version: registry.Version) -> MaturityModel:
    """The maturity model of a version, as it was trained.

    raises: ArtifactError as above.
    """
    return MaturityModel.from_artifact(artifact_of(connection, version))


def artifact_of(connection: Connection, version: registry.Version) -> Artifact:
    """The files of a version, checked against its digest.

    raises: ArtifactError as above.
    """
    return Artifact.from_bytes(registry.content(connection, version), version.artifact)
