#include "vault/ceremony/record.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/file.h"
#include "crypto/der.h"
#include "pki/lint/lint.h"
#include "vault/ceremony/approval.h"
#include "vault/ceremony/content.h"
#include "vault/ceremony/products.h"
#include "vault/ceremony/tokens.h"
#include "vault/ceremony/transcript.h"

namespace kyso::vault::ceremony {
namespace {

using Outcome = Observation::Outcome;

class Examiner {
 public:
  Examiner(const Plan& plan, const RecordOptions& options, Transcript transcript)
      : m_plan(plan), m_options(options), m_transcript(std::move(transcript)) {}
  RecordResult run() {
    for (const EarlierRoot& root : m_plan.roots) m_certificates.emplace(root.key.name, root.certificate);
    check_head();
    check_order();
    for (const PlannedCertificate& planned : m_plan.certificates) check_certificate(planned);
    for (const PlannedList& planned : m_plan.lists) check_list(planned);
    check_files();
    if (m_options.pins) check_tokens();
    return {std::move(m_out), m_transcript.sha256(), std::move(m_certificates), std::move(m_lists)};
  }

 private:
  void note(Check check, std::string subject, std::string fault) {
    const Outcome outcome = fault.empty() ? Outcome::good : Outcome::bad;
    m_out.push_back({check, outcome, std::move(subject), std::move(fault)});
  }

  void check_head() {
    const auto& entries = m_transcript.entries();
    const bool is_ours =
        !entries.empty() && entries.front().event == "begin" && entries.front().text("plan") == to_hex(m_plan.sha256);
    note(Check::transcript, m_plan.name, is_ours ? "" : "another plan");
    if (!is_ours) return;
    std::vector<std::string> approvals;
    if (const json::Value* list = entries.front().data.find("approvals");
        list != nullptr && list->as_array() != nullptr)
      for (const json::Value& each : *list->as_array()) approvals.emplace_back(each.as_string().value_or(""));
    const auto persons = check_approvals(m_plan, approvals, entries.front().time);
    note(Check::approvals, m_plan.name,
         persons ? "" : fmt::format("{} {}", persons.error().code, persons.error().detail));
  }

  std::size_t count(std::string_view event, std::string_view key) const {
    return static_cast<std::size_t>(std::ranges::count_if(m_transcript.entries(), [&](const TranscriptEntry& entry) {
      return entry.event == event && entry.text("key") == key;
    }));
  }
  std::int64_t place(std::string_view event, std::string_view key) const {
    const TranscriptEntry* entry = m_transcript.find(event, "key", key);
    return entry != nullptr ? entry->number : 0;
  }
  // Each key once: announced, generated, its content linted, signed, stored, in this order.
  void check_order() {
    static constexpr std::array<std::string_view, 5> kSteps{"key.intent", "key.generated", "certificate.linted",
                                                            "certificate.signed", "certificate.stored"};
    for (const PlannedKey& key : m_plan.keys) {
      std::string fault;
      std::int64_t last = 0;
      for (const std::string_view step : kSteps) {
        const std::int64_t at = place(step, key.name);
        if (count(step, key.name) != 1 || at <= last) fault = fmt::format("{}: {} times", step, count(step, key.name));
        last = at;
      }
      note(Check::order, key.name, std::move(fault));
    }
    static const std::set<std::string_view> kOthers{"begin", "resumed", "end"};
    // Transcripts of before know nothing of a list's place in the token.
    for (const PlannedList& list : m_plan.lists)
      if (count("crl.stored", list.issuer) > 1 || (count("crl.stored", list.issuer) == 1 &&
                                                   place("crl.stored", list.issuer) < place("crl.signed", list.issuer)))
        note(Check::order, "crl.stored", list.issuer);
    for (const TranscriptEntry& entry : m_transcript.entries()) {
      const bool is_step = std::ranges::find(kSteps, entry.event) != kSteps.end();
      const bool is_planned =
          is_step && std::ranges::find(m_plan.keys, entry.text("key"), &PlannedKey::name) != m_plan.keys.end();
      const bool is_list =
          (entry.event == "crl.signed" || entry.event == "crl.stored") &&
          std::ranges::find(m_plan.lists, entry.text("key"), &PlannedList::issuer) != m_plan.lists.end();
      if (!is_planned && !is_list && !kOthers.contains(entry.event)) note(Check::order, entry.event, "not of the plan");
    }
    const auto& entries = m_transcript.entries();
    note(Check::order, "end", !entries.empty() && entries.back().event == "end" ? "" : "not finished");
  }

