-- Notices to people: written with what they tell of, delivered by a job.
CREATE TABLE outbox (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  channel TEXT NOT NULL CONSTRAINT outbox_channel_check CHECK (channel IN ('mail', 'sms')),
  recipient TEXT NOT NULL,
  language TEXT NOT NULL,
  payload TEXT NOT NULL,              -- JSON; '' once it was delivered: it may hold links that open accounts
  about TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT outbox_state_check CHECK (state IN ('waiting', 'sent', 'failed')),
  attempts BIGINT NOT NULL DEFAULT 0,
  created BIGINT NOT NULL,
  next_attempt BIGINT,
  finished BIGINT,
  failure TEXT                        -- an error's code
);
CREATE INDEX outbox_state ON outbox (state, created, id);
CREATE INDEX outbox_created ON outbox (created, id);
CREATE INDEX outbox_about ON outbox (about) WHERE about <> '';
CREATE INDEX outbox_finished ON outbox (finished) WHERE finished IS NOT NULL;
