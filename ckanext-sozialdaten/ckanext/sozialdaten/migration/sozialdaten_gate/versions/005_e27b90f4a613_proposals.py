"""Texts that staff write for the public: proposed by one person, approved by another."""

from alembic import op

revision = "e27b90f4a613"
down_revision = "9a17c3e05d48"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE sozialdaten_proposal (
    id text PRIMARY KEY,
    kind text NOT NULL,
    key text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    organisation text NOT NULL CHECK (organisation <> ''),
    body text NOT NULL,
    digest text NOT NULL CHECK (digest = encode(sha256(convert_to(body, 'UTF8')), 'hex')),
    state text NOT NULL DEFAULT 'draft' CHECK (state IN (
        'draft', 'submitted', 'approved', 'rejected', 'replaced', 'dropped', 'retired')),
    author text NOT NULL,
    writers text[] NOT NULL,
    saved_at timestamptz NOT NULL,
    submitted_by text,
    submitted_at timestamptz,
    reviewer text,
    decided_at timestamptz,
    reason text,
    retired_by text,
    retired_at timestamptz,
    retired_because text,
    UNIQUE (kind, key, version),
    CHECK (author = ANY (writers)),
    CHECK (state IN ('draft', 'dropped') OR submitted_by IS NOT NULL),
    CHECK (state NOT IN ('approved', 'rejected', 'retired')
           OR (reviewer IS NOT NULL AND decided_at IS NOT NULL AND length(trim(reason)) > 0)),
    CHECK (state <> 'retired' OR (retired_by IS NOT NULL AND retired_at IS NOT NULL)),
    CHECK (reviewer <> submitted_by),
    CHECK (NOT (reviewer = ANY (writers)))
);
CREATE UNIQUE INDEX sozialdaten_proposal_draft
    ON sozialdaten_proposal (kind, key) WHERE state = 'draft';
CREATE UNIQUE INDEX sozialdaten_proposal_submitted
    ON sozialdaten_proposal (kind, key) WHERE state = 'submitted';
"""

# Ring 0: a text begins as a draft, stands still from its submission on, and is approved by a
# reviewer who wrote none of it since the last approved version.
GUARD = """
CREATE OR REPLACE FUNCTION sozialdaten_guard_proposal() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    step text := TG_OP;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'draft' THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'sozialdaten: a proposal begins as a draft'
            USING ERRCODE = 'check_violation';
    END IF;
    step := OLD.state || ' to ' || NEW.state;
    IF (OLD.id, OLD.kind, OLD.key, OLD.version, OLD.organisation)
       IS DISTINCT FROM (NEW.id, NEW.kind, NEW.key, NEW.version, NEW.organisation)
       OR NOT (OLD.writers <@ NEW.writers) THEN
        RAISE EXCEPTION 'sozialdaten: a proposal keeps its address and its writers'
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'draft' AND NEW.state IN ('draft', 'submitted', 'dropped') THEN
        RETURN NEW;
    END IF;
    IF (OLD.body, OLD.digest, OLD.author, OLD.writers, OLD.saved_at, OLD.submitted_by,
        OLD.submitted_at)
       IS DISTINCT FROM (NEW.body, NEW.digest, NEW.author, NEW.writers, NEW.saved_at,
        NEW.submitted_by, NEW.submitted_at) THEN
        RAISE EXCEPTION 'sozialdaten: a proposal never changes after its submission'
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'submitted' AND NEW.state IN ('rejected', 'replaced', 'dropped') THEN
        RETURN NEW;
    END IF;
    IF OLD.state = 'submitted' AND NEW.state = 'approved' THEN
        IF NOT EXISTS (SELECT 1 FROM sozialdaten_reviewer r
                       WHERE r.user_id = NEW.reviewer AND r.revoked_at IS NULL) THEN
            RAISE EXCEPTION 'sozialdaten: only a reviewer approves'
                USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (SELECT 1 FROM sozialdaten_proposal p
                   WHERE p.kind = NEW.kind AND p.key = NEW.key AND NEW.reviewer = ANY (p.writers)
                     AND p.version <= NEW.version AND p.version > coalesce(
                         (SELECT max(a.version) FROM sozialdaten_proposal a
                          WHERE a.kind = NEW.kind AND a.key = NEW.key AND a.id <> NEW.id
                            AND a.state IN ('approved', 'retired')), 0)) THEN
            RAISE EXCEPTION 'sozialdaten: nobody approves what they wrote'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'approved' AND NEW.state = 'retired'
       AND (OLD.reviewer, OLD.decided_at, OLD.reason)
           IS NOT DISTINCT FROM (NEW.reviewer, NEW.decided_at, NEW.reason) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'sozialdaten: a proposal does not go from %', step
        USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER sozialdaten_proposal_guard BEFORE INSERT OR UPDATE ON sozialdaten_proposal
    FOR EACH ROW EXECUTE FUNCTION sozialdaten_guard_proposal();
CREATE TRIGGER sozialdaten_proposal_never_deleted BEFORE DELETE ON sozialdaten_proposal
    FOR EACH ROW EXECUTE FUNCTION sozialdaten_append_only();
CREATE TRIGGER sozialdaten_proposal_never_truncated BEFORE TRUNCATE ON sozialdaten_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION sozialdaten_append_only();
"""


def upgrade() -> None:
    """Create the table and its triggers."""
    op.execute(TABLE)
    op.execute(GUARD)


def downgrade() -> None:
    """Remove both, and with them every text that staff wrote."""
    op.execute("DROP TABLE sozialdaten_proposal")
    op.execute("DROP FUNCTION IF EXISTS sozialdaten_guard_proposal()")
