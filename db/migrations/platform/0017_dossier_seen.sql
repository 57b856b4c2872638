-- Whether an organisation sees a dossier, without looking at the table.
CREATE UNIQUE INDEX dossier_scope_seen ON dossier_scope (dossier, scope, box, kind);
DROP INDEX dossier_scope_dossier;