  std::optional<crypto::Certificate> certificate_in(std::string_view event, std::string_view key,
                                                    std::string_view member) const {
    const TranscriptEntry* entry = m_transcript.find(event, "key", key);
    const auto der = entry != nullptr ? from_base64(entry->text(member)) : Result<Bytes>(Bytes());
    if (!der) return std::nullopt;
    const auto certificate = crypto::Certificate::from_der(*der);
    return certificate ? std::optional(*certificate) : std::nullopt;
  }

  void check_certificate(const PlannedCertificate& planned) {
    const auto certificate = certificate_in("certificate.signed", planned.key, "certificate");
    const auto linted = certificate_in("certificate.linted", planned.key, "linting_certificate");
    const EarlierRoot* root = m_plan.earlier_root(planned.issuer);
    const auto issuer = root != nullptr ? std::optional(root->certificate)
                        : planned.issuer == planned.key
                            ? certificate
                            : certificate_in("certificate.signed", planned.issuer, "certificate");
    const TranscriptEntry* key = m_transcript.find("key.generated", "key", planned.key);
    if (!certificate || !linted || !issuer || key == nullptr)
      return note(Check::certificate, planned.key, "missing or not readable");
    std::string fault;
    if (!std::ranges::equal(certificate->tbs(), linted->tbs())) fault = "differs from what was linted";
    if (to_base64(certificate->public_key().spki()) != key->text("public_key")) fault = "certifies another key";
    if (!certificate->is_issued_by(*issuer)) fault = "not signed by its issuer";
    note(Check::certificate, planned.key, std::move(fault));
    check_lint(planned, *certificate, *issuer);
    m_certificates.emplace(planned.key, *certificate);
  }
  void check_lint(const PlannedCertificate& planned, const crypto::Certificate& certificate,
                  const crypto::Certificate& issuer) {
    const pki::ParsedCertificate parsed(issuer);
    std::string faults;
    for (const auto& breach : pki::lint::check(
             certificate.der(),
             {.lightest = pki::lint::Weight::error, .issuer = planned.issuer == planned.key ? nullptr : &parsed}))
      if (std::ranges::find(planned.profile.ignored_lints, breach.rule->id) == planned.profile.ignored_lints.end())
        faults.append(faults.empty() ? "" : ", ").append(breach.rule->id);
    note(Check::lint, planned.key, std::move(faults));
  }

  void check_list(const PlannedList& planned) {
    const TranscriptEntry* entry = m_transcript.find("crl.signed", "key", planned.issuer);
    const auto der = entry != nullptr ? from_base64(entry->text("crl")) : Result<Bytes>(Bytes());
    const auto issuer = m_certificates.find(planned.issuer);
    if (!der || der->empty() || issuer == m_certificates.end() || count("crl.signed", planned.issuer) != 1)
      return note(Check::list, planned.issuer, "missing, twice or not readable");
    // Its content is what this time and this issuer give; the signature is checked by itself.
    const auto this_update = parse_time(entry->text("this_update"));
    const auto content =
        this_update ? list_content(m_plan, planned, issuer->second, *this_update) : Result<Bytes>(this_update.error());
    crypto::der::Reader outer(*der);
    const auto whole = outer.expect(crypto::der::kSequence);
    crypto::der::Reader fields(whole ? whole->content : ByteView());
    const auto tbs = fields.next();
    const auto algorithm = fields.next();
    const auto bits = fields.next();
    const crypto::SignatureScheme scheme = m_plan.scheme_of(planned.issuer);
    const bool is_good = content && tbs && algorithm && bits && outer.at_end() && fields.at_end() &&
                         std::ranges::equal(tbs->whole, *content) && !bits->content.empty() &&
                         issuer->second.public_key().verify(scheme, crypto::digest(scheme.digest, tbs->whole),
                                                            tbs->whole, bits->content.subspan(1));
    note(Check::list, planned.issuer, is_good ? "" : "differs from its plan");
    m_lists.emplace(planned.issuer, *der);
  }

