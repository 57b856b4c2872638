#include <algorithm>

#include "base/text.h"
#include "crypto/algorithm.h"
#include "registry/dossier/dossiers.h"
#include "registry/organisation/store.h"

namespace kyso::registry {
namespace {

LetterHead head_of(const Dossier& dossier, const std::string& addressee) {
  const std::vector<std::string>& chain = dossier.principal_chain();
  LetterHead head;
  if (!chain.empty()) head.organisation = chain.back();
  if (chain.size() > 1) head.superior = chain[chain.size() - 2];
  head.addressee = addressee;
  return head;
}

}  // namespace

Result<Bytes> Dossiers::export_letter(const Caller& caller, const std::string& id, LetterFormat format) {
  Dossier dossier;
  std::vector<Line> lines;
  KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<> {
    dossier = KYSO_TRY(find(transaction, caller, id));
    lines = KYSO_TRY(dossier_store::all_lines(transaction, id));
    return {};
  }));
  if (lines.empty()) return fail("registry.dossier.empty");
  const decree30::Letter letter = compose_letter(dossier, lines, head_of(dossier, m.settings.addressee));
  const decree30::LetterOptions options = letter_options(dossier, lines);
  return format == LetterFormat::pdf ? decree30::letter_to_pdf(letter, options)
                                     : decree30::letter_to_docx(letter, options);
}

Result<LetterRules> Dossiers::letter_rules(db::Transaction& transaction, const Dossier& dossier) const {
  LetterRules rules;
  // By every name that it goes by: certificates are older than the latest spelling.
  const auto add = [&](const Organisation& organisation) -> Result<> {
    rules.organisations.insert(organisation.id);
    rules.names.insert(fold_accents(organisation.name));
    for (const Alias& alias : KYSO_TRY(store::aliases(transaction, organisation.id)))
      if (alias.kind == Alias::Kind::name) rules.names.insert(fold_accents(alias.value));
    return {};
  };
  const Organisation principal = KYSO_TRY(Organisations::find_last(transaction, dossier.principal(), now()));
  KYSO_TRY(add(principal));
  // As it was called when the dossier was made: its seal may still say so.
  if (!dossier.principal_chain().empty()) rules.names.insert(fold_accents(dossier.principal_chain().back()));
  if (m.settings.superior_may_sign && principal.parent)
    KYSO_TRY(add(KYSO_TRY(Organisations::find_last(transaction, *principal.parent, now()))));
  return rules;
}

Result<std::vector<Dossiers::JudgedLetter>> Dossiers::judged_letters(db::Transaction& transaction,
                                                                     const Dossier& dossier) {
  std::vector<JudgedLetter> out;
  std::vector<AttachedLetter> attached = KYSO_TRY(dossier_store::letters(transaction, dossier.id));
  if (attached.empty()) return out;
  const LetterRules rules = KYSO_TRY(letter_rules(transaction, dossier));
  for (AttachedLetter& letter : attached) {
    JudgedLetter judged{std::move(letter), {}, {}};
    judged.checked = KYSO_TRY(checked_letter_from_json(judged.letter.verdict));
    std::vector<std::string> serials;
    for (const LetterSigner& signer : judged.checked.verdict.signers) serials.push_back(signer.serial);
    std::string rows;
    const LetterContent& content = judged.checked.content;
    if (content.has_marks() && content.revision != dossier.lines_revision)
      rows = rows_sha256(KYSO_TRY(dossier_store::all_lines(transaction, dossier.id)));
    judged.judgement = judge_letter({judged.letter.role, dossier, std::move(rows), judged.checked, rules,
                                     KYSO_TRY(certificate_store::by_serials(transaction, serials))});
    out.push_back(std::move(judged));
  }
  return out;
}

