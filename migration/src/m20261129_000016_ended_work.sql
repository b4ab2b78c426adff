-- What a killed process left under way without work, or work whose
-- experiment had ended: neither would ever have moved again. From now on the
-- two move in one transaction.
UPDATE work_items SET
    state = (SELECT e.state FROM experiments e WHERE e.id = work_items.id),
    worker = NULL,
    heartbeat = NULL
WHERE state IN ('queued', 'running', 'cancelling') AND EXISTS (SELECT 1 FROM experiments e
    WHERE e.id = work_items.id AND e.state IN ('succeeded', 'failed', 'cancelled'));

UPDATE experiments SET
    state = 'failed',
    error = 'Its work ended without it: launch it again.',
    finished = COALESCE(finished, started, created),
    seconds_left = NULL
WHERE state IN ('queued', 'running', 'cancelling') AND NOT EXISTS (SELECT 1 FROM work_items w
    WHERE w.id = experiments.id AND w.state IN ('queued', 'running', 'cancelling'));

UPDATE experiments SET state = (SELECT w.state FROM work_items w WHERE w.id = experiments.id)
WHERE state IN ('queued', 'running', 'cancelling');

UPDATE training_references SET
    state = 'failed',
    message = 'Its work ended without it: look at the images again.'
WHERE state = 'building' AND NOT EXISTS (SELECT 1 FROM work_items w
    WHERE w.id = training_references.id AND w.state IN ('queued', 'running', 'cancelling'));
