#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

// Character maps of composite fonts and ToUnicode (ISO 32000-2 sections 9.7.5 and 9.10.3).
namespace kyso::pdf {

class CMap {
 public:
  struct Code {
    std::uint32_t value = 0;
    std::size_t length = 1;
  };

  // Adds what a CMap file says; can be called again for the one that it builds on. Whatever cannot be read is skipped;
  // memory stays in proportion to the file.
  void parse(ByteView bytes);
  // Codes of two bytes that are the CID or the Unicode value themselves.
  void set_identity();
  // A CMap that is known by name only: Identity-H, UniGB-UCS2-H, 90ms-RKSJ-V, … All are taken as two-byte codes.
  void set_predefined(std::string_view name);

  // The first code of a string (not empty). A code outside all code space ranges takes the shortest length in use.
  Code first_code(std::string_view bytes) const;
  std::uint32_t cid(std::uint32_t code) const;  // 0 when not mapped
  // Unicode text of a code; empty when not mapped.
  std::u32string unicode(std::uint32_t code) const;

  bool is_vertical() const { return m_vertical; }
  bool has_code_space() const { return !m_code_spaces.empty(); }
  bool has_unicode() const { return m_identity_unicode || !m_unicode.empty(); }
  // True when some code stands for a letter that only Unicode fonts have for Vietnamese.
  bool names_vietnamese_letters() const;

 private:
  struct CodeSpace {
    std::size_t length;
    std::uint32_t low, high;
  };
  struct CidRange {
    std::uint32_t low, high, cid, order;
  };
  struct TextRange {  // text of `low` in the pool; its last character counts up to `high`
    std::uint32_t low, high, offset, length;
  };
  class Parser;

  void sort();

  std::vector<CodeSpace> m_code_spaces;
  std::vector<CidRange> m_cids;
  std::vector<TextRange> m_unicode;
  std::u32string m_pool;
  bool m_identity_cid = false, m_identity_unicode = false, m_vertical = false;
};

}  // namespace kyso::pdf
