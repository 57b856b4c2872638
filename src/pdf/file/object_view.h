#pragma once
#include <memory>
#include <optional>

#include "base/secret.h"
#include "pdf/file/revision_graph.h"

namespace kyso::pdf {

// What an encrypted file allows without the owner's password (ISO 32000-2 table 22).
struct EncryptionInfo {
  enum class Method { rc4, aes128, aes256 };
  Method method;
  int key_bits;
  int revision;  // /R
  bool opened_as_owner = false;
  bool may_modify = true, may_annotate = true, may_fill_forms = true;
  bool encrypts_metadata = true;
};

// Encrypts what is written into an encrypted file.
class Encryptor {
 public:
  virtual ~Encryptor() = default;
  virtual Bytes encrypt_string(ObjectId object, ByteView plain) const = 0;
  virtual Bytes encrypt_stream(ObjectId object, ByteView plain) const = 0;
};

// ObjectView: the objects of a document as of one revision. Lazy; parsed objects are kept. Cheap to copy. Not
// thread-safe.
class ObjectView {
 public:
  // `revision`: index into graph.revisions(), newest when absent. Encrypted files are opened with `password` tried as
  // user's then owner's password; the empty one always. Errors: pdf.encrypted.password_needed,
  // pdf.encrypted.password_wrong, pdf.encrypted.unsupported {filter}, pdf.catalog.missing.
  static Result<ObjectView> open(std::shared_ptr<const RevisionGraph> graph,
                                 std::optional<std::size_t> revision = std::nullopt, const Secret* password = nullptr);

  // Turns this view, and its copies, into that of the next revision; what did not change stays read, so that walking
  // through all revisions costs what they changed. False at the newest. The file is still decrypted as it was opened.
  // `sibling`: another view of the same file that stands at that revision already; what it has read is not read again.
  bool advance(const ObjectView* sibling = nullptr);
  // An object or stream could not be read because a limit was met: what get() and decode() said since is not the whole
  // truth.
  bool has_met_limit() const;

  const RevisionGraph& graph() const;
  std::shared_ptr<const RevisionGraph> shared_graph() const;
  std::size_t revision() const;
  const Dictionary& trailer() const;  // merged view of the revision's newest section
  std::optional<ObjectId> catalog_id() const;
  // Above every object number that is in use or that /Size claims: the first one free for a new object.
  std::uint32_t size() const;

  // The object as it stands in this revision. Missing or free: the null object (ISO 32000-2 section 7.3.10). An entry
  // that leads to something else is pdf.object.broken {number}.
  Result<Object> get(ObjectId id) const;
  // Follows references until there is a value (at most 32 steps: pdf.object.loop).
  Result<Object> resolve(const Object& object) const;
  Result<Object> resolve(const Dictionary& dictionary, std::string_view key) const;
  // Convenience for trees: resolved dictionary or nullopt when the entry is absent or something else.
  Result<std::optional<Dictionary>> dictionary_at(const Dictionary& dictionary, std::string_view key) const;
  Result<Dictionary> catalog() const;
  const XrefEntry* entry(std::uint32_t number) const;
  // Where a plain object stands: from "n g obj" to after "endobj".
  Result<Extent> extent_of(ObjectId id) const;

  // Decrypted and decoded through the filters Flate, LZW (with predictors), ASCIIHex, ASCII85, RunLength, Crypt.
  // Data that is cut off or damaged in the middle gives what could be decoded, as viewers do.
  // Image filters (DCT, JPX, CCITT, JBIG2) end the chain: pdf.filter.unsupported {filter}. pdf.stream.broken,
  // pdf.limit.
  Result<Bytes> decode(const Stream& stream) const;
  Result<Bytes> raw(const Stream& stream) const;  // decrypted, still encoded

  const std::optional<EncryptionInfo>& encryption() const;
  const Encryptor* encryptor() const;  // nullptr when not encrypted

 private:
  struct State;
  explicit ObjectView(std::shared_ptr<State> state);
  std::shared_ptr<State> m_state;
};

}  // namespace kyso::pdf
