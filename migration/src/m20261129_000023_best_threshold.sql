-- The threshold at which a version's F1 on the measured images is highest, with
-- its interval (JSON). NULL: measured by a version of Fovea that did not look,
-- or nothing was right at any threshold.
ALTER TABLE evaluations ADD COLUMN best_threshold $JSON;

-- Figures of reviews have one now, too: they are computed anew.
DELETE FROM supervised_figures;
UPDATE supervised_state SET changes = changes + 1;
