-- What the vault remembers. docs/vault.md describes it; src/vault/server/journal.cpp is its only user.
CREATE TABLE journal (
  sequence BIGINT PRIMARY KEY,
  time BIGINT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  chain BYTES NOT NULL
);

CREATE TABLE policy (
  version BIGINT PRIMARY KEY,
  sha256 BYTES NOT NULL,
  adopted BIGINT NOT NULL
);
CREATE TABLE policy_file (
  version BIGINT NOT NULL REFERENCES policy (version),
  name TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (version, name)
);

-- Requests that were believed once and never are again.
CREATE TABLE request (
  id TEXT PRIMARY KEY,
  sha256 BYTES NOT NULL,
  act TEXT NOT NULL,
  used BIGINT NOT NULL,
  expires BIGINT NOT NULL
);

-- A certificate about to be signed: id is issuer and serial number, so that no serial is ever drawn twice.
-- state: 0 prepared, 1 signed, 2 void
CREATE TABLE intent (
  id TEXT PRIMARY KEY,
  request TEXT NOT NULL REFERENCES request (id),
  line BIGINT NOT NULL,
  issuer TEXT NOT NULL,
  serial BYTES NOT NULL,
  profile TEXT NOT NULL,
  policy BIGINT NOT NULL REFERENCES policy (version),
  reference TEXT NOT NULL,
  prepared BIGINT NOT NULL,
  state BIGINT NOT NULL,
  linting BYTES NOT NULL,
  certificate BYTES
);
CREATE UNIQUE INDEX intent_request ON intent (request, line);
CREATE INDEX intent_open ON intent (prepared) WHERE state = 0;

-- The last number of each issuer's list; complete (0) and delta (1) lists of a scope share one sequence.
CREATE TABLE crl_number (
  issuer TEXT NOT NULL,
  scope BYTES NOT NULL,
  delta BIGINT NOT NULL,
  number BIGINT NOT NULL,
  tbs_sha256 BYTES NOT NULL,
  PRIMARY KEY (issuer, scope, delta)
);

CREATE TABLE checkpoint (
  origin TEXT PRIMARY KEY,
  size BIGINT NOT NULL,
  root BYTES NOT NULL
);

-- Uses that were reserved before they happened: never fewer than happened.
CREATE TABLE key_use (
  name TEXT NOT NULL,
  key_sha256 BYTES NOT NULL,
  uses BIGINT NOT NULL,
  PRIMARY KEY (name, key_sha256)
);

-- Certificates that the vault issued to keys of its own that survive a restart.
CREATE TABLE own_certificate (
  key_sha256 BYTES PRIMARY KEY,
  name TEXT NOT NULL,
  certificate BYTES NOT NULL
);
