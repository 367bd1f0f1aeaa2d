"""Arrays to bytes and back, without pickle."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ArtifactError


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """A compressed numpy archive."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict(arrays))  # type: ignore[arg-type] # numpy takes any name for its own
    return buffer.getvalue()


def unpacked(data: bytes, what: str) -> dict[str, NDArray[Any]]:
    """The arrays that `packed` was given.

    what: the bytes are, for the message. raises: ArtifactError where they are something else.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"the stored {what} cannot be read: {error}") from error
