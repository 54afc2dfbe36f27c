"""The policy of a source stands beside its working copy: submissions cannot fall short of it."""

from alembic import op

revision = "8d4e2c61b0fa"
down_revision = "3f1c0a5b7d21"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what sources wrote before says it with their next delivery."""
    op.execute("ALTER TABLE sozialdaten_dataset ADD COLUMN policy text")


def downgrade() -> None:
    """Remove the column."""
    op.execute("ALTER TABLE sozialdaten_dataset DROP COLUMN policy")
