"""The models in use, read from the registry and checked against their digests."""

from sqlalchemy import Connection

from daemon.state import registry
from models.artifact import Artifact
from models.maturity.model import MaturityModel


def maturity_champion(connection: Connection) -> tuple[registry.Version, MaturityModel] | None:
    """The maturity model in use.

    raises: ArtifactError where its bytes are not what was kept.
    """
    version = registry.champion(connection, "maturity")
    if version is None:
        return None
    return version, maturity_model(connection, version)


def maturity_model(connection: Connection, version: registry.Version) -> MaturityModel:
    """The maturity model of a version.

    raises: ArtifactError as above.
    """
    return MaturityModel.from_artifact(artifact_of(connection, version))


def artifact_of(connection: Connection, version: registry.Version) -> Artifact:
    """The files of a version, checked against its digest.

    raises: ArtifactError as above.
    """
    return Artifact.from_bytes(registry.content(connection, version), version.artifact)
