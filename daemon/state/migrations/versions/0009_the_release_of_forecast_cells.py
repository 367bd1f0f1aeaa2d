"""The release that computed a cell of the forecast grid."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("forecast_cells", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "release",
                sa.String(length=32),
                nullable=True,
                comment="that computed it; null: one of before it was kept",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("forecast_cells", schema=None) as batch_op:
        batch_op.drop_column("release")
