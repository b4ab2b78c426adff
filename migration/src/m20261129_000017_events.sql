-- What changed, as every process on this database reads it, in the
-- transaction of the change. Of use for moments: the oldest rows are deleted
-- again, and no id is given twice.
CREATE TABLE events (
    id $SERIAL,
    body TEXT NOT NULL
);

-- How an address is told: see the kinds of channels.
ALTER TABLE webhooks ADD COLUMN kind TEXT NOT NULL DEFAULT 'webhook';
