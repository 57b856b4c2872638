-- SO-PINs that were released, as the stations got them: encrypted to keys that each station made for one recovery.
CREATE TABLE released_pin (
  request TEXT NOT NULL REFERENCES request (id),
  line BIGINT NOT NULL,
  reference TEXT NOT NULL,
  token_serial TEXT NOT NULL,
  ciphertext BYTES NOT NULL,
  PRIMARY KEY (request, line)
);
