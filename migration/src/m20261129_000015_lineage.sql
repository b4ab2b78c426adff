-- Figures of a model version leave out the images of its training.

-- How many images a measurement left out, by reason (JSON), and whether it was
-- asked for on a split that the version learned from. NULL: measured by a
-- version of Fovea that did not look.
ALTER TABLE evaluations ADD COLUMN left_out $JSON;
ALTER TABLE evaluations ADD COLUMN fitted BOOLEAN;

-- Figures of before counted those images: they are computed anew.
DELETE FROM supervised_figures;
UPDATE supervised_state SET changes = changes + 1;
