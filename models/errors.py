"""Errors of the computations.

ModelError
├── TableError      an input table lacks a column or has one of the wrong kind
├── TooFewLabels    not enough labels to train on; says how many there are and how many it takes
└── ArtifactError   stored bytes are not the model they claim to be
"""


class ModelError(Exception):
    """A computation cannot be done on what it was given."""


class TableError(ModelError):
    """An input table lacks a column or has one of the wrong kind."""


class TooFewLabels(ModelError):
    """Not enough labels in some class to train on."""


class ArtifactError(ModelError):
    """Stored bytes are not the model they claim to be."""
