#include "vault/ceremony/run.h"

#include <algorithm>

#include "base/file.h"
#include "crypto/der.h"
#include "pki/status/revocation_list_writer.h"
#include "vault/ceremony/approval.h"
#include "vault/ceremony/content.h"
#include "vault/ceremony/products.h"
#include "vault/ceremony/tokens.h"
#include "vault/ceremony/transcript.h"

namespace kyso::vault::ceremony {
namespace {

namespace fs = std::filesystem;
using pki::issue::Linted;

std::string sha256_hex(ByteView bytes) {
  return to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, bytes));
}

Error changed(const PlannedKey& key) {
  return fail("vault.ceremony.key_changed", "{} in {}", key.name, key.token)
      .with("key", key.name)
      .with("token", key.token);
}

class Ceremony {
 public:
  Ceremony(const Plan& plan, const RunOptions& options, Transcript transcript)
      : m_plan(plan),
        m_options(options),
        m_transcript(std::move(transcript)),
        m_tokens(plan, options.pins, options.default_module) {}

  Result<RunResult> run() {
    KYSO_TRY(check_clock());
    RunResult out;
    out.persons = KYSO_TRY(check_approvals(m_plan, m_options.approvals, now()));
    KYSO_TRY(require_own_transcript());
    if (m_transcript.find("end") == nullptr) KYSO_TRY(check_roots());
    KYSO_TRY(begin(out.persons));
    for (const PlannedKey& key : m_plan.keys) KYSO_TRY(make_key(key));
    for (const PlannedCertificate& planned : m_plan.certificates) KYSO_TRY(make_certificate(planned));
    for (const PlannedList& list : m_plan.lists) KYSO_TRY(make_list(list));
    for (const PlannedList& list : m_plan.lists) KYSO_TRY(remember(list));
    for (const PlannedCertificate& planned : m_plan.certificates) KYSO_TRY(store(planned));
    out.files = KYSO_TRY(write_files());
    if (m_transcript.find("end") == nullptr) KYSO_TRY(end(out.files));
    out.transcript_sha256 = m_transcript.sha256();
    return out;
  }

 private:
  Instant now() const { return m_options.clock->now(); }
  Result<> check_clock() const {
    const auto& entries = m_transcript.entries();
    if (!entries.empty() && now() < entries.back().time)
      return fail("vault.ceremony.clock").with("time", display_vietnam(entries.back().time));
    return {};
  }
  Result<> record(std::string event, const std::string& key, json::Value data) {
    KYSO_TRY(m_transcript.append(event, std::move(data), now()));
    if (m_options.progress) m_options.progress(event, key);
    return {};
  }
  static json::Value texts(std::span<const std::string> values) {
    json::Value list = json::Value::array();
    for (const std::string& value : values) list.push_back(value);
    return list;
  }

  Result<> require_own_transcript() const {
    if (m_transcript.entries().empty()) return {};
    const TranscriptEntry& first = m_transcript.entries().front();
    if (first.event == "begin" && first.text("plan") == to_hex(m_plan.sha256)) return {};
    return fail("vault.ceremony.other").with("path", m_options.folder.string());
  }
  Result<> begin(const std::vector<std::string>& persons) {
    json::Value data = json::Value::object();
    data.set("ceremony", m_plan.name).set("plan", to_hex(m_plan.sha256));
    data.set("persons", texts(persons)).set("approvals", texts(m_options.approvals));
    if (m_transcript.entries().empty()) return record("begin", {}, std::move(data));
    return m_transcript.find("end") != nullptr ? Result<>() : record("resumed", {}, std::move(data));
  }

