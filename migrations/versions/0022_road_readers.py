"""Everybody may read the road graph: analyses that go by road act as their callers.

Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ROLES = ["public", "viewer", "analyst", "officer", "rescuer", "operator", "coordinator", "admin"]
READERS = ", ".join(f"dieuhanh_{role}" for role in ROLES)
TABLES = "road.graph, road.node, road.edge"


def upgrade() -> None:
    op.execute(f"GRANT USAGE ON SCHEMA road TO {READERS}")
    op.execute(f"GRANT SELECT ON {TABLES} TO {READERS}")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT ON {TABLES} FROM {READERS}")
    op.execute(f"REVOKE USAGE ON SCHEMA road FROM {READERS}")