Result<Dossiers::JudgedLetter> Dossiers::attach_letter(const Caller& caller, const std::string& id, LetterRole role,
                                                       const std::string& file_name, Bytes file) {
  const Instant at = now();
  if (file.size() > m.settings.max_letter)
    return fail("registry.letter.large").with("limit", m.settings.max_letter >> 20U);
  if (!as_chars(file).starts_with("%PDF-")) return fail("registry.letter.kind");
  KYSO_TRY(m.database.read([&](db::Transaction& transaction) { return editable(transaction, caller, id); }));
  CheckedLetter checked;
  checked.content = KYSO_TRY(read_letter(file));
  checked.verdict = KYSO_TRY(m.letters.verify(file, at));
  checked.verified = at;
  AttachedLetter letter;
  letter.dossier = id;
  letter.role = role;
  letter.file_name = file_name;
  letter.size = static_cast<std::int64_t>(file.size());
  letter.sha256 = to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, file));
  letter.attached = at;
  letter.attached_by = caller.name;
  letter.verdict = to_json(checked);
  return m.database.write([&](db::Transaction& transaction) -> Result<JudgedLetter> {
    Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    KYSO_TRY(dossier_store::put_letter(transaction, letter, checked.verdict.report_json, file));
    KYSO_TRY(dossier_store::update(transaction, dossier, at));
    KYSO_TRY(record_event(transaction, dossier, &caller, "letter.attached",
                          {{"role", std::string(name_of(role))}, {"file", file_name}, {"sha256", letter.sha256}}, at));
    for (JudgedLetter& judged : KYSO_TRY(judged_letters(transaction, dossier)))
      if (judged.letter.role == role) return std::move(judged);
    return fail("base.internal", "the letter just attached is gone");
  });
}

Result<> Dossiers::remove_letter(const Caller& caller, const std::string& id, LetterRole role) {
  const Instant at = now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    if (!KYSO_TRY(dossier_store::remove_letter(transaction, id, role))) return fail("registry.letter.missing");
    KYSO_TRY(dossier_store::update(transaction, dossier, at));
    return record_event(transaction, dossier, &caller, "letter.removed", {{"role", std::string(name_of(role))}}, at);
  });
}

Result<std::pair<AttachedLetter, Bytes>> Dossiers::letter_file(const Caller& caller, const std::string& id,
                                                               LetterRole role) {
  return m.database.read([&](db::Transaction& transaction) -> Result<std::pair<AttachedLetter, Bytes>> {
    const Dossier dossier = KYSO_TRY(find(transaction, caller, id));
    for (AttachedLetter& letter : KYSO_TRY(dossier_store::letters(transaction, dossier.id))) {
      if (letter.role != role) continue;
      std::optional<Bytes> content = KYSO_TRY(dossier_store::letter_content(transaction, id, role));
      if (content) return std::pair(std::move(letter), *std::move(content));
    }
    return fail("registry.letter.missing");
  });
}

// A verdict made yesterday may be wrong today: a signer's certificate was revoked meanwhile. One that was made while
// the signer's authority was away says nothing lasting.
Result<> Dossiers::refresh_verdicts(const Caller& caller, const std::string& id) {
  const Instant at = now();
  const std::vector<AttachedLetter> attached =
      KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<std::vector<AttachedLetter>> {
        KYSO_TRY(find(transaction, caller, id));
        return dossier_store::letters(transaction, id);
      }));
  for (AttachedLetter letter : attached) {
    CheckedLetter checked = KYSO_TRY(checked_letter_from_json(letter.verdict));
    const std::chrono::seconds life = checked.verdict.is_final ? m.settings.verdict_life : m.settings.doubt_life;
    if (at - checked.verified < life) continue;
    const auto content = KYSO_TRY(m.database.read(
        [&](db::Transaction& transaction) { return dossier_store::letter_content(transaction, id, letter.role); }));
    if (!content) continue;
    checked.verdict = KYSO_TRY(m.letters.verify(*content, at));
    checked.verified = at;
    letter.verdict = to_json(checked);
    KYSO_TRY(m.database.write([&](db::Transaction& transaction) {
      return dossier_store::set_verdict(transaction, letter, checked.verdict.report_json);
    }));
  }
  return {};
}

}  // namespace kyso::registry
