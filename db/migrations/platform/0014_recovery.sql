-- SO-PINs that the vault released in approved recoveries, encrypted to the one-time keys of stations.
CREATE TABLE released_pin (
  request_id TEXT NOT NULL REFERENCES request (id),
  line BIGINT NOT NULL,
  reference TEXT NOT NULL,
  token_serial TEXT NOT NULL,
  ciphertext BYTES NOT NULL,
  CONSTRAINT released_pin_line PRIMARY KEY (request_id, line)
);
