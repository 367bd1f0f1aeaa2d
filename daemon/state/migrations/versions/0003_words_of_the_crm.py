"""Room for words of the CRM: a picklist's value and a tier's name have up to 255 characters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | Sequence[str] | None = "0002"
branch_labels = None
depends_on = None

COLUMNS = {"feedback_events": "shown_rating", "predictions": "suggested_tier"}


def upgrade() -> None:
    _resize(40, 255)


def downgrade() -> None:
    _resize(255, 40)


def _resize(before: int, after: int) -> None:
    for table, column in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=sa.String(before), type_=sa.String(after))
