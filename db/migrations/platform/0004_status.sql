-- Certificate revocation lists, as they are published: every kysod serves the newest one of each scope.

INSERT INTO counter (name, value) VALUES ('crl', 0);

-- The last number that was drawn. Complete and delta lists of a scope share one sequence (RFC 5280 section 5.2.3). `fence`
-- is that of the publisher's lease: a former publisher draws no more.
CREATE TABLE revocation_list_number (
  issuer TEXT NOT NULL,
  -- 'complete', or the shard's number
  scope TEXT NOT NULL,
  number BIGINT NOT NULL,
  fence BIGINT NOT NULL,
  PRIMARY KEY (issuer, scope)
);

CREATE TABLE revocation_list (
  issuer TEXT NOT NULL,
  -- 'complete', 'delta', or the shard's number
  scope TEXT NOT NULL,
  number BIGINT NOT NULL,
  this_update BIGINT NOT NULL,
  next_update BIGINT NOT NULL,
  -- the last status event that it knows
  sequence BIGINT NOT NULL,
  entries BIGINT NOT NULL,
  size BIGINT NOT NULL,
  sha256 BYTES NOT NULL,
  PRIMARY KEY (issuer, scope, number)
);

-- Written before the row above, which makes them count.
CREATE TABLE revocation_list_piece (
  issuer TEXT NOT NULL,
  scope TEXT NOT NULL,
  number BIGINT NOT NULL,
  part BIGINT NOT NULL,
  content BYTES NOT NULL,
  PRIMARY KEY (issuer, scope, number, part)
);

-- What a list of one issuer and shard is made of.
CREATE INDEX certificate_revoked ON certificate (issuer, shard) WHERE state IN ('revoked', 'suspended', 'void');
CREATE INDEX status_event_issuer ON status_event (issuer, sequence);

-- What responders read at their start, without touching the certificates themselves.
CREATE INDEX certificate_standing ON certificate (issuer, serial, state, changed, reason, not_after)
  WHERE state <> 'waiting';
