#pragma once
#include <string>
#include <vector>

#include "pdf/syntax/object.h"

namespace kyso::pdf {

// One operand of a content stream operator. Kept between operators, so that its buffers are reused.
struct Operand {
  enum class Kind { number, name, string, text_array, dictionary, other };
  struct TextItem {  // of TJ: a string, or a movement in thousandths
    bool is_string = false;
    double number = 0;
    std::string text;
  };
  Kind kind = Kind::other;
  double number = 0;
  std::string text;  // name or string
  std::vector<TextItem> items;
  std::size_t item_count = 0;  // items in use
  Object object;               // dictionary
};

class Operands {
 public:
  static constexpr std::size_t kMaximum = 64;  // more than any operator takes; further ones are dropped

  Operands() : m_list(kMaximum + 1) {}
  void clear() { m_count = 0; }
  std::size_t size() const { return m_count; }
  Operand& push(Operand::Kind kind) {
    Operand& operand = m_list[m_count];
    if (m_count < kMaximum) ++m_count;
    operand.kind = kind;
    operand.item_count = 0;
    return operand;
  }
  const Operand& at(std::size_t i) const { return m_list[i]; }
  // The last `count` operands when all are numbers.
  bool numbers(double* out, std::size_t count) const {
    if (m_count < count) return false;
    for (std::size_t i = 0; i < count; ++i) {
      const Operand& operand = m_list[m_count - count + i];
      if (operand.kind != Operand::Kind::number) return false;
      out[i] = operand.number;
    }
    return true;
  }
  // The operand counted from the last (0), when it is of that kind.
  const Operand* last(Operand::Kind kind, std::size_t back = 0) const {
    if (m_count <= back) return nullptr;
    const Operand& operand = m_list[m_count - 1 - back];
    return operand.kind == kind ? &operand : nullptr;
  }

 private:
  std::vector<Operand> m_list;
  std::size_t m_count = 0;
};

}  // namespace kyso::pdf
