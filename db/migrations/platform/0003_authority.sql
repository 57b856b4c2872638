-- The certification authority: requests, approvals, certificates and their status.

CREATE TABLE issuer (
  name TEXT NOT NULL PRIMARY KEY,
  certificate BYTES NOT NULL,
  added BIGINT NOT NULL
);

CREATE TABLE request (
  id TEXT NOT NULL PRIMARY KEY,
  act TEXT NOT NULL,
  issuer TEXT NOT NULL,
  -- waiting, rejected, expired, authorised, done, failed
  state TEXT NOT NULL,
  purpose TEXT NOT NULL,
  requester TEXT NOT NULL,
  payload_sha256 BYTES NOT NULL,
  jws TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  failure TEXT
);
CREATE INDEX request_state ON request (state, created);

CREATE TABLE approval (
  request_id TEXT NOT NULL REFERENCES request (id),
  person TEXT NOT NULL,
  decision TEXT NOT NULL,
  jws TEXT NOT NULL,
  at BIGINT NOT NULL,
  CONSTRAINT approval_once PRIMARY KEY (request_id, person)
);

CREATE TABLE certificate (
  issuer TEXT NOT NULL,
  serial BYTES NOT NULL,
  intent TEXT NOT NULL,
  request_id TEXT NOT NULL,
  reference TEXT NOT NULL,
  profile TEXT NOT NULL,
  -- waiting (recorded, perhaps signed), good, suspended, revoked, void (never to be signed)
  state TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- without diacritics and in lower case, for search: subject and e-mail addresses
  search TEXT NOT NULL,
  key_sha256 BYTES NOT NULL,
  not_before BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  shard BIGINT NOT NULL,
  recorded BIGINT NOT NULL,
  linting BYTES NOT NULL,
  der BYTES,
  replaces BYTES,
  changed BIGINT,
  reason BIGINT,
  invalid_since BIGINT,
  CONSTRAINT certificate_serial PRIMARY KEY (issuer, serial),
  CONSTRAINT certificate_intent UNIQUE (intent)
);
CREATE INDEX certificate_key ON certificate (key_sha256);
CREATE INDEX certificate_request ON certificate (request_id);
CREATE INDEX certificate_replaces ON certificate (issuer, replaces) WHERE replaces IS NOT NULL;
CREATE INDEX certificate_expiry ON certificate (not_after);
CREATE INDEX certificate_waiting ON certificate (recorded) WHERE state = 'waiting';

-- Every change of a status that was or could have been told, in the order of commits: `sequence` is drawn from the row
-- 'status' of the table counter within the changing transaction. Responders follow it; a gap means wait.
CREATE TABLE status_event (
  sequence BIGINT NOT NULL PRIMARY KEY,
  issuer TEXT NOT NULL,
  serial BYTES NOT NULL,
  -- good (released), suspended, revoked, void
  state TEXT NOT NULL,
  changed BIGINT NOT NULL,
  reason BIGINT,
  invalid_since BIGINT,
  shard BIGINT NOT NULL,
  not_after BIGINT NOT NULL
);
CREATE INDEX status_event_serial ON status_event (issuer, serial);

CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('status', 0);

-- The vault's journal, copied as it grows: what it signed can be compared with what is on record here.
CREATE TABLE vault_journal (
  instance BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  chain BYTES NOT NULL,
  PRIMARY KEY (instance, sequence)
);

CREATE TABLE expiry_warning (
  issuer TEXT NOT NULL,
  serial BYTES NOT NULL,
  days BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (issuer, serial, days)
);
