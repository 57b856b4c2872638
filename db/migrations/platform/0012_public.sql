-- What the public pages show besides figures: news, guides, resources, contact, legal basis.
CREATE TABLE content (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CONSTRAINT content_kind_check CHECK (kind IN ('news', 'guide', 'resource', 'contact', 'legal')),
  title TEXT NOT NULL,
  title_en TEXT NOT NULL,
  text TEXT NOT NULL,                -- Markdown without HTML
  text_en TEXT NOT NULL,
  group_name TEXT NOT NULL,          -- of resources: Biểu mẫu, Phần mềm, …
  link TEXT NOT NULL,
  published BIGINT NOT NULL,         -- not shown before
  file TEXT,                         -- of content_file
  file_name TEXT NOT NULL,
  file_type TEXT NOT NULL,           -- what its bytes are
  file_size BIGINT NOT NULL
);
CREATE INDEX content_list ON content (kind, published, id);

-- A file in pieces, so that a download never holds all of it. A file never changes: a new one has a new name.
CREATE TABLE content_file (
  file TEXT NOT NULL,
  piece BIGINT NOT NULL,
  bytes BYTES NOT NULL,
  PRIMARY KEY (file, piece)
);

-- Content that came with the software and was put in once: what an administrator has removed stays away.
CREATE TABLE content_origin (
  name TEXT NOT NULL PRIMARY KEY,
  added BIGINT NOT NULL
);