  // Before any key is made: with another token, or after other lists, this plan can't be carried out.
  Result<> check_roots() {
    for (const EarlierRoot& root : m_plan.roots) KYSO_TRY(key_in_token(root.key));
    for (const PlannedList& list : m_plan.lists)
      if (m_plan.earlier_root(list.issuer) != nullptr && m_transcript.find("crl.signed", "key", list.issuer) == nullptr)
        KYSO_TRY(check_memory(list));
    return {};
  }
  // The list that the root's token holds must be the one that the plan continues, or an older one: whoever plans from
  // an outdated list would take back what was revoked since.
  Result<> check_memory(const PlannedList& planned) {
    const token::TokenEditor* editor = KYSO_TRY(m_tokens.editor(m_plan.token_of(m_plan.key_named(planned.issuer))));
    const std::int64_t last = planned.previous ? planned.previous->number().value_or(0) : 0;
    // None: of a ceremony of before, or a token that keeps nothing.
    for (const Bytes& held : KYSO_TRY(editor->find_data(memory_label(planned)))) {
      const auto known = KYSO_TRY(pki::RevocationList::from_der(held));
      const std::int64_t number = known.number().value_or(0);
      const bool is_previous = planned.previous && std::ranges::equal(known.sha256(), planned.previous->sha256());
      if (number >= last && !is_previous)
        return fail("vault.ceremony.list").with("issuer", planned.issuer).with("known", number);
    }
    return {};
  }
  static std::string memory_label(const PlannedList& list) { return list.issuer + ".crl"; }

  Result<> make_key(const PlannedKey& key) {
    if (m_transcript.find("key.generated", "key", key.name) != nullptr) return {};
    const bool was_announced = m_transcript.find("key.intent", "key", key.name) != nullptr;
    std::optional<token::KeyInToken> made = KYSO_TRY(m_tokens.find(key));
    if (made && !was_announced) return fail("vault.ceremony.key_exists").with("key", key.name).with("token", key.token);
    const bool is_found_again = made.has_value();
    if (!made) {
      json::Value intent = json::Value::object();
      intent.set("key", key.name).set("token", key.token).set("kind", token::name_of(key.kind));
      if (!was_announced) KYSO_TRY(record("key.intent", key.name, std::move(intent)));
      token::TokenEditor* editor = KYSO_TRY(m_tokens.editor(m_plan.token_of(key)));
      made = KYSO_TRY(
          editor->generate(key.kind, key.name,
                           key.purpose == KeyPurpose::escrow ? token::KeyUse::sign_and_decrypt : token::KeyUse::sign));
    }
    if (made->public_key.type() != type_of(key.kind)) return changed(key);
    KYSO_TRY(pki::issue::check_key(made->public_key));
    json::Value data = json::Value::object();
    data.set("key", key.name).set("token", key.token).set("kind", token::name_of(key.kind)).set("id", to_hex(made->id));
    data.set("uri", made->uri).set("public_key", to_base64(made->public_key.spki()));
    return record("key.generated", key.name, data.set("found_again", is_found_again));
  }

  // The key as the transcript or its certificate knows it, and the same in the token.
  Result<token::KeyInToken> key_in_token(const PlannedKey& key) {
    const EarlierRoot* root = m_plan.earlier_root(key.name);
    const TranscriptEntry* entry = m_transcript.find("key.generated", "key", key.name);
    const std::string wanted = root != nullptr    ? to_base64(root->certificate.public_key().spki())
                               : entry != nullptr ? entry->text("public_key")
                                                  : std::string();
    std::optional<token::KeyInToken> found = KYSO_TRY(m_tokens.find(key));
    if (!found || to_base64(found->public_key.spki()) != wanted) return changed(key);
    return *std::move(found);
  }
  // For signing, as long as it has no certificate with a bare one.
  Result<std::unique_ptr<crypto::KeyHolder>> holder_of(const PlannedKey& key) {
    const token::KeyInToken found = KYSO_TRY(key_in_token(key));
    const auto certificate = KYSO_TRY(signed_certificate(key.name));
    return m_tokens.holder(key, found, certificate ? *certificate : token::bare_certificate(found.public_key));
  }
  Result<std::optional<crypto::Certificate>> signed_certificate(const std::string& key) {
    if (const EarlierRoot* root = m_plan.earlier_root(key)) return std::optional(root->certificate);
    const TranscriptEntry* entry = m_transcript.find("certificate.signed", "key", key);
    if (entry == nullptr) return std::optional<crypto::Certificate>();
    const Bytes der = KYSO_TRY(from_base64(entry->text("certificate")));
    return std::optional(KYSO_TRY(crypto::Certificate::from_der(der)));
  }

