-- The embedding of each prediction's image was kept and read by nothing: the distance to the
-- training data, which outlier scores and drift are made of, is measured on arrival and lies in
-- the row of the prediction. A million of them were 1.5 GB.
DROP TABLE embeddings;
