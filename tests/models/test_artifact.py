"""A model as named bytes."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifact import Artifact, json_bytes
from models.errors import ArtifactError

FILES = st.dictionaries(st.text("abc./", min_size=1, max_size=6), st.binary(max_size=40), max_size=4)


@given(FILES)
@settings(max_examples=30, deadline=None)
def test_what_was_written_is_read(files):
    artifact = Artifact(files)

    assert Artifact.from_bytes(artifact.to_bytes(), artifact.digest) == artifact


@given(st.integers(min_value=0), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_one_changed_byte_is_an_artifact_error_or_changes_nothing(position, change):
    artifact = Artifact({"about.json": b'{"format": 1}' * 20, "trees.cbm": bytes(range(256))})
    data = bytearray(artifact.to_bytes())
    data[position % len(data)] ^= change

    with contextlib.suppress(ArtifactError):
        assert Artifact.from_bytes(bytes(data), artifact.digest) == artifact


def test_the_digest_does_not_depend_on_the_order_of_files():
    assert Artifact({"a": b"1", "b": b"2"}).digest == Artifact({"b": b"2", "a": b"1"}).digest


def test_the_digest_tells_where_a_name_ends_and_contents_begin():
    assert Artifact({"ab": b"c"}).digest != Artifact({"a": b"bc"}).digest


def test_another_models_bytes_are_refused():
    one, other = Artifact({"a": b"1"}), Artifact({"a": b"2"})

    with pytest.raises(ArtifactError, match="damaged or another model's"):
        Artifact.from_bytes(one.to_bytes(), other.digest)


def test_a_missing_file_is_named_beside_those_there_are():
    with pytest.raises(ArtifactError, match=r'holds about.json but no "trees.cbm"'):
        Artifact({"about.json": b""}).file("trees.cbm")


def test_json_that_is_none_says_which_file():
    with pytest.raises(ArtifactError, match=r'"about.json" is no JSON'):
        Artifact({"about.json": b"{"}).json("about.json")


def test_equal_values_give_equal_json():
    assert json_bytes({"b": 1, "a": (2.5,)}) == b'{"a":[2.5],"b":1}'
