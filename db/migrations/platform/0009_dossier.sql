-- Dossiers: what organisations ask the authority for.

-- Numbers kept while things change, so that nobody counts millions of rows. `scope` is an organisation (with all below
-- it) or '' for everything; `what` is a path ("dossier/01/submitted", "certificate/good/person/token"). A number is the
-- sum over `shard`: neighbours who write at once do not meet in one row.
CREATE TABLE registry_count (
  scope TEXT NOT NULL,
  what TEXT NOT NULL,
  shard BIGINT NOT NULL,
  value BIGINT NOT NULL,
  PRIMARY KEY (scope, what, shard)
);

-- The last number of an organisation's day: {organisation}-{yymmdd}-{nnnn}.
CREATE TABLE dossier_code (
  organisation TEXT NOT NULL,
  day TEXT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (organisation, day)
);

CREATE TABLE dossier (
  number IDENTITY,                   -- the order of creation
  id TEXT NOT NULL,
  code TEXT NOT NULL,
  kind TEXT NOT NULL,                -- 01 … 06
  state TEXT NOT NULL,               -- draft, submitted, processing, returned, rejected, completed
  step TEXT NOT NULL,                -- where the desk is: none, lines, keys, statement, approval, issuing, delivery, done
  revision BIGINT NOT NULL,          -- grows with every change by a person
  lines_revision BIGINT NOT NULL,    -- grows with every change of the lines: a mark of the letter
  organisation TEXT NOT NULL,        -- who files it
  organisation_chain TEXT NOT NULL,  -- JSON: its names from level 1 on, as they were when it was made
  on_behalf_of TEXT,                 -- the organisation that has delegated
  on_behalf_of_chain TEXT,
  delegation TEXT,
  central_signing BIGINT NOT NULL,
  source TEXT NOT NULL,              -- ONLINE
  creator TEXT NOT NULL,
  creator_name TEXT NOT NULL,
  creator_email TEXT NOT NULL,
  handler TEXT,                      -- chuyên viên xử lý
  handler_name TEXT,
  stated_count BIGINT,               -- số lượng YC
  line_count BIGINT NOT NULL,
  lines_approved BIGINT NOT NULL,
  lines_returned BIGINT NOT NULL,
  lines_issued BIGINT NOT NULL,
  letter_number TEXT NOT NULL,
  letter_number_folded TEXT NOT NULL,
  letter_subject TEXT NOT NULL,
  letter_date TEXT NOT NULL,         -- YYYY-MM-DD
  form TEXT NOT NULL,                -- JSON: receiver, coordinator, signer …
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL,
  submitted BIGINT,                  -- the first time
  resubmitted BIGINT,                -- the last time
  received BIGINT,
  due BIGINT,
  appointment TEXT,                  -- YYYY-MM-DD
  finished BIGINT,
  urgent BIGINT NOT NULL,            -- the order of queues: due, or since when it waits
  reason TEXT,                       -- of return or rejection
  request_id TEXT,                   -- the vault's request
  request_state TEXT,
  hand_over TEXT,                    -- JSON
  CONSTRAINT dossier_id UNIQUE (id),
  CONSTRAINT dossier_code_once UNIQUE (code),
  CONSTRAINT dossier_state_check CHECK (state IN ('draft', 'submitted', 'processing', 'returned', 'rejected', 'completed'))
);
CREATE INDEX dossier_queue ON dossier (state, step, urgent, number);
CREATE INDEX dossier_state ON dossier (state, urgent, number);
CREATE INDEX dossier_handler ON dossier (handler, state, urgent, number) WHERE handler IS NOT NULL;
CREATE INDEX dossier_letter_number ON dossier (letter_number_folded, letter_date) WHERE letter_number_folded <> '';
CREATE INDEX dossier_request ON dossier (request_id) WHERE request_id IS NOT NULL;
CREATE INDEX dossier_due ON dossier (due, number) WHERE state = 'processing';
CREATE INDEX dossier_created ON dossier (created, number);
CREATE INDEX dossier_organisation ON dossier (organisation, number);
CREATE INDEX dossier_on_behalf_of ON dossier (on_behalf_of, number) WHERE on_behalf_of IS NOT NULL;

-- Who sees a dossier: a row for each organisation from its own up to level 1 (of the delegating one too), and one for ''.
-- `box`: draft (draft, returned), submitted (submitted, processing), finished (completed, rejected).
CREATE TABLE dossier_scope (
  scope TEXT NOT NULL,
  box TEXT NOT NULL,
  kind TEXT NOT NULL,
  dossier BIGINT NOT NULL,
  PRIMARY KEY (scope, box, kind, dossier)
);
CREATE INDEX dossier_scope_dossier ON dossier_scope (dossier);

-- Words without diacritics: letter number, organisations, people and certificates of the lines.
CREATE TABLE dossier_word (
  word TEXT NOT NULL,
  dossier BIGINT NOT NULL,
  PRIMARY KEY (word, dossier)
);
CREATE UNIQUE INDEX dossier_word_dossier ON dossier_word (dossier, word);

