#include <algorithm>

#include "verify/report/report.h"
#include "verify/report/wording.h"

namespace kyso::verify {
namespace {

using json::Value;

// What a report lists in full: hostile documents have 10,000 signatures and 20,000 changes after each of them.
constexpr std::size_t kMaxChangesEach = 1'000;
constexpr std::size_t kMaxChangesInAll = 20'000;

template <typename T>
Value or_null(const std::optional<T>& value) {
  return value ? Value(static_cast<std::int64_t>(*value)) : Value();
}

Value time_value(const std::optional<Instant>& time) {
  return time ? Value(iso8601_vietnam(*time)) : Value();
}

// Values from the document: valid UTF-8, otherwise as they stand. A program decides what to do with them.
Value text_or_null(const std::string& text) {
  return text.empty() ? Value() : Value(text);
}

Value name_or_null(std::string_view name) {
  return name.empty() ? Value() : Value(name);
}

Value to_value(const Explanation& explanation) {
  return Value::object().set("sentence", explanation.what).set("next_step", explanation.next_step);
}

std::string_view name_of(Severity severity) {
  static constexpr std::string_view kNames[] = {"note", "info", "warning", "indeterminate", "failure"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::string_view name_of(Covering covering) {
  static constexpr std::string_view kNames[] = {"nothing", "see_through", "hides"};
  return kNames[static_cast<std::size_t>(covering)];
}

std::string_view word_of(Indication indication) {
  return indication == Indication::total_passed   ? "valid"
         : indication == Indication::total_failed ? "invalid"
                                                  : "undetermined";
}

Value rect_value(const pdf::Rect& rect) {
  const auto round = [](double v) { return Value(static_cast<double>(static_cast<std::int64_t>(v * 1000)) / 1000); };
  const auto bounded = [&](double v) { return round(std::clamp(v, -1e9, 1e9)); };
  return Value::array()
      .push_back(bounded(rect.x0))
      .push_back(bounded(rect.y0))
      .push_back(bounded(rect.x1))
      .push_back(bounded(rect.y1));
}

Value page_value(std::size_t page) {
  return page == pdf::kNoPage ? Value() : Value(page + 1);
}

Value to_value(const Finding& finding, Language language) {
  Value parameters = Value::object();
  for (const auto& [name, value] : finding.parameters) parameters.set(name, value);
  return Value::object()
      .set("code", finding.code)
      .set("severity", name_of(finding.severity))
      .set("offset", or_null(finding.offset))
      .set("length", or_null(finding.length))
      .set("object", or_null(finding.object))
      .set("revision", or_null(finding.revision))
      .set("page", or_null(finding.page))
      .set("parameters", std::move(parameters))
      .set("sentence", explain(finding, language).what);
}

Value to_value(const std::vector<Finding>& findings, Language language) {
  Value array = Value::array();
  for (const Finding& finding : findings) array.push_back(to_value(finding, language));
  return array;
}

Value to_value(const Change& change) {
  return Value::object()
      .set("class", name_of(change.kind))
      .set("code", change.code)
      .set("revision", change.revision + 1)
      .set("object", static_cast<std::int64_t>(change.object))
      .set("offset", static_cast<std::int64_t>(change.offset))
      .set("path", change.path)
      .set("field", text_or_null(change.field))
      .set("page", page_value(change.page))
      .set("rect", change.is_visible ? rect_value(change.rect) : Value())
      .set("covering", name_of(change.covering))
      .set("old", text_or_null(change.old_value))
      .set("new", text_or_null(change.new_value));
}

Value to_value(const CertificateVerdict& item, bool is_anchor) {
  const crypto::Certificate& certificate = item.certificate;
  Value value = Value::object()
                    .set("subject", certificate.subject_text())
                    .set("common_name", certificate.common_name())
                    .set("issuer", certificate.issuer_text())
                    .set("serial", certificate.serial_hex())
                    .set("sha256", to_hex(certificate.sha256()))
                    .set("not_before", iso8601_vietnam(certificate.not_before()))
                    .set("not_after", iso8601_vietnam(certificate.not_after()))
                    .set("status", status_id(item, is_anchor))
                    .set("checked", item.is_checked);
  const auto& answer = item.answer;
  const bool is_ocsp = answer && answer->source == pki::RevocationAnswer::Source::ocsp;
  value.set("source", answer ? Value(is_ocsp ? "ocsp" : "crl") : Value())
      .set("this_update", answer ? Value(iso8601_vietnam(answer->this_update)) : Value())
      .set("next_update", answer ? time_value(answer->next_update) : Value())
      .set("produced_at", answer ? Value(iso8601_vietnam(answer->produced_at)) : Value())
      .set("revoked_at", answer ? time_value(answer->revoked_at) : Value())
      .set("revocation_reason", answer ? or_null(answer->reason) : Value());
  return value;
}

Value chain_value(const std::vector<CertificateVerdict>& chain, bool has_anchor) {
  Value array = Value::array();
  for (const CertificateVerdict& item : chain) array.push_back(to_value(item, has_anchor && &item == &chain.back()));
  return array;
}

Value to_value(const TimeStampVerdict& stamp, Language language) {
  const bool has_anchor = !stamp.chain.empty() && stamp.chain.back().certificate.is_self_issued();
  return Value::object()
      .set("time", time_value(stamp.time))
      .set("authority", text_or_null(stamp.authority))
      .set("indication", verify::name_of(stamp.indication))
      .set("subindication", name_or_null(verify::name_of(stamp.sub_indication)))
      .set("reason", text_or_null(stamp.reason))
      .set("is_proof", stamp.is_proof)
      .set("chain", chain_value(stamp.chain, has_anchor))
      .set("findings", to_value(stamp.findings, language));
}

// The indexes to be listed: all of them, or those that weigh most when there are too many.
std::vector<std::size_t> listed_changes(const DocumentFacts& facts, const SignatureVerdict& verdict,
                                        std::size_t limit) {
  std::vector<std::size_t> indexes;
  for (const std::size_t index : verdict.changes) {
    if (index < facts.changes.size() && facts.changes[index].kind != ChangeKind::none) indexes.push_back(index);
  }
  if (indexes.size() <= limit) return indexes;
  const auto heavier = [&](std::size_t a, std::size_t b) {
    const auto kind = [&](std::size_t i) { return facts.changes[i].kind; };
    return kind(a) != kind(b) ? kind(a) > kind(b) : a < b;
  };
  std::ranges::sort(indexes, heavier);
  indexes.resize(limit);
  std::ranges::sort(indexes);
  return indexes;
}

// Writer of the entries of `signatures`.
class SignatureEntries {
 public:
  SignatureEntries(const DocumentFacts& facts, Language language) : m_facts(facts), m_language(language) {}

  Value entry(const SignatureVerdict& verdict) {
    static const SignatureFacts kNone;
    const SignatureFacts* found = facts_of(m_facts, verdict);
    const SignatureFacts& signature = found == nullptr ? kNone : *found;
    Value value = Value::object();
    add_signer(value, signature, verdict);
    add_verdict(value, verdict);
    add_times(value, signature, verdict);
    add_extent(value, signature);
    add_changes(value, verdict);
    add_places(value, signature);
    Value stamps = Value::array();
    for (const TimeStampVerdict& stamp : verdict.time_stamps) stamps.push_back(to_value(stamp, m_language));
    value.set("time_stamps", std::move(stamps))
        .set("anchor", text_or_null(verdict.anchor))
        .set("chain", chain_value(verdict.chain, ends_with_anchor(verdict)))
        .set("findings", to_value(verdict.findings, m_language))
        .set("try_again", time_value(verdict.try_again));
    return value;
  }

 private:
  void add_signer(Value& value, const SignatureFacts& signature, const SignatureVerdict& verdict) const {
    const auto& signer = verdict.signer;
    value.set("field", text_or_null(signature.field))
        .set("kind", signature.kind == SignatureKind::signature ? "signature" : "document_time_stamp")
        .set("signer", signer ? Value(signer->common_name()) : Value())
        .set("signer_subject", signer ? Value(signer->subject_text()) : Value())
        .set("issuer", signer ? Value(signer->issuer_text()) : Value())
        .set("serial", signer ? Value(signer->serial_hex()) : Value())
        .set("signer_kind", verify::name_of(verdict.signer_kind))
        .set("claimed_name", text_or_null(signature.name))
        .set("claimed_reason", text_or_null(signature.reason))
        .set("claimed_location", text_or_null(signature.location))
        .set("sub_filter", text_or_null(signature.sub_filter));
  }

  void add_verdict(Value& value, const SignatureVerdict& verdict) const {
    value.set("indication", verify::name_of(verdict.indication))
        .set("subindication", name_or_null(verify::name_of(verdict.sub_indication)))
        .set("reason", text_or_null(verdict.reason))
        .set("offset", or_null(verdict.offset))
        .set("explanation", to_value(summarise(m_facts, verdict, m_language)));
  }

  void add_times(Value& value, const SignatureFacts&, const SignatureVerdict& verdict) const {
    value.set("claimed_time", time_value(verdict.claimed_time))
        .set("timestamp_time", time_value(verdict.time_stamp_time))
        .set("best_time", time_value(verdict.best_time))
        .set("best_time_proof", text_or_null(verdict.best_time_proof))
        .set("level", name_or_null(verify::name_of(verdict.level)));
  }

  void add_extent(Value& value, const SignatureFacts& signature) const {
    Value range = Value::array();
    for (const std::int64_t number : signature.byte_range) range.push_back(number);
    value.set("covers_whole_document", signature.covers_whole_document)
        .set("revision", signature.revision ? Value(*signature.revision + 1) : Value())
        .set("removed_in", signature.removed_in ? Value(*signature.removed_in + 1) : Value())
        .set("byte_range", std::move(range));
  }

  void add_changes(Value& value, const SignatureVerdict& verdict) {
    const std::size_t limit = std::min(kMaxChangesEach, m_change_budget);
    const auto indexes = listed_changes(m_facts, verdict, limit);
    m_change_budget -= std::min(m_change_budget, indexes.size());
    Value list = Value::array();
    for (const std::size_t index : indexes) list.push_back(to_value(m_facts.changes[index]));
    std::size_t total = 0;
    for (const std::size_t index : verdict.changes) {
      total += index < m_facts.changes.size() && m_facts.changes[index].kind != ChangeKind::none ? 1 : 0;
    }
    value.set("intact", verdict.is_intact)
        .set("modifications", std::move(list))
        .set("modification_count", total)
        .set("modification_level", modification_level(m_facts, verdict))
        .set("modifications_allowed", verdict.is_unchanged);
  }

  void add_places(Value& value, const SignatureFacts& signature) const {
    Value widgets = Value::array();
    for (std::size_t i = 0; i < std::min<std::size_t>(signature.widgets.size(), 1'000); ++i) {
      const auto& place = signature.widgets[i];
      widgets.push_back(Value::object().set("page", page_value(place.page)).set("rect", rect_value(place.rect)));
    }
    value.set("certification", or_null(signature.certification)).set("widgets", std::move(widgets));
  }

  const DocumentFacts& m_facts;
  Language m_language;
  std::size_t m_change_budget = kMaxChangesInAll;
};

Level document_level(const DocumentFacts& facts, const Verdict& verdict) {
  std::optional<Level> level;
  for (const SignatureVerdict& item : verdict.signatures) {
    const SignatureFacts* signature = facts_of(facts, item);
    if (signature == nullptr || signature->kind != SignatureKind::signature) continue;
    level = std::min(level.value_or(item.level), item.level);
  }
  return level.value_or(Level::none);
}

}  // namespace

json::Value to_json(const DocumentFacts& facts, const Verdict& verdict, Language language) {
  Value value = Value::object();
  value.set("verdict", word_of(verdict.indication))
      .set("indication", verify::name_of(verdict.indication))
      .set("subindication", name_or_null(verify::name_of(verdict.sub_indication)))
      .set("reason", text_or_null(verdict.reason))
      .set("offset", or_null(verdict.offset))
      .set("explanation", to_value(summarise(facts, verdict, language)))
      .set("file", facts.name)
      .set("size", static_cast<std::int64_t>(facts.size))
      .set("format", facts.format == DocumentFacts::Format::cades ? "cades" : "pdf")
      .set("title", text_or_null(facts.title))
      .set("pages", facts.pages)
      .set("revisions", facts.revisions.size())
      .set("policy", verdict.policy)
      .set("time", iso8601_vietnam(verdict.time))
      .set("online", verdict.was_online)
      .set("level", name_or_null(verify::name_of(document_level(facts, verdict))));
  SignatureEntries entries(facts, language);
  Value signatures = Value::array();
  for (const SignatureVerdict& item : verdict.signatures) signatures.push_back(entries.entry(item));
  return value.set("signatures", std::move(signatures)).set("findings", to_value(verdict.findings, language));
}

}  // namespace kyso::verify
