-- The audit log: events commit with the changes that they record; the integrator gives them their leaf in the Merkle
-- tree, in the order of the ids that it sees.
CREATE TABLE audit_event (
  id IDENTITY,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  subject TEXT NOT NULL,
  details TEXT NOT NULL,
  leaf_index BIGINT,
  CONSTRAINT audit_event_leaf UNIQUE (leaf_index)
);
CREATE INDEX audit_event_waiting ON audit_event (id) WHERE leaf_index IS NULL;
CREATE INDEX audit_event_subject ON audit_event (subject);
