#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "pdf/file/source.h"

// Letters (công văn) composed by Kyso, laid out as Appendix I of Decree 30/2020/NĐ-CP wants it: page, boxes and type
// sizes. One model, written as PDF (to be signed) and as DOCX (to be edited by hand).
namespace kyso::decree30 {

struct LetterColumn {
  std::string title;
  double width = 1;  // share of the table's width
  enum class Align : std::uint8_t { left, centre, right } align = Align::left;
};
struct LetterTable {
  std::vector<LetterColumn> columns;  // the head is repeated on every page
  std::vector<std::vector<std::string>>
      rows;           // wrapped; a missing cell is empty, cells beyond the columns are not shown
  std::string title;  // where it stands as an appendix: "DANH SÁCH ĐỀ NGHỊ CẤP …"
};
struct LetterParagraph {
  std::string text;  // "**bold**" is not markup: plain text; "\n" is a line
  enum class Look : std::uint8_t { body, item, heading, note } look = Look::body;
};
using LetterBlock = std::variant<LetterParagraph, LetterTable>;

struct Letter {
  std::string superior;                 // box 2: cơ quan chủ quản; may be empty
  std::string organisation;             // box 2: cơ quan ban hành
  std::string number;                   // box 3; empty: "Số:      /…" is left open for the clerk
  std::string notation;                 // "SNV-VP"
  std::string subject;                  // box 5b, with "V/v"
  std::string title;                    // box 5a instead of 5b, for kinds with a name: "BIÊN BẢN", "DANH SÁCH"
  std::string place;                    // box 4
  std::optional<Instant> date;          // absent: open for the clerk
  std::vector<std::string> addressees;  // box 9a, after "Kính gửi:"
  std::vector<LetterBlock> body;
  std::string capacity;                 // box 7a: "TM. ỦY BAN NHÂN DÂN", "KT. GIÁM ĐỐC"; may be empty
  std::string position;                 // box 7a: "CHỦ TỊCH"
  std::string signer;                   // box 7b; may be empty
  std::vector<std::string> recipients;  // box 9b: "Như trên", "Lưu: VT"
  std::vector<std::string> notes;       // small, at the end, below a line
  // The letter stays upright; its tables follow behind the signature as appendices ("Phụ lục") on pages that lie on
  // their long side. Where a table stands in the body, "(Phụ lục kèm theo)" is printed.
  bool has_wide_tables = false;
};

struct LetterOptions {
  // Written into the PDF's information dictionary as "Kyso<Name>", e.g. which dossier and the SHA-256 of its rows, so
  // that the signed letter can be compared with them.
  std::vector<std::pair<std::string, std::string>> marks;
  Instant made{};  // CreationDate; the same input gives the same bytes
  std::string language = "vi";
};
// A tagged PDF whose number, date and signature boxes kyso's own roles find (number, leader, organisation). Letters
// that the shipped fonts lack are replaced and reported nowhere: names are checked before. decree30.letter.limit
// {limit}.
Result<Bytes> letter_to_pdf(const Letter& letter, const LetterOptions& options);
// A document for word processors, with the same content and layout; the marks are its custom properties.
Result<Bytes> letter_to_docx(const Letter& letter, const LetterOptions& options);

// The marks of a PDF that was made so, in their order, without "Kyso"; empty when there are none. They are as
// trustworthy as the file: read them from one whose signatures were found to cover it.
Result<std::vector<std::pair<std::string, std::string>>> read_letter_marks(const pdf::Source& file);

}  // namespace kyso::decree30
