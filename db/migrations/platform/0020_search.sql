-- Searches that stay quick with a hundred thousand organisations and accounts.

-- Grows with every change of names, aliases and codes: processes keep the words of all organisations in memory, and see
-- by it when they have become others.
INSERT INTO counter (name, value) VALUES ('organisation', 0);
DROP TABLE organisation_word;
DROP INDEX organisation_version_order;

-- Words of names and addresses without diacritics, as certificate_word.
CREATE TABLE account_word (
  word TEXT NOT NULL,
  account TEXT NOT NULL REFERENCES account (id),
  PRIMARY KEY (word, account)
);
CREATE UNIQUE INDEX account_word_account ON account_word (account, word);
-- Letter by letter: what is no letter or digit ends a word.
INSERT INTO account_word (word, account)
WITH RECURSIVE spelt (account, word, rest) AS (
  SELECT id, SUBSTR(search, 1, 0), search FROM account
  UNION ALL
  SELECT account,
         CASE WHEN SUBSTR(rest, 1, 1) BETWEEN 'a' AND 'z' OR SUBSTR(rest, 1, 1) BETWEEN '0' AND '9' OR SUBSTR(rest, 1, 1) > '~'
              THEN word || SUBSTR(rest, 1, 1) ELSE '' END,
         SUBSTR(rest, 2)
  FROM spelt WHERE rest <> ''
)
SELECT DISTINCT word, account FROM spelt
WHERE word <> '' AND NOT (SUBSTR(rest, 1, 1) BETWEEN 'a' AND 'z' OR SUBSTR(rest, 1, 1) BETWEEN '0' AND '9' OR
                          SUBSTR(rest, 1, 1) > '~');
ALTER TABLE account DROP COLUMN search;

-- Officers' names stand in their dossiers.
ALTER TABLE report_finished DROP COLUMN handler_name;
