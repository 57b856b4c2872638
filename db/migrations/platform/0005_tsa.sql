-- Time-stamping: serial numbers, the order of times, and a record of every token.

-- Serial numbers are reserved in blocks before the first of them is used: what a crash leaves of a block is never used.
CREATE TABLE tsa_serial (
  instance BIGINT NOT NULL PRIMARY KEY,
  next BIGINT NOT NULL
);

-- Who alone may promise an order of times, and the microsecond that none of his tokens reaches.
CREATE TABLE tsa_ordering (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  fence BIGINT NOT NULL,
  until_us BIGINT NOT NULL
);

-- One row for each token, committed before it leaves the house. `event` is the audit event over the batch that it
-- belongs to; docs/tsa.md says how its hash is made.
CREATE TABLE tsa_token (
  serial BYTES NOT NULL,
  event BIGINT NOT NULL,
  at_us BIGINT NOT NULL,
  policy TEXT NOT NULL,
  is_ordered BIGINT NOT NULL,
  algorithm TEXT NOT NULL,
  imprint BYTES NOT NULL,
  signer BYTES NOT NULL,
  request_sha256 BYTES NOT NULL,
  token_sha256 BYTES NOT NULL,
  CONSTRAINT tsa_token_serial PRIMARY KEY (serial)
);
