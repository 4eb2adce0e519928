"""The addresses of health declarations."""

from __future__ import annotations

from starlette.routing import Route

from api.declarations.operations import OPERATIONS

ROUTES = [Route(one.path, one.handler, methods=[one.method]) for one in OPERATIONS]
