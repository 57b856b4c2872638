#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "decree30/letter.h"
#include "registry/dossier/rules.h"
#include "registry/ports.h"

// Letters of dossiers (Mẫu 01 to 06 of Decree 68/2024/NĐ-CP): made from the lines, and judged when they come back
// signed.
namespace kyso::registry {

// The legal subject of a kind, with "V/v".
std::string legal_subject(DossierKind kind, bool central_signing);
// SHA-256 (hexadecimal) of all that the letter says about the lines, in their order.
std::string rows_sha256(const std::vector<Line>& lines);

struct LetterHead {
  std::string superior, organisation;  // cơ quan chủ quản, cơ quan ban hành
  std::string addressee = "Cục Chứng thực số và Bảo mật thông tin, Ban Cơ yếu Chính phủ";
};
decree30::Letter compose_letter(const Dossier& dossier, const std::vector<Line>& lines, const LetterHead& head);
// Marks: Dossier (id), Revision (of the lines), Rows (SHA-256), Count.
decree30::LetterOptions letter_options(const Dossier& dossier, const std::vector<Line>& lines);

// What a letter says of itself.
struct LetterContent {
  std::string dossier, rows_sha256;  // marks; empty: it was not made here
  std::optional<std::int64_t> revision, count;
  std::string number;  // "12/SNV-VP", as printed or filled in; empty: unreadable
  std::string date;    // YYYY-MM-DD
  bool has_marks() const { return !dossier.empty(); }
};
// registry.letter.unreadable: no PDF that can be opened.
Result<LetterContent> read_letter(ByteView pdf);

// A letter that was attached, as it was verified then.
struct CheckedLetter {
  LetterVerdict verdict;  // without its report
  LetterContent content;
  Instant verified{};
};
json::Value to_json(const CheckedLetter& letter);  // as stored
Result<CheckedLetter> checked_letter_from_json(const json::Value& value);

// Who may have signed and sealed for this dossier (Art. 4: cơ quan, tổ chức quản lý trực tiếp).
struct LetterRules {
  std::set<std::string> organisations;  // ids: the principal, its direct superior when that may sign for it
  std::set<std::string> names;          // of these, folded: for certificates that are not on record here
};
struct LetterQuestion {
  LetterRole role = LetterRole::request;
  const Dossier& dossier;
  std::string rows_sha256;  // of the present lines; empty: they are as the marks' revision says
  const CheckedLetter& letter;
  const LetterRules& rules;
  // What the record knows of the signers' certificates, by serial number.
  std::vector<SubscriberCertificate> known;
};
struct LetterJudgement {
  bool is_signed_well = false;  // signed by the head, sealed, time-stamped, unchanged, status checked
  bool is_valid = false;        // and fits the dossier: nothing blocks
  std::vector<DossierFinding> problems;
  std::string text, text_en;  // "Văn bản/Hồ sơ ký số hợp lệ Ký bởi: …"
};
LetterJudgement judge_letter(const LetterQuestion& question);

}  // namespace kyso::registry
