"""Anomalies, from their first sight to their end."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import daemon.state.tables

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "anomalies",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("account_id", sa.String(length=18), nullable=False),
        sa.Column(
            "kind",
            sa.String(length=32),
            nullable=False,
            comment="spike, drop, sustained change, stop or suspected misuse",
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="its first; may move a little"),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("size", sa.Float(), nullable=False, comment="actual / expected - 1"),
        sa.Column(
            "chance",
            sa.Float(),
            nullable=False,
            comment="on a day like any other; 0 = not judged by chance",
        ),
        sa.Column(
            "value", sa.Float(), nullable=False, comment="events of its first day: corrections show in it"
        ),
        sa.Column(
            "borne_out", sa.Boolean(), nullable=False, comment="by change points, or by three silent days"
        ),
        sa.Column("status", sa.String(length=16), nullable=False, comment="open, confirmed or recovered"),
        sa.Column("back", sa.Date(), nullable=True, comment="first day of usual usage again"),
        sa.Column(
            "withdrawn", sa.Boolean(), nullable=False, comment="the data were corrected; recovered, then"
        ),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="that found it",
        ),
        sa.Column("opened_at", daemon.state.tables.Instant(timezone=True), nullable=False),
        sa.Column("confirmed_at", daemon.state.tables.Instant(timezone=True), nullable=True),
        sa.Column("recovered_at", daemon.state.tables.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_anomalies_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomalies")),
    )
    with op.batch_alter_table("anomalies") as batch_op:
        batch_op.create_index(batch_op.f("ix_anomalies_account_id_day"), ["account_id", "day"], unique=False)
        batch_op.create_index(batch_op.f("ix_anomalies_status"), ["status"], unique=False)


def downgrade() -> None:
    op.drop_table("anomalies")
