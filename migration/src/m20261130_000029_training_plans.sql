-- What a training will do (JSON), as it follows from the data. NULL: not begun,
-- or a trainer that says nothing of it.
ALTER TABLE experiments ADD COLUMN plan $JSON;
-- It ended before its schedule, for it got no better on the val split.
ALTER TABLE experiments ADD COLUMN stopped_early BOOLEAN NOT NULL DEFAULT FALSE;
