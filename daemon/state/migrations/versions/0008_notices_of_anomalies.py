"""Notices of anomalies to customers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("anomalies", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "notice",
                sa.String(length=16),
                nullable=True,
                comment="of the customer: due, queued or lapsed; null: none is wanted",
            )
        )
        batch_op.add_column(
            sa.Column(
                "notice_key",
                sa.String(length=80),
                nullable=True,
                comment="of its task, once it is queued",
            )
        )
        batch_op.add_column(
            sa.Column(
                "letter",
                sa.JSON(),
                nullable=True,
                comment="to the customer: subject, text; null: nothing to tell",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("anomalies", schema=None) as batch_op:
        batch_op.drop_column("letter")
        batch_op.drop_column("notice_key")
        batch_op.drop_column("notice")
