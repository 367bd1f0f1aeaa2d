"""Upgrades, which may be labels."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import daemon.state.tables

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tier_upgrades",
        sa.Column("account_id", sa.String(length=18), nullable=False),
        sa.Column("at", daemon.state.tables.Instant(timezone=True), nullable=False),
        sa.Column("previous", sa.String(length=255), nullable=False),
        sa.Column(
            "tier",
            sa.String(length=255),
            nullable=False,
            comment="above the previous one in [tiers] order",
        ),
        sa.PrimaryKeyConstraint("account_id", "at", name=op.f("pk_tier_upgrades")),
    )


def downgrade() -> None:
    op.drop_table("tier_upgrades")
