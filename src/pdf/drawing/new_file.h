#pragma once
#include <string>
#include <vector>

#include "pdf/drawing/font_embedding.h"

// Private to the module: a file written from nothing.
namespace kyso::pdf {

// NewFile: PDF 1.7 in one revision. Everything but streams goes into object streams (ISO 32000-2 section 7.5.7), the
// cross-reference is a stream. The same calls give the same bytes.
class NewFile final : public ObjectSink {
 public:
  ObjectId reserve();
  ObjectId add(Object object) override;
  void set(ObjectId id, Object object) override;
  ObjectId add_stream(Dictionary dictionary, Bytes plain_data) override;
  // An object as syntax: what there are hundreds of thousands of need not become values first.
  void set_syntax(ObjectId id, std::string syntax);

  // /ID is a digest of the content.
  Bytes finish(ObjectId catalog, ObjectId information);

 private:
  struct Slot {
    std::string syntax;  // of the object, or of its dictionary
    Bytes stream;        // coded
    bool is_stream = false;
  };
  Slot& slot(ObjectId id) { return m_slots[id.number - 1]; }
  std::vector<Slot> m_slots;  // of the numbers from 1
};

}  // namespace kyso::pdf
