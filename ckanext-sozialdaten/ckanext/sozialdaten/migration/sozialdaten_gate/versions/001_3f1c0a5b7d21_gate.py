"""The tables of the gate, and ring 0: triggers that hold whatever writes to the database.

The trigger on ``package`` attaches to a table of CKAN's core, which the documentation of CKAN
advises against. It adds neither a column nor a key, survives dump and restore, and is the only ring
that stops raw SQL.
"""

from alembic import op

revision = "3f1c0a5b7d21"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE sozialdaten_dataset (
    working_copy_id text PRIMARY KEY,
    released_id text UNIQUE,
    source text UNIQUE,
    content text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (working_copy_id <> released_id)
);
CREATE TABLE sozialdaten_submission (
    id text PRIMARY KEY,
    dataset_id text NOT NULL,
    fingerprint text NOT NULL,
    policy text NOT NULL,
    purpose text NOT NULL,
    legal_basis text NOT NULL,
    report jsonb NOT NULL,
    submitted_by text NOT NULL,
    submitted_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'approved', 'rejected', 'replaced')),
    decided_by text,
    decided_at timestamptz,
    reason text,
    CHECK (decided_by <> submitted_by),
    CHECK (state NOT IN ('approved', 'rejected')
           OR (decided_by IS NOT NULL AND length(trim(reason)) > 0))
);
CREATE UNIQUE INDEX sozialdaten_submission_pending
    ON sozialdaten_submission (dataset_id) WHERE state = 'pending';
CREATE TABLE sozialdaten_release (
    seq bigserial PRIMARY KEY,
    id text NOT NULL UNIQUE,
    dataset_id text NOT NULL,
    working_copy_id text NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    submission_id text NOT NULL UNIQUE REFERENCES sozialdaten_submission (id),
    fingerprint text NOT NULL,
    dataset_fingerprint text NOT NULL,
    record jsonb NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL UNIQUE,
    submitted_by text NOT NULL,
    approved_by text NOT NULL,
    released_at timestamptz NOT NULL,
    UNIQUE (dataset_id, number),
    CHECK (approved_by <> submitted_by)
);
CREATE TABLE sozialdaten_withdrawal (
    release_id text PRIMARY KEY REFERENCES sozialdaten_release (id),
    reason text NOT NULL CHECK (length(trim(reason)) > 0),
    withdrawn_by text NOT NULL,
    withdrawn_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sozialdaten_file (
    resource_id text PRIMARY KEY,
    release_id text NOT NULL REFERENCES sozialdaten_release (id),
    sha256 text NOT NULL,
    size bigint NOT NULL,
    filename text NOT NULL
);
CREATE INDEX sozialdaten_file_sha256 ON sozialdaten_file (sha256);
CREATE TABLE sozialdaten_reviewer (
    user_id text NOT NULL,
    granted_by text NOT NULL,
    confirmed_by text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    revoked_by text,
    revoked_at timestamptz,
    PRIMARY KEY (user_id, granted_at),
    CHECK (granted_by <> confirmed_by),
    CHECK (user_id <> granted_by AND user_id <> confirmed_by)
);
CREATE UNIQUE INDEX sozialdaten_reviewer_current
    ON sozialdaten_reviewer (user_id) WHERE revoked_at IS NULL;
CREATE TABLE sozialdaten_check (
    fingerprint text NOT NULL,
    policy text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    report jsonb,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (fingerprint, policy)
);
"""

# The newest release of a dataset decides: once it is withdrawn, an older one does not reopen it.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION sozialdaten_is_released(dataset text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT w.release_id IS NULL
        FROM sozialdaten_release r
        LEFT JOIN sozialdaten_withdrawal w ON w.release_id = r.id
        WHERE r.dataset_id = dataset
        ORDER BY r.number DESC
        LIMIT 1), false)
$$;
CREATE OR REPLACE FUNCTION sozialdaten_guard_package() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'active' AND NEW.private IS NOT TRUE
       AND NOT sozialdaten_is_released(NEW.id) THEN
        RAISE EXCEPTION 'sozialdaten: dataset % has no release and must stay private', NEW.id
            USING ERRCODE = 'check_violation',
                  HINT = 'Submit the working copy for review; the release publishes it.';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE FUNCTION sozialdaten_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'sozialdaten: % only grows, % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'check_violation';
END
$$;
"""

APPEND_ONLY = ("sozialdaten_release", "sozialdaten_withdrawal", "sozialdaten_file")


def upgrade() -> None:
    """Create tables, functions and triggers."""
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    op.execute(
        "CREATE TRIGGER sozialdaten_gate BEFORE INSERT OR UPDATE ON package"
        " FOR EACH ROW EXECUTE FUNCTION sozialdaten_guard_package()"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION sozialdaten_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION sozialdaten_append_only()"
        )


def downgrade() -> None:
    """Remove the gate; datasets that were released stay as they are."""
    op.execute("DROP TRIGGER IF EXISTS sozialdaten_gate ON package")
    for table in (
        "check", "reviewer", "file", "withdrawal", "release", "submission", "dataset"
    ):  # fmt: skip
        op.execute(f"DROP TABLE IF EXISTS sozialdaten_{table}")
    for function in ("guard_package()", "append_only()", "is_released(text)"):
        op.execute(f"DROP FUNCTION IF EXISTS sozialdaten_{function}")
