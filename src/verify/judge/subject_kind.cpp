#include <algorithm>
#include <array>

#include "base/text.h"
#include "verify/judge/session.h"

// Who a certificate stands for, by the conventions of Vietnamese certificates: an organisation has a tax number (MST)
// or is named by the common name as by O or OU; a person has a personal number (CCCD), a given name or a title.
namespace kyso::verify {
namespace {

constexpr std::string_view kTimeStamping = "1.3.6.1.5.5.7.3.8";
constexpr std::string_view kOcspSigning = "1.3.6.1.5.5.7.3.9";

// First words of the names of organisations, with accents; and without, as the first generation of certificates
// writes them, where they can't be a family name ("Vu", "Doan", "Bo").
constexpr std::array<std::string_view, 44> kAccented{
    "ủy ban",   "uỷ ban",    "ubnd",      "bộ",        "sở",       "cục",       "chi cục", "tổng cục",  "vụ",
    "phòng",    "ban",       "văn phòng", "trung tâm", "trường",   "bệnh viện", "viện",    "công ty",   "tổng công ty",
    "tập đoàn", "chi nhánh", "ngân hàng", "kho bạc",   "hội đồng", "hđnd",      "tòa án",  "toà án",    "viện kiểm sát",
    "tỉnh ủy",  "huyện ủy",  "thành ủy",  "đảng ủy",   "cơ quan",  "công an",   "hội",     "liên đoàn", "liên minh",
    "bảo hiểm", "thanh tra", "chính phủ", "quốc hội",  "trạm",     "học viện",  "đại học", "thư viện"};
constexpr std::array<std::string_view, 30> kUnaccented{
    "uy ban",    "ubnd",     "so",        "cuc",           "chi cuc",      "tong cuc", "phong",     "van phong",
    "trung tam", "truong",   "benh vien", "cong ty",       "tong cong ty", "tap doan", "chi nhanh", "ngan hang",
    "kho bac",   "hoi dong", "toa an",    "vien kiem sat", "tinh uy",      "huyen uy", "thanh uy",  "dang uy",
    "co quan",   "cong an",  "bao hiem",  "thanh tra",     "hoc vien",     "dai hoc"};

bool begins_with_word(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.size() == word.size() || text[word.size()] == ' ');
}
template <std::size_t N>
bool begins_with_any(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return begins_with_word(text, word); });
}

bool is_name_of_organisation(const std::string& name) {
  const std::string accented = fold_case(name);
  const std::string folded = fold_accents(name);
  return begins_with_any(accented, kAccented) || (accented == folded && begins_with_any(folded, kUnaccented));
}

// Two to six words of letters only.
bool looks_like_a_person(const std::string& name) {
  const std::string folded = fold_accents(name);
  const auto blanks = std::ranges::count(folded, ' ');
  const bool letters_only =
      std::ranges::all_of(folded, [](char c) { return (c >= 'a' && c <= 'z') || c == ' ' || c == '\''; });
  return letters_only && blanks >= 1 && blanks <= 5;
}

}  // namespace

SubjectKind kind_of_subject(const crypto::Certificate& certificate) {
  const auto& usage = certificate.extended_key_usage();
  const auto is_for = [&](std::string_view oid) { return std::ranges::find(usage, oid) != usage.end(); };
  if (is_for(kTimeStamping) || is_for(kOcspSigning)) return SubjectKind::service;
  if (certificate.has_personal_name()) return SubjectKind::person;
  if (certificate.subject_text().find("MST:") != std::string::npos) return SubjectKind::organisation;
  const std::string name = certificate.common_name();
  if (!certificate.title().empty()) return SubjectKind::person;
  if (is_name_of_organisation(name)) return SubjectKind::organisation;
  const std::string folded = fold_accents(name);
  const std::string organisation = fold_accents(certificate.organisation());
  const std::string unit = fold_accents(certificate.organisational_unit());
  if (folded.empty()) return SubjectKind::unknown;
  if (folded == organisation || folded == unit) return SubjectKind::organisation;
  // A person's certificate names the agency beside the person.
  if ((!organisation.empty() || !unit.empty()) && looks_like_a_person(name)) return SubjectKind::person;
  return SubjectKind::unknown;
}

std::string_view name_of(SubjectKind kind) {
  switch (kind) {
    case SubjectKind::unknown:
      return "unknown";
    case SubjectKind::person:
      return "person";
    case SubjectKind::organisation:
      return "organisation";
    case SubjectKind::service:
      return "service";
  }
  return "";
}

}  // namespace kyso::verify
