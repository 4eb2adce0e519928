"""Signing in and out, and looking after accounts."""

from __future__ import annotations

from api.auth import admin, oidc, pages, sessions

ROUTES = [*sessions.ROUTES, *pages.ROUTES, *oidc.ROUTES, *admin.ROUTES]
