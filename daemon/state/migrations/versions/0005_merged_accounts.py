"""Merged accounts, whose labels and outcomes follow the account that remains."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merged_accounts",
        sa.Column("account_id", sa.String(length=18), nullable=False),
        sa.Column("survivor", sa.String(length=18), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_merged_accounts")),
    )


def downgrade() -> None:
    op.drop_table("merged_accounts")
