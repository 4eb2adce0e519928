"""The addresses of the epidemic."""

from __future__ import annotations

from starlette.routing import Route

from api.epidemic.figures import figures, risk, table
from api.epidemic.reports import form, report, reports, take

ROUTES = [
    Route("/api/epidemic/figures", figures),
    Route("/api/epidemic/risk", risk),
    Route("/api/epidemic/reports", reports, methods=["GET"], name="case_reports"),
    Route("/api/epidemic/reports", report, methods=["POST"], name="report_cases"),
    Route("/api/epidemic/reports/import", take, methods=["POST"]),
    Route("/api/epidemic/reports/form.xlsx", form),
    Route("/api/epidemic/{table}.csv", table),
]
"""Figures for everybody and for staff, and reports for who keeps them."""
