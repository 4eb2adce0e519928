"""The addresses of registers; what is named comes before what may be anything."""

from __future__ import annotations

from starlette.routing import Route

from api.registers import describing, files, past, rows

_REGISTER = "/api/registers/{register}"
_ROW = f"{_REGISTER}/{{row}}"

ROUTES = [
    Route("/api/registers", describing.registers, methods=["GET"]),
    Route(f"{_REGISTER}.xlsx", files.export, methods=["GET"]),
    Route(f"{_REGISTER}.csv", files.export, methods=["GET"], name="export_csv"),
    Route(_REGISTER, rows.rows, methods=["GET"]),
    Route(_REGISTER, rows.create, methods=["POST"]),
    Route(f"{_REGISTER}/search", rows.search, methods=["POST"]),
    Route(f"{_REGISTER}/places", describing.places_of, methods=["GET"]),
    Route(f"{_REGISTER}/template.xlsx", files.template, methods=["GET"]),
    Route(f"{_REGISTER}/import", files.take, methods=["POST"]),
    Route(f"{_REGISTER}/deleted", past.deleted, methods=["GET"]),
    Route(_ROW, rows.row, methods=["GET"]),
    Route(_ROW, rows.change, methods=["PATCH"]),
    Route(_ROW, rows.remove, methods=["DELETE"]),
    Route(f"{_ROW}/history", past.history, methods=["GET"]),
    Route(f"{_ROW}/history/restore", past.restore, methods=["POST"]),
    Route(f"{_ROW}/{{action}}", rows.act, methods=["POST"]),
]
