-- Organisations: nodes whose name, kind, parent and numbers have periods. A node has one version on each day of its life.

CREATE TABLE organisation (
  id TEXT NOT NULL PRIMARY KEY,
  created BIGINT NOT NULL,
  -- counts what was changed: who edits an old state is told so
  revision BIGINT NOT NULL
);

CREATE TABLE organisation_version (
  number IDENTITY,
  organisation TEXT NOT NULL REFERENCES organisation (id),
  -- from the first moment of a day in Viet Nam to the first one of the day after its last; 253402300800: no end
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  -- '' at the top
  parent TEXT NOT NULL,
  level BIGINT NOT NULL,
  name TEXT NOT NULL,
  -- for comparing: without case, with the tone at the end of the syllable
  name_key TEXT NOT NULL,
  -- for sorting and searching: without diacritics and in lower case
  name_fold TEXT NOT NULL,
  -- every word that finds this node, each between blanks
  search TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- of the node, or of the nearest one above that has one
  province TEXT NOT NULL,
  code TEXT NOT NULL,
  tax_code TEXT NOT NULL,
  budget_code TEXT NOT NULL,
  address TEXT NOT NULL,
  -- domains between blanks; '' is inherited
  mail_domains TEXT NOT NULL,
  -- '' is inherited
  sector TEXT NOT NULL,
  -- the legal instrument that began this version
  instrument TEXT NOT NULL,
  CONSTRAINT organisation_version_period CHECK (valid_from < valid_to),
  CONSTRAINT organisation_version_level CHECK (level BETWEEN 1 AND 4)
);
CREATE UNIQUE INDEX organisation_version_start ON organisation_version (organisation, valid_from);
CREATE INDEX organisation_version_children ON organisation_version (parent, name_fold, organisation);
CREATE INDEX organisation_version_name ON organisation_version (parent, name_key);
CREATE INDEX organisation_version_order ON organisation_version (level, name_fold, organisation);
CREATE INDEX organisation_version_code ON organisation_version (code) WHERE code <> '';
CREATE INDEX organisation_version_tax_code ON organisation_version (tax_code) WHERE tax_code <> '';

CREATE TABLE organisation_word (
  word TEXT NOT NULL,
  version BIGINT NOT NULL REFERENCES organisation_version (number),
  PRIMARY KEY (word, version)
);
CREATE INDEX organisation_word_version ON organisation_word (version);

-- Other names and codes: former ones, abbreviations, codes of another decision.
CREATE TABLE organisation_alias (
  organisation TEXT NOT NULL REFERENCES organisation (id),
  -- code, name
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  value_key TEXT NOT NULL,
  note TEXT NOT NULL,
  PRIMARY KEY (organisation, kind, value_key)
);
CREATE INDEX organisation_alias_key ON organisation_alias (kind, value_key);

-- Who came from whom: many to one in a merger, one to many in a split.
CREATE TABLE organisation_link (
  predecessor TEXT NOT NULL REFERENCES organisation (id),
  successor TEXT NOT NULL REFERENCES organisation (id),
  at BIGINT NOT NULL,
  instrument TEXT NOT NULL,
  -- of organisation_change; '' when it was there from the beginning
  change TEXT NOT NULL,
  PRIMARY KEY (predecessor, successor, at)
);
CREATE INDEX organisation_link_successor ON organisation_link (successor);
CREATE INDEX organisation_link_change ON organisation_link (change) WHERE change <> '';

CREATE TABLE organisation_seal (
  id TEXT NOT NULL PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisation (id),
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  diameter_um BIGINT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  image BYTES NOT NULL,
  added BIGINT NOT NULL,
  CONSTRAINT organisation_seal_period CHECK (valid_from < valid_to)
);
CREATE INDEX organisation_seal_organisation ON organisation_seal (organisation, valid_from);

-- What was changed together, and can be taken back together.
CREATE TABLE organisation_change (
  sequence IDENTITY,
  id TEXT NOT NULL UNIQUE,
  -- add, change, merge, split, move, dissolve, import
  kind TEXT NOT NULL,
  instrument TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  -- JSON: what it did, in both languages
  effects TEXT NOT NULL,
  organisations BIGINT NOT NULL,
  done BIGINT NOT NULL,
  actor TEXT NOT NULL,
  undone BIGINT
);

-- The versions of each node that a change touched, before and after (JSON): undoing compares and restores.
CREATE TABLE organisation_image (
  change TEXT NOT NULL REFERENCES organisation_change (id),
  organisation TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  PRIMARY KEY (change, organisation)
);

-- Nodes whose names (or those above them) changed: their certificates must be looked at.
CREATE TABLE organisation_stale (
  organisation TEXT NOT NULL PRIMARY KEY REFERENCES organisation (id),
  since BIGINT NOT NULL
);
