-- Who made a token, and until when it works. No reference to users: a token
-- whose owner is gone is refused, not forgotten.
ALTER TABLE tokens ADD COLUMN owner_id $UUID;
ALTER TABLE tokens ADD COLUMN owner_name TEXT;
ALTER TABLE tokens ADD COLUMN expires BIGINT;

-- Whether the review page showed its holder an empty canvas.
ALTER TABLE review_leases ADD COLUMN blind BOOLEAN NOT NULL DEFAULT FALSE;

-- A declaration waits until somebody has looked whether it launches a
-- training. Those of before this version were looked at, or never will be.
ALTER TABLE drift_windows ADD COLUMN waiting BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX drift_windows_waiting ON drift_windows (deployment_id) WHERE waiting;

-- Forgetting starts at the oldest, and which networks a person signs in from
-- is asked when somebody guesses at their password.
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_sign_ins ON audit (subject, at) WHERE action = 'user.sign_in';
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created);
CREATE INDEX work_items_updated ON work_items (updated)
