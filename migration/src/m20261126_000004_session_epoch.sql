-- Lets sessions end when a password, a role or a block changes: a session
-- remembers the epoch it began in, and each such change begins a new one.
ALTER TABLE users ADD COLUMN session_epoch BIGINT NOT NULL DEFAULT 0;
