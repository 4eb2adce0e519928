"""Signing in and out, and looking after accounts."""

from __future__ import annotations

from api.auth import account, admin, oidc, pages, sessions

ROUTES = [*sessions.ROUTES, *pages.ROUTES, *oidc.ROUTES, *account.ROUTES, *admin.ROUTES]
