"""The router with every path of the REST API bound to it."""

from integrations.localorg import collections, composite, deploy, rest, tooling
from integrations.localorg.rest import router

__all__ = ["collections", "composite", "deploy", "rest", "router", "tooling"]
