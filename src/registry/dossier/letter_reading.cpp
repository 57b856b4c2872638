#include <fmt/format.h>

#include <charconv>

#include "decree30/letter_boxes.h"
#include "decree30/role_plans.h"
#include "decree30/sheet.h"
#include "pdf/document/document.h"
#include "registry/dossier/letters.h"

namespace kyso::registry {
namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string date_of(const decree30::DateBox& box) {
  const auto day = number_in(box.printed_day), month = number_in(box.printed_month), year = number_in(box.printed_year);
  if (!day || !month || !year) return {};
  const Day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(static_cast<unsigned>(*month)),
                 std::chrono::day(static_cast<unsigned>(*day))};
  const bool is_plain = *day >= 1 && *day <= 31 && *month >= 1 && *month <= 12 && *year >= 1'900 && *year <= 9'999;
  return is_plain && date.ok() ? iso_day(date) : std::string();
}

json::Value signer_to_json(const LetterSigner& signer) {
  json::Value out = json::Value::object();
  out.set("name", signer.name)
      .set("organisation", signer.organisation)
      .set("email", signer.email)
      .set("serial", signer.serial)
      .set("is_organisation", signer.is_organisation);
  if (signer.time_stamp) out.set("time_stamp", signer.time_stamp->time_since_epoch().count());
  return out;
}

std::string text_in(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr ? std::string() : std::string(value->as_string().value_or(""));
}

std::optional<std::int64_t> integer_in(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr ? std::nullopt : value->as_integer();
}

bool flag_in(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->as_bool().value_or(false);
}

}  // namespace

Result<LetterContent> read_letter(ByteView pdf) {
  LetterContent out;
  const pdf::Source source = pdf::Source::from_bytes(Bytes(pdf.begin(), pdf.end()));
  const Result<pdf::Document> document = pdf::Document::open(source);
  if (!document) return fail("registry.letter.unreadable", "{}", document.error().code);
  // A letter from elsewhere has no marks, which is an answer too.
  if (const auto marks = decree30::read_letter_marks(source)) {
    for (const auto& [name, value] : *marks) {
      if (name == "Dossier") out.dossier = value;
      if (name == "Rows") out.rows_sha256 = value;
      if (name == "Revision") out.revision = number_in(value);
      if (name == "Count") out.count = number_in(value);
    }
  }
  decree30::SheetReader reader(*document);
  const Result<const decree30::Sheet*> sheet = reader.sheet(0);
  if (!sheet) return out;
  if (const auto box = decree30::find_number_box(**sheet); box && !box->printed.empty())
    out.number = box->suffix.empty() ? box->printed : box->printed + "/" + box->suffix;
  if (auto box = decree30::find_date_box(**sheet)) {
    // "20" is printed, and the clerk's field takes the rest of the year.
    const pdf::Field* year = document->form().find(decree30::date_fields(decree30::Template{}).year);
    if (box->printed_year.size() < 4 && year != nullptr) box->printed_year += year->value;
    out.date = date_of(*box);
  }
  return out;
}

json::Value to_json(const CheckedLetter& letter) {
  json::Value signers = json::Value::array(), problems = json::Value::array();
  for (const LetterSigner& signer : letter.verdict.signers) signers.push_back(signer_to_json(signer));
  for (std::size_t i = 0; i < letter.verdict.problems.size(); ++i) {
    json::Value problem = json::Value::object();
    problem.set("code", letter.verdict.problems[i].first).set("vi", letter.verdict.problems[i].second);
    if (i < letter.verdict.problems_en.size()) problem.set("en", letter.verdict.problems_en[i].second);
    problems.push_back(std::move(problem));
  }
  json::Value out = json::Value::object();
  out.set("valid", letter.verdict.is_valid)
      .set("signers", std::move(signers))
      .set("problems", std::move(problems))
      .set("dossier", letter.content.dossier)
      .set("rows", letter.content.rows_sha256)
      .set("number", letter.content.number)
      .set("date", letter.content.date)
      .set("verified", letter.verified.time_since_epoch().count());
  if (!letter.verdict.is_final) out.set("doubt", true);
  if (letter.content.revision) out.set("revision", *letter.content.revision);
  if (letter.content.count) out.set("count", *letter.content.count);
  return out;
}

Result<CheckedLetter> checked_letter_from_json(const json::Value& value) {
  CheckedLetter out;
  if (value.as_object() == nullptr) return fail("db.corrupt", "verdict of a letter");
  out.verdict.is_valid = flag_in(value, "valid");
  out.verdict.is_final = !flag_in(value, "doubt");
  const json::Value* signers = value.find("signers");
  if (signers != nullptr && signers->as_array() != nullptr)
    for (const json::Value& one : *signers->as_array()) {
      LetterSigner signer{text_in(one, "name"),   text_in(one, "organisation"),    text_in(one, "email"),
                          text_in(one, "serial"), flag_in(one, "is_organisation"), std::nullopt};
      if (const auto time = integer_in(one, "time_stamp")) signer.time_stamp = Instant(std::chrono::seconds(*time));
      out.verdict.signers.push_back(std::move(signer));
    }
  const json::Value* problems = value.find("problems");
  if (problems != nullptr && problems->as_array() != nullptr)
    for (const json::Value& one : *problems->as_array()) {
      out.verdict.problems.emplace_back(text_in(one, "code"), text_in(one, "vi"));
      out.verdict.problems_en.emplace_back(text_in(one, "code"), text_in(one, "en"));
    }
  out.content.dossier = text_in(value, "dossier");
  out.content.rows_sha256 = text_in(value, "rows");
  out.content.number = text_in(value, "number");
  out.content.date = text_in(value, "date");
  out.content.revision = integer_in(value, "revision");
  out.content.count = integer_in(value, "count");
  out.verified = Instant(std::chrono::seconds(integer_in(value, "verified").value_or(0)));
  return out;
}

}  // namespace kyso::registry