CREATE TABLE dossier_line (
  id TEXT NOT NULL PRIMARY KEY,
  dossier TEXT NOT NULL,
  number BIGINT NOT NULL,            -- place in the list, from 1
  state TEXT NOT NULL,               -- pending, approved, returned, requested, issued, delivered, failed
  content TEXT NOT NULL,             -- JSON: the columns of the form
  name TEXT NOT NULL,
  identity TEXT NOT NULL,
  organisation TEXT NOT NULL,        -- id, or empty while it is not known
  organisation_chain TEXT NOT NULL,  -- JSON: names as they were when the line was entered
  device TEXT NOT NULL,
  issuer TEXT NOT NULL,              -- 04 to 06: the certificate it is about
  serial TEXT NOT NULL,
  findings TEXT NOT NULL,            -- JSON: codes and parameters; sentences are made at the edge
  worst TEXT NOT NULL,               -- of the findings: block, warn, info or ''
  population TEXT NOT NULL,          -- unchecked, matches, differs, unknown, waiting
  pkcs10 BYTES,
  key_sha256 TEXT NOT NULL,
  token_serial TEXT NOT NULL,
  profile TEXT NOT NULL,
  valid_to TEXT NOT NULL,            -- YYYY-MM-DD, by the officer
  decision_reason TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  certificate_issuer TEXT NOT NULL,  -- what was issued
  certificate_serial TEXT NOT NULL,
  failure TEXT NOT NULL,
  updated BIGINT NOT NULL,
  CONSTRAINT dossier_line_of FOREIGN KEY (dossier) REFERENCES dossier (id) ON DELETE CASCADE
);
CREATE INDEX dossier_line_place ON dossier_line (dossier, number);
CREATE INDEX dossier_line_population ON dossier_line (updated) WHERE population = 'waiting';
CREATE INDEX dossier_line_key ON dossier_line (key_sha256) WHERE key_sha256 <> '';

-- Why a finding was let pass.
CREATE TABLE dossier_override (
  dossier TEXT NOT NULL,
  finding TEXT NOT NULL,             -- line/code/field
  reason TEXT NOT NULL,
  account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (dossier, finding),
  CONSTRAINT dossier_override_of FOREIGN KEY (dossier) REFERENCES dossier (id) ON DELETE CASCADE
);

-- Attached letters, as they came.
CREATE TABLE dossier_letter (
  dossier TEXT NOT NULL,
  role TEXT NOT NULL,                -- request, revocation
  file_name TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  attached BIGINT NOT NULL,
  attached_by TEXT NOT NULL,
  verdict TEXT NOT NULL,             -- JSON: what the verifier found, and the letter's marks
  report TEXT NOT NULL,
  content BYTES NOT NULL,
  PRIMARY KEY (dossier, role),
  CONSTRAINT dossier_letter_of FOREIGN KEY (dossier) REFERENCES dossier (id) ON DELETE CASCADE
);

CREATE TABLE dossier_note (
  number IDENTITY,
  dossier TEXT NOT NULL,
  at BIGINT NOT NULL,
  account TEXT NOT NULL,
  by_name TEXT NOT NULL,
  text TEXT NOT NULL,
  internal BIGINT NOT NULL,
  CONSTRAINT dossier_note_of FOREIGN KEY (dossier) REFERENCES dossier (id) ON DELETE CASCADE
);
CREATE INDEX dossier_note_dossier ON dossier_note (dossier, number);

-- Who did what when. Sentences are made from kind and parameters at the edge.
CREATE TABLE dossier_event (
  number IDENTITY,
  dossier TEXT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  account TEXT NOT NULL,             -- empty: the system
  by_name TEXT NOT NULL,
  parameters TEXT NOT NULL,          -- JSON
  internal BIGINT NOT NULL,
  CONSTRAINT dossier_event_of FOREIGN KEY (dossier) REFERENCES dossier (id) ON DELETE CASCADE
);
CREATE INDEX dossier_event_dossier ON dossier_event (dossier, number);

-- Files that were read and await their confirmation.
CREATE TABLE dossier_import (
  id TEXT NOT NULL PRIMARY KEY,
  dossier TEXT NOT NULL,
  account TEXT NOT NULL,
  created BIGINT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  rows_total BIGINT NOT NULL,
  rows_compatible BIGINT NOT NULL,
  faults_total BIGINT NOT NULL,
  remarks TEXT NOT NULL,
  confirmed BIGINT,
  added BIGINT,
  CONSTRAINT dossier_import_of FOREIGN KEY (dossier) REFERENCES dossier (id) ON DELETE CASCADE
);
CREATE INDEX dossier_import_dossier ON dossier_import (dossier);
CREATE INDEX dossier_import_created ON dossier_import (created);
CREATE TABLE dossier_import_row (
  import TEXT NOT NULL,
  number BIGINT NOT NULL,            -- of the row in the file
  compatible BIGINT NOT NULL,
  faulty BIGINT NOT NULL,
  line TEXT NOT NULL,
  faults TEXT NOT NULL,
  PRIMARY KEY (import, number),
  CONSTRAINT dossier_import_row_of FOREIGN KEY (import) REFERENCES dossier_import (id) ON DELETE CASCADE
);

-- Receivers of devices that an organisation has named before.
CREATE TABLE dossier_receiver (
  organisation TEXT NOT NULL,
  identity TEXT NOT NULL,
  content TEXT NOT NULL,
  used BIGINT NOT NULL,
  PRIMARY KEY (organisation, identity)
);
CREATE INDEX dossier_receiver_used ON dossier_receiver (organisation, used);
