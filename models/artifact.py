"""A model as named bytes: one archive, one digest, no pickle."""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.errors import ArtifactError

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
"""What reading a damaged zip archive may raise, depending on the byte that changed."""


@dataclass(frozen=True)
class Artifact:
    """The files of a model (`.cbm`, `.safetensors`, JSON) and the digest that names it.

    digest: SHA-256 over names, lengths and contents in the order of the names. It does not depend
        on the archive around the files, so equal models have equal digests on any machine.
    """

    files: Mapping[str, bytes]
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        sha = hashlib.sha256()
        for name in sorted(self.files):
            for part in (name.encode(), self.files[name]):
                sha.update(len(part).to_bytes(8, "big"))
                sha.update(part)
        object.__setattr__(self, "digest", sha.hexdigest())

    def to_bytes(self) -> bytes:
        """A zip archive, so that anyone can look inside; equal files give equal bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(self.files):
                archive.writestr(zipfile.ZipInfo(name), self.files[name], zipfile.ZIP_DEFLATED)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, digest: str) -> "Artifact":
        """Read what `to_bytes` wrote and check it against the digest noted when it was written.

        raises: ArtifactError where the bytes are no archive, damaged, or another model's.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                artifact = cls({name: archive.read(name) for name in archive.namelist()})
        except DAMAGED as error:
            raise ArtifactError(
                f"model {digest[:12]}: the stored bytes are no readable archive ({error}); "
                "roll back to an earlier version or restore it from the backup"
            ) from error
        if artifact.digest != digest:
            raise ArtifactError(
                f"model {digest[:12]}: the stored bytes have the digest {artifact.digest[:12]}; they are "
                "damaged or another model's; roll back to an earlier version or restore it from the backup"
            )
        return artifact

    def file(self, name: str) -> bytes:
        """Contents of one file.

        raises: ArtifactError where there is none of that name.
        """
        try:
            return self.files[name]
        except KeyError:
            raise ArtifactError(
                f'model {self.digest[:12]} holds {", ".join(sorted(self.files))} but no "{name}"; '
                "it is a model of another kind or of another release"
            ) from None

    def json(self, name: str) -> Any:
        """A JSON file, parsed.

        raises: ArtifactError where it is missing or no JSON.
        """
        try:
            return json.loads(self.file(name))
        except ValueError as error:
            raise ArtifactError(f'model {self.digest[:12]}: "{name}" is no JSON ({error})') from error


def json_bytes(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: equal values give equal bytes.

    raises: ValueError for NaN and infinities, which JSON cannot say.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
