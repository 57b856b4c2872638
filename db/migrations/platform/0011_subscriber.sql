-- Certificates and devices as the registry knows them.

CREATE TABLE subscriber_certificate (
  number IDENTITY,                   -- the order in which they came on record
  issuer TEXT NOT NULL,
  serial TEXT NOT NULL,              -- hexadecimal, upper case, without leading zeros
  kind TEXT NOT NULL,                -- person, organisation, device, service, software
  device TEXT NOT NULL,              -- token, pkcs10, sim_pki, central
  device_serial TEXT NOT NULL,
  iccid TEXT NOT NULL,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  subject TEXT NOT NULL,
  email TEXT NOT NULL,               -- lower case
  identity TEXT NOT NULL,
  tax_code TEXT NOT NULL,
  budget_code TEXT NOT NULL,
  phone TEXT NOT NULL,
  organisation TEXT NOT NULL,
  organisation_chain TEXT NOT NULL,  -- JSON: names as they were when it was issued
  province TEXT NOT NULL,
  profile TEXT NOT NULL,
  state TEXT NOT NULL,               -- good, suspended, revoked
  reason BIGINT,                     -- CRLReason
  renewed BIGINT NOT NULL,           -- revoked because of renewal or change (GHTĐTT)
  changed BIGINT,
  not_before BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  replaces TEXT NOT NULL,            -- serial
  replaced_by TEXT NOT NULL,
  dossier TEXT NOT NULL,
  line TEXT NOT NULL,
  request_id TEXT NOT NULL,
  is_stale BIGINT NOT NULL,          -- the organisation's names have changed since
  recorded BIGINT NOT NULL,
  der BYTES NOT NULL,
  CONSTRAINT subscriber_certificate_serial UNIQUE (serial, issuer),
  CONSTRAINT subscriber_certificate_state_check CHECK (state IN ('good', 'suspended', 'revoked'))
);
CREATE INDEX subscriber_certificate_device ON subscriber_certificate (device_serial, number) WHERE device_serial <> '';
CREATE INDEX subscriber_certificate_iccid ON subscriber_certificate (iccid, number) WHERE iccid <> '';
CREATE INDEX subscriber_certificate_email ON subscriber_certificate (email, number) WHERE email <> '';
CREATE INDEX subscriber_certificate_identity ON subscriber_certificate (identity) WHERE identity <> '';
CREATE INDEX subscriber_certificate_organisation ON subscriber_certificate (organisation, number);
CREATE INDEX subscriber_certificate_line ON subscriber_certificate (line) WHERE line <> '';

-- Who sees a certificate: as dossier_scope. The columns that lists are cut by are repeated here.
CREATE TABLE certificate_scope (
  scope TEXT NOT NULL,
  certificate BIGINT NOT NULL,
  state TEXT NOT NULL,
  device TEXT NOT NULL,
  is_stale BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  PRIMARY KEY (scope, certificate)
);
CREATE INDEX certificate_scope_certificate ON certificate_scope (certificate);
CREATE INDEX certificate_scope_expiry ON certificate_scope (scope, not_after, certificate);
CREATE INDEX certificate_scope_kind ON certificate_scope (scope, state, device, certificate);
CREATE INDEX certificate_scope_stale ON certificate_scope (scope, certificate) WHERE is_stale = 1;

-- Words of names without diacritics.
CREATE TABLE certificate_word (
  word TEXT NOT NULL,
  certificate BIGINT NOT NULL,
  PRIMARY KEY (word, certificate)
);
CREATE UNIQUE INDEX certificate_word_certificate ON certificate_word (certificate, word);
