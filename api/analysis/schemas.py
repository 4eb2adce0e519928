"""The schemas of OGC API Processes for the API's definition, in OpenAPI 3.0."""

from __future__ import annotations

from api.ogc.components import LINKS, STRING, Schema, array_of, object_of, ref

SCHEMAS: dict[str, Schema] = {
    "processes": object_of(
        {"processes": array_of(ref("process")), "links": LINKS}, "processes", "links"
    ),
    "process": object_of(
        {
            "id": STRING,
            "version": STRING,
            "title": STRING,
            "description": STRING,
            "jobControlOptions": array_of(STRING),
            "outputTransmission": array_of(STRING),
            "inputs": {"type": "object"},
            "outputs": {"type": "object"},
            "links": LINKS,
        },
        "id",
        "version",
    ),
    "execute": object_of(
        {
            "inputs": {"type": "object"},
            "response": {"type": "string", "enum": ["raw", "document"]},
        },
        "inputs",
    ),
    "jobs": object_of({"jobs": array_of(ref("statusInfo")), "links": LINKS}, "jobs", "links"),
    "statusInfo": object_of(
        {
            "type": {"type": "string", "enum": ["process"]},
            "processID": STRING,
            "jobID": STRING,
            "status": {
                "type": "string",
                "enum": ["accepted", "running", "successful", "failed", "dismissed"],
            },
            "message": STRING,
            "progress": {"type": "integer", "minimum": 0, "maximum": 100},
            "links": LINKS,
        },
        "jobID",
        "status",
    ),
    "result": {"type": "object", "description": "What a process gave, with how it was made."},
}
