-- Grows with what people change of a line: two who edit one do not overwrite each other.
ALTER TABLE dossier_line ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
-- Whether officers are told: not of drafts, which are their organisation's own.
ALTER TABLE portal_event ADD COLUMN officers BIGINT NOT NULL DEFAULT 1;
-- How much a clerk has imported of late.
CREATE INDEX dossier_import_account ON dossier_import (account, created);
