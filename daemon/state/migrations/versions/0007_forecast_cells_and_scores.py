"""Cells of the forecast grid, and the scores behind health and anomalies."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import daemon.state.tables

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecast_cells",
        sa.Column(
            "key", sa.String(length=64), nullable=False, comment="of data, parameters, seed and library"
        ),
        sa.Column("cut", daemon.state.tables.Instant(timezone=True), nullable=False),
        sa.Column("held_out_days", sa.Integer(), nullable=False),
        sa.Column("training_digest", sa.String(length=64), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False, comment="by model and class of account"),
        sa.Column("decided", sa.JSON(), nullable=False, comment="by decision and kind, by the usual rule"),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("errors", sa.LargeBinary(), nullable=False, comment="each account's MASE by each model"),
        sa.Column("falling", sa.LargeBinary(), nullable=False, comment="scores, and what came true"),
        sa.Column("anomaly", sa.LargeBinary(), nullable=False, comment="scores, and what came true"),
        sa.Column("finished_at", daemon.state.tables.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_forecast_cells")),
    )
    with op.batch_alter_table("forecasts", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("fall_score", sa.Float(), nullable=True, comment="null: the forecast tells no trend")
        )
        batch_op.add_column(
            sa.Column(
                "anomaly_score",
                sa.Float(),
                nullable=True,
                comment="of the rarest suspect; null: there is none",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("forecasts", schema=None) as batch_op:
        batch_op.drop_column("anomaly_score")
        batch_op.drop_column("fall_score")
    op.drop_table("forecast_cells")
