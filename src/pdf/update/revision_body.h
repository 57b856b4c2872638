#pragma once
#include "pdf/file/object_view.h"
#include "pdf/update/xref_section_writer.h"

namespace kyso::pdf {

// RevisionBody: the objects of one revision as bytes, and where each begins. Private to the module.
class RevisionBody {
 public:
  // `base`: size of the source, where the revision begins.
  RevisionBody(const ObjectView& view, std::uint64_t base);

  std::uint64_t position() const { return m_base + m_bytes.size(); }
  std::uint64_t xref_offset(std::uint64_t absolute) const { return absolute - m_view.graph().header_offset(); }
  Bytes& bytes() { return m_bytes; }
  XrefRows& rows() { return m_rows; }

  Result<> write(ObjectId id, const Object& object);
  // The dictionary with /ByteRange and /Contents as the last entries; returns where their values stand in bytes().
  struct Placeholders {
    std::size_t byte_range = 0, byte_range_length = 0, contents = 0;
  };
  Result<Placeholders> write_signature(ObjectId id, const Dictionary& dictionary, std::size_t capacity);

 private:
  void begin(ObjectId id);
  Result<> write_value(const Object& object, ObjectId id, std::size_t depth, std::string& out) const;
  Result<> write_stream(ObjectId id, const Stream& stream);
  Result<Bytes> stream_bytes(ObjectId id, const Stream& stream) const;

  const ObjectView& m_view;
  std::uint64_t m_base;
  Bytes m_bytes;
  XrefRows m_rows;
};

}  // namespace kyso::pdf
