-- What browsers are told while they look; rows live for some minutes.
CREATE TABLE portal_event (
  id IDENTITY,
  at BIGINT NOT NULL,
  topic TEXT NOT NULL,
  subject TEXT NOT NULL,
  organisation TEXT NOT NULL
);
CREATE INDEX portal_event_at ON portal_event (at);
