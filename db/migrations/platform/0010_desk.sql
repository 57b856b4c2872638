-- The authority's desk: what it asks the vault for, tokens, hand-overs.

-- Requests of dossiers: proposed by the desk, signed by an officer, approved by others, carried out by the authority.
CREATE TABLE desk_request (
  id TEXT NOT NULL PRIMARY KEY,      -- the vault's id of the request
  dossier TEXT NOT NULL,
  act TEXT NOT NULL,                 -- certificate.issue, certificate.revoke, …
  -- proposed (not signed by anybody), waiting, authorised, done, rejected, expired, failed
  state TEXT NOT NULL,
  payload TEXT NOT NULL,             -- exactly what is signed
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  failure TEXT NOT NULL,
  CONSTRAINT desk_request_of FOREIGN KEY (dossier) REFERENCES dossier (id) ON DELETE CASCADE
);
CREATE INDEX desk_request_dossier ON desk_request (dossier, created);
CREATE INDEX desk_request_open ON desk_request (updated) WHERE state IN ('waiting', 'authorised');

-- Which line of the dossier each line of a request is about.
CREATE TABLE desk_request_line (
  request TEXT NOT NULL,
  reference TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (request, reference),
  CONSTRAINT desk_request_line_of FOREIGN KEY (request) REFERENCES desk_request (id) ON DELETE CASCADE
);

-- How far the registry has followed the authority's changes of status.
CREATE TABLE desk_cursor (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);

-- Tokens: stock, personalised, delivered, returned, faulty, scrapped.
CREATE TABLE token (
  serial TEXT NOT NULL PRIMARY KEY,
  model TEXT NOT NULL,
  batch TEXT NOT NULL,
  state TEXT NOT NULL,
  is_old_model BIGINT NOT NULL,
  dossier TEXT NOT NULL,             -- the last one it was used for
  line TEXT NOT NULL,
  holder TEXT NOT NULL,
  certificate_issuer TEXT NOT NULL,
  certificate_serial TEXT NOT NULL,
  written BIGINT NOT NULL,           -- the certificate is on it
  escrow BYTES,                      -- the SO-PIN, encrypted to the vault's escrow key
  note TEXT NOT NULL,
  added BIGINT NOT NULL,
  changed BIGINT NOT NULL
);
CREATE INDEX token_state ON token (state, serial);
CREATE INDEX token_line ON token (line) WHERE line <> '';

-- What happened to a token, for its inventory.
CREATE TABLE token_event (
  id IDENTITY,
  serial TEXT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL,
  account TEXT NOT NULL,
  dossier TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX token_event_serial ON token_event (serial, id);

-- Recovery: the station's one-time key of a line, and when the token was unlocked.
CREATE TABLE token_recovery (
  line TEXT NOT NULL PRIMARY KEY,
  token TEXT NOT NULL,
  station_key BYTES,
  released BYTES,                    -- the SO-PIN, encrypted to the station's key
  unlocked BIGINT
);
