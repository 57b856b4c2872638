#pragma once
#include <string>
#include <vector>

#include "base/finding.h"
#include "base/secret.h"
#include "crypto/algorithm.h"
#include "pdf/document/form.h"
#include "pdf/file/revision_graph.h"
#include "verify/changes/change.h"

// Facts: everything about a signed document that can be observed, and no opinion. Extracted once, kept as canonical
// JSON, judged as often as needed (verify/judge/judge.h), in twenty years too.
namespace kyso::verify {

enum class SignatureKind : std::uint8_t { signature, document_time_stamp };

struct SignatureFacts {
  SignatureKind kind = SignatureKind::signature;
  std::string field;                       // fully qualified name; empty for CAdES
  std::vector<std::string> shared_fields;  // further fields that lead to the same dictionary
  std::uint32_t object = 0;                // number of the signature dictionary; 0: direct, or CAdES
  std::uint64_t offset = 0;                // where the dictionary stands in the file
  std::size_t first_revision = 0;          // index of the revision that brought the dictionary
  // Index of the revision whose end the ByteRange reaches. In CAdES the archive time-stamps (EN 319 122-1 section 5.5)
  // stand for revisions: theirs is how many lie inside them, and they came with the next one.
  std::optional<std::size_t> revision;
  std::optional<std::size_t> removed_in;  // index of the revision in which it is no longer in the form
  // As of the revision that was signed (`revision`, else `first_revision`); text decoded.
  std::string filter, sub_filter, name, reason, location, claimed_time;
  std::vector<std::int64_t> byte_range;  // as written, at most the first 16 numbers
  pdf::Extent gap;                       // between the ranges: "<" to ">"
  bool covers_whole_document = false;
  std::optional<int> certification;  // P of DocMDP, when this signature certifies
  // FieldMDP of the signature's reference; its permissions are the least that this and /P of the field's /Lock allow.
  std::optional<pdf::FieldLock> field_lock;
  struct Place {
    std::size_t page = pdf::kNoPage;  // index
    pdf::Rect rect;                   // default user space
  };
  std::vector<Place> widgets;
  // "red", "blue" or empty: what colour the picture of a visible signature is; a red one is taken for a seal.
  std::string ink;
  // The value of /Contents without padding (or the .p7s), DER or BER.
  Bytes cms;
  // Of the bytes that the ByteRange names, by the algorithm that the CMS (or the token's imprint) names; empty when the
  // range or the CMS can't be used.
  std::optional<crypto::DigestAlgorithm> digest_algorithm;
  Bytes digest;
  // What is not as it should be with this signature's bytes: byterange.*, contents.*, sigdict.*, subfilter.*, field.*,
  // certification.*, signature.shared-by-fields, timestamp.type. Severities are those of docs/verify.md; policies may
  // change them.
  std::vector<Finding> findings;
};

struct RevisionFacts {
  std::uint64_t end = 0;  // byte after its end
  std::uint64_t startxref_offset = 0;
  std::string xref;         // "table", "stream", "hybrid"
  std::size_t objects = 0;  // entries in its own sections
};

// Data for long-term validation that stands in the file, each item once.
struct StoredItem {
  enum class Kind : std::uint8_t { certificate, crl, ocsp } kind = Kind::certificate;
  Bytes der;
  // Index of the first revision whose DSS has it; nullopt: from a CMS attribute. In CAdES the `revision` of the first
  // archive time-stamp that covers it; nullopt: none does.
  std::optional<std::size_t> revision;
  std::optional<std::size_t> dropped_in;  // index of the revision whose DSS no longer has it
  std::optional<std::size_t> signature;   // index: it stands in this signature's CMS attributes
  std::uint64_t offset = 0;
};

// An entry of /VRI: what a DSS says it holds for one signature.
struct ValidationRelated {
  std::string key;                 // upper-case hex SHA-1 of the signature's /Contents, as written
  std::size_t revision = 0;        // index of the first revision that has it
  std::vector<std::size_t> items;  // indexes of DocumentFacts::stored
};

struct DocumentFacts {
  int version = 1;  // of this structure
  enum class Format : std::uint8_t { pdf, cades } format = Format::pdf;
  std::string name;  // of the file, for people; not canonical, left out of to_json()
  std::uint64_t size = 0;
  std::string pdf_version, title;
  std::size_t pages = 0;
  bool is_encrypted = false;
  std::vector<RevisionFacts> revisions;    // oldest first
  std::vector<SignatureFacts> signatures;  // in order of the revisions that they cover, then of their dictionaries
  std::vector<Change> changes;             // of every revision but the first, oldest first; see change.h
  std::vector<pdf::Extent> leftovers;      // bytes that nobody owns
  std::vector<StoredItem> stored;          // DSS and CMS revocation attributes
  std::vector<ValidationRelated> vri;
  // Of the file as a whole: xref.*, objstm.*, object.*, revision.*, page-tree.broken, tail.*, signature.removed,
  // resource.limit, header.*, file.encrypted. A tail.* concerns the signatures whose bytes end at or before its offset.
  std::vector<Finding> findings;

  // Canonical: same facts, same bytes (members in a fixed order, base64, no floating point beyond 3 decimals).
  std::string to_json() const;
  static Result<DocumentFacts> from_json(std::string_view json);  // verify.facts.malformed {member}
};

struct ExtractOptions {
  pdf::Limits limits;
  const Secret* password = nullptr;
  bool with_changes = true;  // false: for finding the signatures only
};
// Never fails for what stands in the file: damage is a finding. Errors only: base.file.*, pdf.not_pdf, pdf.file.empty,
// pdf.file.changed, pdf.encrypted.password_needed, pdf.encrypted.password_wrong, pdf.encrypted.unsupported.
Result<DocumentFacts> extract_facts(const pdf::Source& source, const ExtractOptions& options = {});
// A detached CAdES signature (.p7s, DER or PEM) over `content`. verify.cades.malformed when it is no CMS at all.
Result<DocumentFacts> extract_cades_facts(ByteView signature, const pdf::Source& content);

}  // namespace kyso::verify
