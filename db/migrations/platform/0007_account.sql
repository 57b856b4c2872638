-- People who use the portal. An account exists once its e-mail address is confirmed.
CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,     -- in lower case
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  organisation TEXT NOT NULL,
  language TEXT NOT NULL,
  -- waiting: nobody has admitted it to its organisation yet
  state TEXT NOT NULL CONSTRAINT account_state_check CHECK (state IN ('waiting', 'active', 'locked', 'closed')),
  person TEXT,                        -- the officer in the vault's policy
  password TEXT,                      -- Argon2id; NULL: signs in by other means
  search TEXT NOT NULL,               -- name and address, without diacritics, in lower case
  created BIGINT NOT NULL,
  last_sign_in BIGINT
);
CREATE INDEX account_organisation ON account (organisation, created, id);
CREATE INDEX account_created ON account (created, id);
CREATE UNIQUE INDEX account_person_key ON account (person) WHERE person IS NOT NULL AND state <> 'closed';

CREATE TABLE account_role (
  account TEXT NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  PRIMARY KEY (account, role)
);
CREATE INDEX account_role_role ON account_role (role, account);

-- What a person entered, until the link of the mail is followed. Several may wait for one address: the one whose link
-- is followed becomes the account.
CREATE TABLE account_registration (
  id TEXT NOT NULL PRIMARY KEY,
  token BYTES UNIQUE,                 -- SHA-256; NULL: no mail was written yet
  email TEXT NOT NULL,
  email_key TEXT NOT NULL,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  organisation TEXT NOT NULL,
  language TEXT NOT NULL,
  password TEXT NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX account_registration_email ON account_registration (email_key, created);
CREATE INDEX account_registration_expires ON account_registration (expires);

-- Links for a new password; only their SHA-256 is kept.
CREATE TABLE account_token (
  token BYTES NOT NULL PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account (id),
  expires BIGINT NOT NULL
);
CREATE INDEX account_token_account ON account_token (account);
CREATE INDEX account_token_expires ON account_token (expires);

CREATE TABLE account_session (
  id TEXT NOT NULL PRIMARY KEY,
  secret BYTES NOT NULL UNIQUE,       -- SHA-256 of the cookie's
  account TEXT NOT NULL REFERENCES account (id),
  way TEXT NOT NULL CONSTRAINT account_session_way_check CHECK (way IN ('password', 'passkey', 'oidc')),
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  created BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  idle BIGINT NOT NULL,               -- seconds without a request after which it ends
  expires BIGINT NOT NULL             -- whatever happens
);
CREATE INDEX account_session_account ON account_session (account, created);
CREATE INDEX account_session_expires ON account_session (expires);

CREATE TABLE account_passkey (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account (id),
  credential BYTES NOT NULL UNIQUE,
  public_key BYTES NOT NULL,          -- COSE_Key
  sign_count BIGINT NOT NULL,
  label TEXT NOT NULL,
  created BIGINT NOT NULL,
  used BIGINT
);
CREATE INDEX account_passkey_account ON account_passkey (account, created);

-- Whom an identity provider vouches for: bound at the first sign-in, so that a later change of the address there gives
-- nobody another account here.
CREATE TABLE account_identity (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  account TEXT NOT NULL REFERENCES account (id),
  created BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX account_identity_account ON account_identity (account);

-- Ủy quyền: an account of another organisation submits for this one.
CREATE TABLE delegation (
  id TEXT NOT NULL PRIMARY KEY,
  organisation TEXT NOT NULL,         -- whose dossiers
  account TEXT NOT NULL REFERENCES account (id),
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,           -- the end of the last day
  basis TEXT NOT NULL,
  created BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  ended BIGINT
);
CREATE INDEX delegation_organisation ON delegation (organisation, created);
CREATE INDEX delegation_account ON delegation (account, created);

-- How often somebody tried: for an address on the network, an e-mail address (its SHA-256, whether there is such an
-- account or not). Shared by all processes.
CREATE TABLE attempt (
  subject TEXT NOT NULL PRIMARY KEY,
  count BIGINT NOT NULL,
  first BIGINT NOT NULL,
  last BIGINT NOT NULL,
  locked_until BIGINT NOT NULL
);
CREATE INDEX attempt_last ON attempt (last);

-- Puzzles, challenges and states that were used: each counts once.
CREATE TABLE spent_ticket (
  ticket BYTES NOT NULL PRIMARY KEY,  -- SHA-256
  expires BIGINT NOT NULL
);
CREATE INDEX spent_ticket_expires ON spent_ticket (expires);

-- The key under which those are made.
CREATE TABLE ticket_key (
  name TEXT NOT NULL PRIMARY KEY,
  value BYTES NOT NULL
);
