-- The audit log: events commit with the changes that they record; the integrator gives them their leaf in the Merkle
-- tree (RFC 6962), in the order of the ids that it sees.
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

-- The tree in tiles of 256 hashes; level n holds the roots of complete subtrees of 256^n leaves.
CREATE TABLE audit_tile (
  level BIGINT NOT NULL,
  number BIGINT NOT NULL,
  width BIGINT NOT NULL,
  hashes BYTES NOT NULL,
  PRIMARY KEY (level, number)
);
CREATE INDEX audit_tile_edge ON audit_tile (level) WHERE width < 256;

CREATE TABLE audit_tree (
  name TEXT NOT NULL PRIMARY KEY,
  size BIGINT NOT NULL
);
INSERT INTO audit_tree (name, size) VALUES ('log', 0);

CREATE TABLE audit_checkpoint (
  size BIGINT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  note TEXT NOT NULL,
  -- RFC 3161 token over the note; absent while the time-stamping authority was away
  time_stamp BYTES
);
