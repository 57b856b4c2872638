#include <algorithm>

#include "base/text.h"
#include "registry/dossier/letters.h"

namespace kyso::registry {
namespace {

class Judgement {
 public:
  explicit Judgement(const LetterQuestion& question) : m_question(question) {}

  LetterJudgement run() {
    judge_signatures();
    m_out.is_signed_well = !blocks();
    judge_number();
    if (m_question.role == LetterRole::request) judge_rows();
    m_out.is_valid = !blocks();
    tell();
    return std::move(m_out);
  }

 private:
  const LetterVerdict& verdict() const { return m_question.letter.verdict; }
  const LetterContent& content() const { return m_question.letter.content; }
  bool blocks() const {
    return std::ranges::any_of(m_out.problems, [](const auto& one) { return one.level == Level::block; });
  }
  void say(Level level, std::string_view code, std::vector<std::pair<std::string, std::string>> params = {}) {
    m_out.problems.push_back(
        {std::string(code), level, {}, "letters/" + std::string(name_of(m_question.role)), std::move(params)});
  }

  const SubscriberCertificate* known(const LetterSigner& signer) const {
    const auto found =
        std::ranges::find(m_question.known, normal_serial(signer.serial), &SubscriberCertificate::serial);
    // Two authorities may have used one number: the name must be the same too.
    return found == m_question.known.end() || fold_case(found->name) != fold_case(signer.name) ? nullptr : &*found;
  }

  bool is_ours(const LetterSigner& signer, std::string_view name) const {
    if (const SubscriberCertificate* certificate = known(signer))
      return m_question.rules.organisations.contains(certificate->organisation);
    return m_question.rules.names.contains(fold_accents(name));
  }

  // Decree 30/2020 Art. 5.1: the authorised person and the organisation; portal guide, faults 1 and 6.
  void judge_signatures() {
    if (verdict().signers.empty()) {
      say(Level::block, "registry.letter.unsigned");
      return;
    }
    for (std::size_t i = 0; i < verdict().problems.size(); ++i) {
      const auto& [code, sentence] = verdict().problems[i];
      const std::string english = i < verdict().problems_en.size() ? verdict().problems_en[i].second : sentence;
      say(Level::block, "registry.letter.signature", {{"reason", sentence}, {"reason_en", english}, {"finding", code}});
    }
    if (!verdict().is_valid && verdict().problems.empty()) say(Level::block, "registry.letter.invalid");
    judge_seal();
    judge_head();
    for (const LetterSigner& signer : verdict().signers)
      if (!signer.time_stamp) say(Level::block, "registry.letter.no_time_stamp", {{"name", signer.name}});
  }

  void judge_seal() {
    bool has_seal = false, is_right = false;
    std::string other;
    for (const LetterSigner& signer : verdict().signers) {
      if (!signer.is_organisation) continue;
      has_seal = true;
      is_right = is_right || is_ours(signer, signer.name);
      other = signer.name;
    }
    if (!has_seal) {
      say(Level::block, "registry.letter.no_seal");
    } else if (!is_right) {
      say(Level::block, "registry.letter.other_seal", {{"name", other}});
    }
  }

  void judge_head() {
    const std::string& wanted = m_question.dossier.form.signer_name;
    bool has_person = false, is_right = false;
    std::string other;
    for (const LetterSigner& signer : verdict().signers) {
      if (signer.is_organisation) continue;
      has_person = true;
      other = signer.name;
      const SubscriberCertificate* certificate = known(signer);
      const bool is_of_us =
          certificate == nullptr || m_question.rules.organisations.contains(certificate->organisation);
      const bool is_wanted =
          wanted.empty() || m_question.role != LetterRole::request || same_person_name(wanted, signer.name);
      is_right = is_right || (is_of_us && is_wanted);
    }
    if (!has_person) {
      say(Level::block, "registry.letter.no_head");
    } else if (!is_right) {
      say(Level::block, "registry.letter.other_head", {{"name", other}, {"wanted", wanted.empty() ? "?" : wanted}});
    }
  }

  // "01/CV-CTS" and "1/CV-CTS" are one.
  static std::string plain_number(std::string_view number) {
    std::string out = fold_case(number);
    std::erase(out, ' ');
    out.erase(0, std::min(out.find_first_not_of('0'), out.size()));
    return out;
  }

  void judge_number() {
    const DossierForm& form = m_question.dossier.form;
    const bool is_request = m_question.role == LetterRole::request;
    const std::string& number = is_request ? form.letter_number : form.revocation_number;
    const std::string& date = is_request ? form.letter_date : form.revocation_date;
    if (content().number.empty()) {
      say(Level::warn, "registry.letter.number_unread");
    } else if (plain_number(content().number) != plain_number(number)) {
      say(Level::block, "registry.letter.number",
          {{"printed", content().number}, {"entered", number.empty() ? "(chưa nhập)" : number}});
    }
    if (content().date.empty()) {
      say(Level::warn, "registry.letter.date_unread");
    } else if (content().date != date) {
      say(Level::block, "registry.letter.date", {{"printed", shown(content().date)}, {"entered", shown(date)}});
    }
  }

  static std::string shown(const std::string& iso) {
    const std::optional<Day> day = parse_day(iso);
    return day ? display_day(*day) : "(chưa nhập)";
  }

  void judge_rows() {
    const Dossier& dossier = m_question.dossier;
    if (!content().has_marks()) {
      say(Level::warn, "registry.letter.unmarked");
      return;
    }
    if (content().dossier != dossier.id) {
      say(Level::block, "registry.letter.other_dossier");
      return;
    }
    if (content().count && *content().count != dossier.line_count) {
      say(Level::block, *content().count > dossier.line_count ? "registry.letter.count" : "registry.letter.count_more",
          {{"letter", fmt::format("{}", *content().count)}, {"lines", fmt::format("{}", dossier.line_count)}});
      return;
    }
    if (!m_question.rows_sha256.empty() && m_question.rows_sha256 != content().rows_sha256)
      say(Level::block, "registry.letter.rows");
  }

  void tell() {
    // The portal's own words (guide, part III).
    if (!m_out.is_signed_well) {
      m_out.text = "Văn bản/Hồ sơ ký số không hợp lệ";
      m_out.text_en = "The document's digital signatures are not valid";
      return;
    }
    std::string names;
    for (const LetterSigner& signer : verdict().signers) names += (names.empty() ? "" : "; ") + signer.name;
    m_out.text = "Văn bản/Hồ sơ ký số hợp lệ Ký bởi: " + names;
    m_out.text_en = "The document's digital signatures are valid. Signed by: " + names;
  }

  const LetterQuestion& m_question;
  LetterJudgement m_out;
};

}  // namespace

LetterJudgement judge_letter(const LetterQuestion& question) {
  return Judgement(question).run();
}

}  // namespace kyso::registry
