#include <CLI/CLI.hpp>

#include "cms/signed_data.h"
#include "kyso/commands.h"
#include "kyso/document_options.h"

namespace kyso::app {
namespace {

using json::Value;

std::string_view name_of(pdf::XrefKind kind) {
  switch (kind) {
    case pdf::XrefKind::table:
      return "table";
    case pdf::XrefKind::stream:
      return "stream";
    case pdf::XrefKind::hybrid:
      return "hybrid";
  }
  return "";
}

std::string_view name_of(pdf::FieldKind kind) {
  switch (kind) {
    case pdf::FieldKind::signature:
      return "signature";
    case pdf::FieldKind::text:
      return "text";
    case pdf::FieldKind::button:
      return "button";
    case pdf::FieldKind::choice:
      return "choice";
    case pdf::FieldKind::unknown:
      return "unknown";
  }
  return "";
}

std::string_view name_of(pdf::LockAction action) {
  return action == pdf::LockAction::all ? "all" : action == pdf::LockAction::include ? "include" : "exclude";
}

Value to_json(const pdf::FieldLock& lock) {
  Value names = Value::array();
  for (const auto& field : lock.fields) names.push_back(field);
  Value object = Value::object();
  return object.set("action", name_of(lock.action)).set("fields", names);
}

Value revisions_json(const pdf::RevisionGraph& graph) {
  Value list = Value::array();
  for (const auto& revision : graph.revisions()) {
    Value sections = Value::array();
    for (const std::size_t index : revision.sections) {
      const auto& section = graph.sections()[index];
      Value item = Value::object();
      sections.push_back(item.set("kind", name_of(section.kind))
                             .set("offset", static_cast<std::int64_t>(section.extent.offset))
                             .set("objects", section.entries.size()));
    }
    Value item = Value::object();
    list.push_back(item.set("end", static_cast<std::int64_t>(revision.end)).set("sections", sections));
  }
  return list;
}

// The claimed signing time as ISO 8601; as it stands when it is no PDF date.
std::string readable_time(const std::string& claimed) {
  const auto time = parse_pdf_date(claimed);
  return time ? iso8601_vietnam(*time) : claimed;
}

Value signature_json(const pdf::SignatureInfo& signature, std::size_t revisions) {
  Value object = Value::object();
  object.set("field", signature.field).set("sub_filter", signature.sub_filter);
  object.set("time_stamp", signature.is_time_stamp).set("claimed_time", readable_time(signature.claimed_time));
  object.set("reason", signature.reason).set("location", signature.location);
  Value range = Value::array();
  for (const auto value : signature.byte_range) range.push_back(value);
  object.set("byte_range", range);
  if (signature.covered_revision < revisions)
    object.set("revision", signature.covered_revision + 1)
        .set("covers_whole_document", signature.covered_revision + 1 == revisions);
  if (signature.certification) object.set("certification", *signature.certification);
  if (signature.field_mdp) object.set("field_mdp", to_json(*signature.field_mdp));
  if (auto cms = cms::parse_signed_data(as_bytes(signature.contents))) {
    object.set("scheme", crypto::name_of(cms->scheme)).set("has_time_stamp", cms->time_stamp.has_value());
    if (cms->signer)
      object.set("signer", cms->signer->subject_text())
          .set("issuer", cms->signer->issuer_text())
          .set("serial", cms->signer->serial_hex())
          .set("not_after", iso8601_vietnam(cms->signer->not_after()));
  }
  return object;
}

Value fields_json(const pdf::Document& document) {
  Value list = Value::array();
  for (const auto& field : document.form().fields()) {
    Value item = Value::object();
    item.set("name", field.name).set("kind", name_of(field.kind));
    if (field.kind == pdf::FieldKind::signature)
      item.set("signed", field.is_signed);
    else
      item.set("value", field.value);
    item.set("read_only", field.is_read_only);
    item.set("locked", document.form().permissions().is_field_locked(field.name));
    Value widgets = Value::array();
    for (const auto& widget : field.widgets) {
      Value place = Value::object();
      if (widget.page != pdf::kNoPage) place.set("page", widget.page + 1);
      const auto page = document.pages().page(widget.page);
      const pdf::Rect box = page ? page->user_to_visible().apply(widget.rect) : widget.rect;
      Value rect = Value::array();
      for (const double v : {box.x0, box.y0, box.x1, box.y1}) rect.push_back(v);
      widgets.push_back(place.set("rect", rect));
    }
    list.push_back(item.set("widgets", widgets));
  }
  return list;
}

Value permissions_json(const pdf::Document& document) {
  const auto permissions = document.form().permissions();
  Value object = Value::object();
  object.set("signed", permissions.is_signed);
  if (permissions.certification) object.set("certification", *permissions.certification);
  Value locks = Value::array();
  for (const auto& lock : permissions.locks) locks.push_back(to_json(lock));
  object.set("locks", locks);
  if (const auto& encryption = document.view().encryption()) {
    Value item = Value::object();
    item.set("key_bits", encryption->key_bits).set("revision", encryption->revision);
    item.set("opened_as_owner", encryption->opened_as_owner).set("may_modify", encryption->may_modify);
    item.set("may_annotate", encryption->may_annotate).set("may_fill_forms", encryption->may_fill_forms);
    object.set("encryption", item);
  }
  return object;
}

Value inspect_json(const pdf::Document& document) {
  Value object = Value::object();
  const auto& graph = document.graph();
  object.set("version", graph.header_version()).set("title", document.title());
  object.set("bytes", static_cast<std::int64_t>(graph.source().size())).set("pages", document.pages().count());
  const auto& conformance = document.conformance();
  if (conformance.pdfa_part != 0)
    object.set("pdfa", fmt::format("{}{}", conformance.pdfa_part, conformance.pdfa_level));
  object.set("tagged", conformance.is_tagged);
  object.set("revisions", revisions_json(graph));
  Value signatures = Value::array();
  for (const auto& signature : document.form().signatures())
    signatures.push_back(signature_json(signature, graph.revisions().size()));
  object.set("signatures", signatures);
  object.set("fields", fields_json(document));
  object.set("permissions", permissions_json(document));
  Value notes = Value::array();
  for (const auto& note : graph.notes()) {
    Value item = Value::object();
    notes.push_back(item.set("code", note.code)
                        .set("offset", static_cast<std::int64_t>(note.offset))
                        .set("needs_repair", note.repair)
                        .set("detail", note.detail));
  }
  return object.set("structure_notes", notes);
}

std::string text_of(const Value* value) {
  if (value == nullptr) return "";
  if (const auto text = value->as_string()) return std::string(*text);
  return json::serialize(*value);
}

std::string lock_text(const Value& lock, const Console& console) {
  const std::string action = text_of(lock.find("action"));
  std::string names;
  for (const Value& name : *lock.find("fields")->as_array()) names += (names.empty() ? "" : ", ") + text_of(&name);
  if (action == "all") return console.pick("tất cả", "all");
  return action == "include" ? names : console.text("tất cả trừ {}", "all but {}", names);
}

void show_signatures(const Value& facts, const Console& console) {
  const auto& signatures = *facts.find("signatures")->as_array();
  console.say("Chữ ký: {}", "Signatures: {}", signatures.size());
  for (const Value& s : signatures) {
    console.say("  {} — {}", "  {} — {}", text_of(s.find("field")), text_of(s.find("signer")));
    const bool whole =
        s.find("covers_whole_document") != nullptr && s.find("covers_whole_document")->as_bool().value_or(false);
    console.say("    {} {}, khai báo ký lúc {}, phiên bản {}{}", "    {} {}, claimed time {}, revision {}{}",
                text_of(s.find("sub_filter")), text_of(s.find("scheme")), text_of(s.find("claimed_time")),
                text_of(s.find("revision")), whole ? console.pick(" (toàn bộ văn bản)", " (whole document)") : "");
    if (s.find("certification") != nullptr)
      console.say("    chứng nhận, mức {}", "    certification, level {}", text_of(s.find("certification")));
    if (s.find("field_mdp") != nullptr)
      console.say("    khóa ô: {}", "    locks fields: {}", lock_text(*s.find("field_mdp"), console));
  }
}

void show(const pdf::Document& document, const Console& console) {
  const Value facts = inspect_json(document);
  console.say("PDF {}, {} trang, {} byte", "PDF {}, {} pages, {} bytes", text_of(facts.find("version")),
              text_of(facts.find("pages")), text_of(facts.find("bytes")));
  if (facts.find("pdfa") != nullptr) console.say("PDF/A-{}", "PDF/A-{}", text_of(facts.find("pdfa")));
  const auto& revisions = *facts.find("revisions")->as_array();
  console.say("Phiên bản: {}", "Revisions: {}", revisions.size());
  for (std::size_t i = 0; i < revisions.size(); ++i)
    console.say("  {}: đến byte {}", "  {}: to byte {}", i + 1, text_of(revisions[i].find("end")));
  show_signatures(facts, console);
  const auto& fields = *facts.find("fields")->as_array();
  console.say("Ô nhập: {}", "Fields: {}", fields.size());
  for (const Value& field : fields)
    console.say("  {} {} {}{}", "  {} {} {}{}", pad_right(text_of(field.find("name")), 24),
                pad_right(text_of(field.find("kind")), 10),
                field.find("signed") != nullptr
                    ? (field.find("signed")->as_bool().value_or(false) ? console.pick("đã ký", "signed")
                                                                       : console.pick("chưa ký", "empty"))
                    : text_of(field.find("value")),
                field.find("locked")->as_bool().value_or(false) ? console.pick(" (đã khóa)", " (locked)") : "");
  const Value& permissions = *facts.find("permissions");
  if (permissions.find("certification") != nullptr)
    console.say("Được chứng nhận ở mức {}", "Certified at level {}", text_of(permissions.find("certification")));
  if (permissions.find("encryption") != nullptr)
    console.say("Mã hóa: {}", "Encryption: {}", text_of(permissions.find("encryption")));
  for (const Value& note : *facts.find("structure_notes")->as_array())
    console.say("Cấu trúc: {} (byte {}) {}", "Structure: {} (byte {}) {}", text_of(note.find("code")),
                text_of(note.find("offset")), text_of(note.find("detail")));
}

Result<> inspect(const ReadingOptions& options, const Console& console) {
  const auto document = KYSO_TRY(open_document(options, console));
  if (console.json)
    console.print(json::serialize(inspect_json(document), json::Style::indented) + "\n");
  else
    show(document, console);
  return {};
}

}  // namespace

void add_inspect_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand("inspect", console.pick("Xem phiên bản, chữ ký, ô nhập, quyền của văn bản",
                                                                 "Show revisions, signatures, fields and permissions"));
  auto options = std::make_shared<ReadingOptions>();
  command->add_option("FILE", options->input, console.pick("Văn bản", "Document"))->required()->type_name("");
  add_reading_options(*command, *options, console);
  command->callback([options, &console, &run] {
    run = [options, &console] {
      const auto result = inspect(*options, console);
      return result ? 0 : console.report(result.error());
    };
  });
}

}  // namespace kyso::app
