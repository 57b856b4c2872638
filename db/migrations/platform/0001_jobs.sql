-- Work that can wait. A row that is finished is deleted.
CREATE TABLE job (
  id IDENTITY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  job_key TEXT,                       -- NULL: any number of such jobs may wait
  state TEXT NOT NULL DEFAULT 'waiting' CONSTRAINT job_state_check CHECK (state IN ('waiting', 'running', 'dead')),
  due BIGINT NOT NULL,                -- waiting: not before; running: when the lease of its owner ends
  attempt BIGINT NOT NULL DEFAULT 0,
  owner TEXT,
  reason TEXT,                        -- of the last failure
  created BIGINT NOT NULL
);
CREATE INDEX job_due ON job (kind, due, id) WHERE state <> 'dead';
CREATE UNIQUE INDEX job_waiting_key ON job (kind, job_key) WHERE state = 'waiting';

-- Work that one process alone may do. Rows stay, so that the fence never falls.
CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  fence BIGINT NOT NULL,
  until BIGINT NOT NULL
);
