-- What reports need besides the counters of registry_count.

-- Finished dossiers by who sees them: how long the desk took and whether it was in time. Filled by a job that follows
-- dossier.finished; what finished since is read from there.
CREATE TABLE report_finished (
  scope TEXT NOT NULL,               -- as in dossier_scope when it finished
  finished BIGINT NOT NULL,
  dossier BIGINT NOT NULL,
  kind TEXT NOT NULL,
  handler TEXT NOT NULL,
  handler_name TEXT NOT NULL,
  quarters BIGINT NOT NULL,          -- quarters of an hour since the reception, rounded up
  is_late BIGINT NOT NULL,
  PRIMARY KEY (scope, finished, dossier)
);
CREATE INDEX dossier_finished ON dossier (finished, number) WHERE finished IS NOT NULL;

-- How far jobs have come.
CREATE TABLE report_cursor (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL,
  number BIGINT NOT NULL
);
