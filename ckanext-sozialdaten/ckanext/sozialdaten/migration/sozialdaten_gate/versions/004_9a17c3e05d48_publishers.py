"""A third person who publishes, where an organisation wants one, and what a tombstone says."""

from alembic import op

revision = "9a17c3e05d48"
down_revision = "c41f7a92de35"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE sozialdaten_publisher (
    id text PRIMARY KEY,
    organisation_id text NOT NULL,
    user_id text NOT NULL,
    named_by text NOT NULL,
    named_at timestamptz NOT NULL,
    ended_by text,
    ended_at timestamptz,
    CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX sozialdaten_publisher_current
    ON sozialdaten_publisher (organisation_id, user_id) WHERE ended_at IS NULL;
ALTER TABLE sozialdaten_withdrawal ADD COLUMN public_reason text NOT NULL DEFAULT '';
"""

# Cleared: approved by a reviewer, not yet published by the third person.
STATES = """
ALTER TABLE sozialdaten_submission DROP CONSTRAINT IF EXISTS sozialdaten_submission_state_check;
ALTER TABLE sozialdaten_submission ADD CONSTRAINT sozialdaten_submission_state_check
    CHECK (state IN ('pending', 'cleared', 'approved', 'rejected', 'returned', 'replaced'));
ALTER TABLE sozialdaten_submission ADD CONSTRAINT sozialdaten_submission_cleared_check
    CHECK (state <> 'cleared' OR (decided_by IS NOT NULL AND length(trim(reason)) > 0));
DROP INDEX sozialdaten_submission_pending;
CREATE UNIQUE INDEX sozialdaten_submission_pending
    ON sozialdaten_submission (dataset_id) WHERE state IN ('pending', 'cleared');
"""

BACK = """
DROP TABLE sozialdaten_publisher;
ALTER TABLE sozialdaten_withdrawal DROP COLUMN public_reason;
UPDATE sozialdaten_submission SET state = 'returned' WHERE state = 'cleared';
DROP INDEX sozialdaten_submission_pending;
CREATE UNIQUE INDEX sozialdaten_submission_pending
    ON sozialdaten_submission (dataset_id) WHERE state = 'pending';
ALTER TABLE sozialdaten_submission
    DROP CONSTRAINT sozialdaten_submission_cleared_check,
    DROP CONSTRAINT sozialdaten_submission_state_check,
    ADD CONSTRAINT sozialdaten_submission_state_check
    CHECK (state IN ('pending', 'approved', 'rejected', 'returned', 'replaced'));
"""


def upgrade() -> None:
    """Add the role, the state between approval and release, and the public reason."""
    op.execute(TABLES)
    op.execute(STATES)


def downgrade() -> None:
    """Remove them; what waits for a publisher goes back to staff."""
    op.execute(BACK)
