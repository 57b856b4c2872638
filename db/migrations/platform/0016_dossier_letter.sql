-- Dossiers of one letter number in the order of lists: small numbers ("01/CV") are everybody's.
CREATE INDEX dossier_letter_order ON dossier (letter_number_folded, number) WHERE letter_number_folded <> '';