  // The files that this transcript must have led to, and no others in its list.
  void check_files() {
    if (m_certificates.size() != m_plan.certificates.size() + m_plan.roots.size() ||
        m_lists.size() != m_plan.lists.size())
      return;
    std::map<std::string, std::string> recorded;
    if (const TranscriptEntry* end = m_transcript.find("end"))
      if (const json::Value* list = end->data.find("files"); list != nullptr && list->as_array() != nullptr)
        for (const json::Value& each : *list->as_array())
          recorded.emplace(json::require_string(each, "name").value_or(""),
                           json::require_string(each, "sha256").value_or(""));
    for (const Product& product : products_of(m_plan, m_certificates, m_lists)) {
      const std::string hash = to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, product.content));
      const auto content = read_file(m_options.folder / product.name);
      const bool is_same = content && *content == product.content;
      const bool is_recorded = recorded.contains(product.name) && recorded.at(product.name) == hash;
      note(Check::file, product.name, !is_recorded ? "recorded otherwise" : is_same ? "" : "missing or changed");
      recorded.erase(product.name);
    }
    for (const auto& [name, hash] : recorded) note(Check::file, name, "not of the plan");
  }

  void check_tokens() {
    Tokens tokens(m_plan, *m_options.pins, m_options.default_module);
    for (const EarlierRoot& root : m_plan.roots)
      check_token(tokens, root.key, to_base64(root.certificate.public_key().spki()));
    for (const PlannedKey& key : m_plan.keys) {
      const TranscriptEntry* entry = m_transcript.find("key.generated", "key", key.name);
      check_token(tokens, key, entry != nullptr ? entry->text("public_key") : std::string());
    }
  }
  void check_token(Tokens& tokens, const PlannedKey& key, const std::string& wanted) {
    const auto found = tokens.find(key);
    if (!found && found.error().code == "token.not_found") {
      m_out.push_back({Check::key, Outcome::absent, key.name, key.token});
      return;
    }
    std::string fault;
    if (!found)
      fault = fmt::format("{} {}", found.error().code, found.error().detail);
    else if (!*found)
      fault = "not in its token";
    else if (to_base64((*found)->public_key.spki()) != wanted)
      fault = "another key";
    note(Check::key, key.name, std::move(fault));
  }

  const Plan& m_plan;
  const RecordOptions& m_options;
  Transcript m_transcript;
  std::map<std::string, crypto::Certificate> m_certificates;
  std::map<std::string, Bytes> m_lists;
  std::vector<Observation> m_out;
};

}  // namespace

std::string_view word_of(Check check) {
  static constexpr std::array<std::string_view, 8> kWords{"transcript", "approvals", "order", "certificate",
                                                          "list",       "lint",      "file",  "key"};
  return kWords.at(static_cast<std::size_t>(check));
}

bool RecordResult::is_good() const {
  return std::ranges::none_of(observations, [](const Observation& each) { return each.outcome == Outcome::bad; });
}

Result<RecordResult> check_record(const Plan& plan, const RecordOptions& options) {
  auto transcript = Transcript::read(options.folder / kTranscriptFile);
  if (!transcript && transcript.error().code != "vault.ceremony.transcript") return transcript.error();
  if (!transcript) {
    RecordResult out;
    out.observations.push_back(
        {Check::transcript, Outcome::bad, std::string(kTranscriptFile), transcript.error().detail});
    return out;
  }
  return Examiner(plan, options, *std::move(transcript)).run();
}

}  // namespace kyso::vault::ceremony