  // What was linted, by this run or by one that was interrupted.
  Result<Linted> linted_content(const PlannedCertificate& planned, const pki::issue::IssuerSettings* issuer) {
    const pki::ParsedCertificate* issuer_certificate = issuer != nullptr ? &issuer->certificate : nullptr;
    if (const TranscriptEntry* entry = m_transcript.find("certificate.linted", "key", planned.key))
      return Linted::restore(KYSO_TRY(from_base64(entry->text("linting_certificate"))), planned.profile,
                             issuer_certificate);
    const PlannedKey& key = m_plan.key_named(planned.key);
    const token::KeyInToken found = KYSO_TRY(key_in_token(key));
    const auto holder = KYSO_TRY(holder_of(key));
    const Bytes request = KYSO_TRY(pki::issue::make_certification_request(found.public_key, planned.scheme, *holder));
    const Bytes serial = pki::issue::draw_serial(m_plan.instance);
    Linted linted = KYSO_TRY(prepare(planned, issuer, request, serial, now()));
    json::Value data = json::Value::object();
    data.set("key", planned.key).set("issuer", planned.issuer).set("profile", planned.profile.name);
    data.set("serial", to_hex(serial)).set("request", to_base64(request)).set("content", sha256_hex(linted.tbs()));
    KYSO_TRY(
        record("certificate.linted", planned.key, data.set("linting_certificate", to_base64(linted.certificate()))));
    return linted;
  }

  Result<> make_certificate(const PlannedCertificate& planned) {
    if (m_transcript.find("certificate.signed", "key", planned.key) != nullptr) return {};
    const PlannedKey& issuer_key = m_plan.key_named(planned.issuer);
    std::optional<pki::issue::IssuerSettings> issuer;
    if (planned.issuer != planned.key) {
      const auto certificate = KYSO_TRY(signed_certificate(planned.issuer));
      if (!certificate) return changed(issuer_key);
      issuer = issuer_settings(m_plan, planned, *certificate);
    }
    Linted linted = KYSO_TRY(linted_content(planned, issuer ? &*issuer : nullptr));
    const crypto::PublicKey issuer_public = KYSO_TRY(key_in_token(issuer_key)).public_key;
    const auto holder = KYSO_TRY(holder_of(issuer_key));
    const crypto::Certificate certificate = KYSO_TRY(pki::issue::sign(std::move(linted), *holder, issuer_public));
    json::Value data = json::Value::object();
    data.set("key", planned.key).set("issuer", planned.issuer).set("sha256", to_hex(certificate.sha256()));
    return record("certificate.signed", planned.key, data.set("certificate", to_base64(certificate.der())));
  }

  Result<> make_list(const PlannedList& planned) {
    if (m_transcript.find("crl.signed", "key", planned.issuer) != nullptr) return {};
    const PlannedKey& key = m_plan.key_named(planned.issuer);
    const auto certificate = KYSO_TRY(signed_certificate(planned.issuer));
    if (!certificate) return changed(key);
    const Instant this_update = now();
    const Bytes content = KYSO_TRY(list_content(m_plan, planned, *certificate, this_update));
    const crypto::SignatureScheme scheme = m_plan.scheme_of(planned.issuer);
    const Bytes digest = crypto::digest(scheme.digest, content);
    const auto holder = KYSO_TRY(holder_of(key));
    const Bytes signature =
        KYSO_TRY(holder->sign({.scheme = scheme, .digest = digest, .message = content, .shown_text = {}}));
    if (!certificate->public_key().verify(scheme, digest, content, signature)) return fail("issue.mismatch");
    const auto around = pki::status::envelope(content.size(), scheme, signature);
    json::Value data = json::Value::object();
    data.set("key", planned.issuer).set("number", planned.number).set("this_update", iso8601_vietnam(this_update));
    return record("crl.signed", planned.issuer,
                  data.set("crl", to_base64(crypto::der::concat(around.before, content, around.after))));
  }

