#pragma once
#include <array>
#include <map>
#include <memory>

#include "base/file.h"
#include "pdf/file/object_view.h"

namespace kyso::pdf {

// Where a signature value goes. Offsets are absolute in the finished file.
struct SignatureSlot {
  std::uint64_t contents_offset = 0;  // of "<"
  std::uint64_t contents_length = 0;  // "<" to ">" inclusive = 2 * capacity + 2
  std::uint64_t capacity = 0;         // bytes of CMS that fit
  std::uint64_t file_size = 0;
  // [0, contents_offset, contents_offset + contents_length, file_size - that]
  std::array<std::uint64_t, 4> byte_range() const;
};

// IncrementalWriter: one revision to be appended to a file (ISO 32000-2 section 7.5.6).
//
// The file's bytes stay as they are. Only objects that were added or whose value changed are written; the
// cross-reference has the kind of the file's newest section (a table after a table or a hybrid, a stream after a
// stream; a stream too when an offset needs more than the ten digits of a table). Keeps /ID[0], object and generation
// numbers; drops /XRefStm, /Prev of older ones and linearization traces. After a rebuilt cross-reference it writes a
// full one. New strings and streams of an encrypted file are encrypted, /Contents of a signature is not.
class IncrementalWriter {
 public:
  explicit IncrementalWriter(ObjectView view);
  ~IncrementalWriter();
  IncrementalWriter(IncrementalWriter&&) noexcept;

  const ObjectView& view() const;
  ObjectId add(Object object);           // a new object number
  ObjectId reserve();                    // a number to be set() later
  void set(ObjectId id, Object object);  // replaces; an equal value writes nothing
  // The object as this revision will have it.
  Result<Object> get(ObjectId id) const;
  Result<Object> resolve(const Object& object) const;
  ObjectId add_stream(Dictionary dictionary, Bytes plain_data);  // compressed with Flate when that is smaller
  // Changes one entry of a dictionary object; creates nothing.
  Result<> update_entry(ObjectId id, std::string_view key, Object value);
  bool is_empty() const;

  // Declares that object `id` is a signature dictionary: /Contents and /ByteRange are written as placeholders.
  void set_signature(ObjectId id, Dictionary dictionary, std::size_t contents_capacity);

  // Bytes of the new revision, given to append after the source. `slot` is filled when set_signature was called.
  struct Appendix {
    Bytes bytes;
    std::optional<SignatureSlot> slot;
  };
  Result<Appendix> finish(ByteView random_id);  // 16 bytes for /ID[1]

  // Raises the document's version (15 for 1.5) through the catalog where header and catalog say less.
  Result<> raise_version(int version);

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

// Writes source + appendix to `out` and digests the signature's ranges on the way, in one pass and constant memory.
Result<Bytes> write_signed_revision(const Source& source, const IncrementalWriter::Appendix& appendix,
                                    crypto::DigestAlgorithm algorithm, OutputFile& out);
// Without a signature.
Result<> write_revision(const Source& source, const IncrementalWriter::Appendix& appendix, OutputFile& out);

}  // namespace kyso::pdf
