"""Who wrote a working copy, what people said about it, and roles that people give each other."""

from alembic import op

revision = "c41f7a92de35"
down_revision = "8d4e2c61b0fa"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE sozialdaten_editor (
    seq bigserial PRIMARY KEY,
    working_copy_id text NOT NULL,
    user_id text NOT NULL,
    edited_at timestamptz NOT NULL
);
CREATE INDEX sozialdaten_editor_copy ON sozialdaten_editor (working_copy_id, edited_at);
CREATE TABLE sozialdaten_comment (
    id text PRIMARY KEY,
    working_copy_id text NOT NULL,
    user_id text NOT NULL,
    body text NOT NULL CHECK (length(trim(body)) > 0),
    created_at timestamptz NOT NULL
);
CREATE INDEX sozialdaten_comment_copy ON sozialdaten_comment (working_copy_id, created_at);
CREATE TABLE sozialdaten_reviewer_proposal (
    id text PRIMARY KEY,
    user_id text NOT NULL,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    closed_by text,
    closed_at timestamptz,
    CHECK (user_id <> proposed_by),
    CHECK (closed_by <> user_id)
);
CREATE UNIQUE INDEX sozialdaten_reviewer_proposal_open
    ON sozialdaten_reviewer_proposal (user_id) WHERE closed_at IS NULL;
CREATE TABLE sozialdaten_deputy (
    id text PRIMARY KEY,
    user_id text NOT NULL,
    deputy_id text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    named_at timestamptz NOT NULL,
    CHECK (user_id <> deputy_id),
    CHECK (first_day <= last_day)
);
CREATE TABLE sozialdaten_standing (
    id text PRIMARY KEY,
    source text NOT NULL,
    working_copy_id text NOT NULL,
    reviewer_id text NOT NULL,
    policy text NOT NULL,
    definition text NOT NULL,
    layouts text NOT NULL,
    reason text NOT NULL CHECK (length(trim(reason)) > 0),
    granted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    ended_because text,
    CHECK (expires_at <= granted_at + interval '366 days')
);
CREATE UNIQUE INDEX sozialdaten_standing_active
    ON sozialdaten_standing (source) WHERE ended_at IS NULL;
ALTER TABLE sozialdaten_dataset ADD COLUMN definition text;
"""

# A question is a decision: it names who asked and what.
STATES = """
ALTER TABLE sozialdaten_submission DROP CONSTRAINT IF EXISTS sozialdaten_submission_state_check;
ALTER TABLE sozialdaten_submission ADD CONSTRAINT sozialdaten_submission_state_check
    CHECK (state IN ('pending', 'approved', 'rejected', 'returned', 'replaced'));
ALTER TABLE sozialdaten_submission ADD CONSTRAINT sozialdaten_submission_returned_check
    CHECK (state <> 'returned' OR (decided_by IS NOT NULL AND length(trim(reason)) > 0));
"""

# Ring 0 of "nobody approves what they wrote": counts since the last release of the working copy.
GUARD = """
CREATE OR REPLACE FUNCTION sozialdaten_guard_release() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM sozialdaten_editor e
        WHERE e.working_copy_id = NEW.working_copy_id AND e.user_id = NEW.approved_by
          AND e.edited_at > coalesce(
              (SELECT max(r.released_at) FROM sozialdaten_release r
               WHERE r.working_copy_id = NEW.working_copy_id), '-infinity')
    ) THEN
        RAISE EXCEPTION 'sozialdaten: nobody approves what they wrote'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER sozialdaten_release_written_by_others BEFORE INSERT ON sozialdaten_release
    FOR EACH ROW EXECUTE FUNCTION sozialdaten_guard_release();
CREATE TRIGGER sozialdaten_editor_append_only BEFORE UPDATE OR DELETE ON sozialdaten_editor
    FOR EACH ROW EXECUTE FUNCTION sozialdaten_append_only();
CREATE TRIGGER sozialdaten_editor_never_truncated BEFORE TRUNCATE ON sozialdaten_editor
    FOR EACH STATEMENT EXECUTE FUNCTION sozialdaten_append_only();
"""


def upgrade() -> None:
    """Create tables, states and triggers."""
    for statements in (TABLES, STATES, GUARD):
        op.execute(statements)


def downgrade() -> None:
    """Remove them; questions that are open become rejections."""
    op.execute("DROP TRIGGER sozialdaten_release_written_by_others ON sozialdaten_release")
    op.execute("DROP FUNCTION sozialdaten_guard_release()")
    for table in ("standing", "deputy", "reviewer_proposal", "comment", "editor"):
        op.execute(f"DROP TABLE sozialdaten_{table}")
    op.execute("ALTER TABLE sozialdaten_dataset DROP COLUMN definition")
    op.execute("UPDATE sozialdaten_submission SET state = 'rejected' WHERE state = 'returned'")
    op.execute(
        "ALTER TABLE sozialdaten_submission"
        " DROP CONSTRAINT sozialdaten_submission_returned_check,"
        " DROP CONSTRAINT sozialdaten_submission_state_check,"
        " ADD CONSTRAINT sozialdaten_submission_state_check"
        " CHECK (state IN ('pending', 'approved', 'rejected', 'replaced'))"
    )