  // In the root's token, so that the next list follows this one.
  Result<> remember(const PlannedList& planned) {
    if (m_transcript.find("crl.stored", "key", planned.issuer) != nullptr || m_transcript.find("end") != nullptr)
      return {};
    const Bytes list = KYSO_TRY(from_base64(m_transcript.find("crl.signed", "key", planned.issuer)->text("crl")));
    token::TokenEditor* editor = KYSO_TRY(m_tokens.editor(m_plan.token_of(m_plan.key_named(planned.issuer))));
    const Result<> stored = editor->store_data(memory_label(planned), list);
    // Not every device keeps such objects: then the operators alone know the last list.
    if (!stored && stored.error().code != "token.device") return stored;
    json::Value data = json::Value::object();
    return record("crl.stored", planned.issuer, data.set("key", planned.issuer).set("stored", stored.has_value()));
  }

  // Beside its key, with its issuers: the token alone is then enough to find the chain.
  Result<> store(const PlannedCertificate& planned) {
    if (m_transcript.find("certificate.stored", "key", planned.key) != nullptr) return {};
    const PlannedKey& key = m_plan.key_named(planned.key);
    const token::KeyInToken found = KYSO_TRY(key_in_token(key));
    token::TokenEditor* editor = KYSO_TRY(m_tokens.editor(m_plan.token_of(key)));
    KYSO_TRY(editor->store_certificate(found, *KYSO_TRY(signed_certificate(planned.key))));
    for (const std::string& issuer : m_plan.issuers_of(planned.key))
      KYSO_TRY(editor->store_issuer(issuer, *KYSO_TRY(signed_certificate(issuer))));
    json::Value data = json::Value::object();
    return record("certificate.stored", planned.key, data.set("key", planned.key).set("token", key.token));
  }

  Result<std::vector<ProducedFile>> write_files() {
    std::map<std::string, crypto::Certificate> certificates;
    for (const EarlierRoot& root : m_plan.roots) certificates.emplace(root.key.name, root.certificate);
    for (const PlannedCertificate& planned : m_plan.certificates)
      certificates.emplace(planned.key, *KYSO_TRY(signed_certificate(planned.key)));
    std::map<std::string, Bytes> lists;
    for (const PlannedList& list : m_plan.lists)
      lists.emplace(list.issuer,
                    KYSO_TRY(from_base64(m_transcript.find("crl.signed", "key", list.issuer)->text("crl"))));
    std::vector<ProducedFile> out;
    for (const Product& product : products_of(m_plan, certificates, lists)) {
      const fs::path path = m_options.folder / product.name;
      std::error_code problem;
      fs::create_directories(path.parent_path(), problem);
      if (problem) return fail("base.file.unwritable", "{}", problem.message()).with("path", path.string());
      OutputFile file = KYSO_TRY(OutputFile::create(path));
      KYSO_TRY(file.write(product.content));
      KYSO_TRY(file.commit());
      out.push_back({product.name, sha256_hex(product.content)});
    }
    return out;
  }

  Result<> end(const std::vector<ProducedFile>& files) {
    json::Value list = json::Value::array();
    for (const ProducedFile& file : files) {
      json::Value entry = json::Value::object();
      list.push_back(entry.set("name", file.name).set("sha256", file.sha256));
    }
    json::Value data = json::Value::object();
    return record("end", {}, data.set("files", list));
  }

  const Plan& m_plan;
  const RunOptions& m_options;
  Transcript m_transcript;
  Tokens m_tokens;
};

}  // namespace

Result<RunResult> run(const Plan& plan, const RunOptions& options) {
  // Nothing is touched before the approvals are good.
  KYSO_TRY(check_approvals(plan, options.approvals, options.clock->now()));
  std::error_code problem;
  fs::create_directories(options.folder, problem);
  if (problem) return fail("base.file.unwritable", "{}", problem.message()).with("path", options.folder.string());
  Transcript transcript = KYSO_TRY(Transcript::open(options.folder / kTranscriptFile));
  return Ceremony(plan, options, std::move(transcript)).run();
}

}  // namespace kyso::vault::ceremony
