"""Kept flows of check-ins are read by those alone who may count them.

Revises: 0054
"""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

# Rescuers and operators read results for their work, and check-ins are none of it (0025).
READS = """
    ALTER POLICY coordination_reads ON dieuhanh.analysis_result USING (expires > now()
      AND (process <> 'flows' OR current_user IN ('dieuhanh_coordinator', 'dieuhanh_admin')))
"""


def upgrade() -> None:
    op.execute(READS)


def downgrade() -> None:
    op.execute(
        "ALTER POLICY coordination_reads ON dieuhanh.analysis_result USING (expires > now())"
    )
