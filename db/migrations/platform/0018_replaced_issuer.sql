-- A certificate may replace one of another issuer: of the authority that issued before today's.
ALTER TABLE certificate ADD COLUMN replaces_issuer TEXT NOT NULL DEFAULT '';  -- empty: replaces none
UPDATE certificate SET replaces_issuer = issuer WHERE replaces IS NOT NULL;
DROP INDEX certificate_replaces;
CREATE INDEX certificate_replaces ON certificate (replaces_issuer, replaces) WHERE replaces IS NOT NULL;

-- Empty: the certificate's own issuer.
ALTER TABLE subscriber_certificate ADD COLUMN replaces_issuer TEXT NOT NULL DEFAULT '';
ALTER TABLE subscriber_certificate ADD COLUMN replaced_by_issuer TEXT NOT NULL DEFAULT '';
