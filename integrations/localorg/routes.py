"""The router with every path of the REST API bound to it."""

from integrations.localorg import collections, deploy, rest
from integrations.localorg.rest import router

__all__ = ["collections", "deploy", "rest", "router"]
