#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "decree30/letter.h"

// Private to the module: the words of a letter as they are printed, the same in every format.
namespace kyso::decree30 {

// decree30.letter.limit {limit}.
Result<> check_letter(const Letter& letter);

inline constexpr std::string_view kNation = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM";
inline constexpr std::string_view kMotto = "Độc lập - Tự do - Hạnh phúc";

struct LetterWords {
  std::string superior, organisation;
  std::string number;  // "Số: 12/SNV-VP"; with a gap for the clerk "Số:           /SNV-VP"
  std::string date;    // "Hà Nội, ngày 05 tháng 3 năm 2027", or with gaps
  std::string title, subject;
  std::vector<std::string> addressees;  // one: as it is; several: "- Bộ Nội vụ;"
  std::vector<std::string> authority;   // box 7a, line by line
  std::string signer;
  std::vector<std::string> recipients;  // "- Như trên;"
  std::string name;                     // of the file: what a person would call it
};
LetterWords words_of(const Letter& letter);

// An appendix made of a wide table (Appendix I, part III).
struct LetterAppendix {
  const LetterTable* table = nullptr;
  std::string heading;  // "Phụ lục", "Phụ lục II"
  std::string title;
  std::string reference;  // "(Kèm theo Công văn số … ngày … của …)"
  std::string hint;       // in the body: "(Phụ lục II kèm theo)"
};
std::vector<LetterAppendix> appendices_of(const Letter& letter);

// Lines of a text; "\r\n" and "\r" end one too.
std::vector<std::string> split_lines(std::string_view text);

}  // namespace kyso::decree30
