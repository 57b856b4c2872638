#include "kyso/authority_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/name.h"
#include "pki/issue/certificate_request.h"

namespace kyso::app {
namespace {

using pki::GeneralName;
using pki::issue::CertificateRequest;

constexpr std::size_t kLabelWidth = 22;

struct ActWords {
  vault::Act act;
  const char *vietnamese, *english;
};
constexpr std::array<ActWords, 8> kActs = {{
    {vault::Act::issue, "Cấp chứng thư", "Issue certificates"},
    {vault::Act::revoke, "Thu hồi chứng thư", "Revoke certificates"},
    {vault::Act::suspend, "Tạm dừng chứng thư", "Suspend certificates"},
    {vault::Act::release, "Khôi phục chứng thư", "Release certificates from suspension"},
    {vault::Act::change_policy, "Thay đổi quy chế", "Change the policy"},
    {vault::Act::destroy_key, "Hủy khóa", "Destroy a key"},
    {vault::Act::export_log, "Xuất nhật ký", "Export the log"},
    {vault::Act::recover_token, "Khôi phục thiết bị (giải phóng mã SO-PIN)", "Recover tokens (release their SO-PINs)"},
}};

struct StateWords {
  std::string_view state;
  const char *vietnamese, *english;
};
constexpr std::array<StateWords, 10> kStates = {{
    {"waiting", "chờ duyệt", "waiting"},
    {"authorised", "đã đủ duyệt", "authorised"},
    {"done", "hoàn thành", "done"},
    {"rejected", "bị từ chối", "rejected"},
    {"expired", "hết hạn", "expired"},
    {"failed", "không thực hiện được", "failed"},
    {"good", "đang hiệu lực", "good"},
    {"suspended", "tạm dừng", "suspended"},
    {"revoked", "đã thu hồi", "revoked"},
    {"void", "đã hủy số hiệu", "void"},
}};

struct ReasonWords {
  int reason;
  std::string_view name;
  const char *vietnamese, *english;
};
// RFC 5280 section 5.3.1.
constexpr std::array<ReasonWords, 10> kReasons = {{
    {0, "unspecified", "không nêu lý do", "unspecified"},
    {1, "keyCompromise", "lộ khóa hoặc nghi lộ khóa", "key compromise"},
    {2, "cACompromise", "lộ khóa của cơ quan chứng thực", "compromise of the authority's key"},
    {3, "affiliationChanged", "thay đổi thông tin hoặc đơn vị công tác", "affiliation changed"},
    {4, "superseded", "được thay bằng chứng thư khác", "superseded"},
    {5, "cessationOfOperation", "không còn sử dụng", "cessation of operation"},
    {6, "certificateHold", "tạm dừng", "on hold"},
    {8, "removeFromCRL", "khôi phục sau tạm dừng", "released from hold"},
    {9, "privilegeWithdrawn", "thôi quyền sử dụng", "privilege withdrawn"},
    {10, "aACompromise", "lộ khóa của nguồn thuộc tính", "compromise of an attribute authority"},
}};

class Sheet {
 public:
  explicit Sheet(const Console& console) : m_console(console) {}
  void heading(const std::string& text) { m_text += text + "\n"; }
  void line(const char* vietnamese, const char* english, std::string_view value, int indent = 2) {
    labelled(m_console.pick(vietnamese, english), value, indent);
  }
  // The label may be somebody else's word, too.
  void labelled(std::string_view label, std::string_view value, int indent) {
    const std::string head = std::string(static_cast<std::size_t>(indent), ' ') + shown(label) + ":";
    m_text += pad_right(head, kLabelWidth) + " " + shown(value) + "\n";
  }
  std::string take() { return std::move(m_text); }

 private:
  const Console& m_console;
  std::string m_text;
};

std::string address_text(ByteView octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = octets.size() == 4 ? AF_INET : AF_INET6;
  return ::inet_ntop(family, octets.data(), text.data(), text.size()) == nullptr ? to_hex(octets) : text.data();
}

std::string name_text(const GeneralName& name) {
  using Kind = GeneralName::Kind;
  switch (name.kind) {
    case Kind::rfc822:
      return "email " + std::string(as_chars(name.value));
    case Kind::dns:
      return "dns " + std::string(as_chars(name.value));
    case Kind::uri:
      return "uri " + std::string(as_chars(name.value));
    case Kind::ip:
      return "ip " + address_text(name.value);
    case Kind::directory:
      if (const auto directory = crypto::Name::from_der(name.value)) return "directory " + directory->text();
      [[fallthrough]];
    default:
      return "DER " + to_hex(name.value);
  }
}

void add_key(Sheet& sheet, const CertificateRequest& line, const Console& console) {
  const auto csr = pki::issue::CertificationRequest::from_bytes(line.pkcs10);
  if (!csr)
    return sheet.line("KHÓA KHÔNG DÙNG ĐƯỢC", "UNUSABLE KEY", describe(csr.error(), console.language).message, 4);
  const crypto::PublicKey& key = csr->public_key();
  sheet.line("Khóa", "Key",
             console.text("{}, đã chứng minh giữ khóa bí mật", "{}, possession proven",
                          key.type() == crypto::KeyType::rsa ? fmt::format("RSA {}", key.bits()) : key.algorithm()),
             4);
  sheet.line("SHA-256 của khóa", "SHA-256 of the key",
             to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, key.spki())), 4);
}

void add_validity(Sheet& sheet, const CertificateRequest& line, const pki::issue::CertificateProfile* profile,
                  const Console& console) {
  const std::string from =
      line.not_before ? display_vietnam(*line.not_before) : console.pick("lúc cấp", "the time of issuing");
  std::string text;
  if (line.not_after) {
    text = console.text("từ {} đến {}", "from {} until {}", from, display_vietnam(*line.not_after));
  } else if (profile != nullptr) {
    const auto days = std::chrono::duration_cast<std::chrono::days>(profile->validity).count();
    text = console.text("từ {}, {} ngày theo mẫu", "from {}, for {} days as the profile says", from, days);
  } else {
    text = console.text("từ {}, theo thời hạn của mẫu", "from {}, for the profile's term", from);
  }
  sheet.line("Hiệu lực", "Validity", text, 4);
}

void add_certificate(Sheet& sheet, const CertificateRequest& line, const vault::Policy* policy,
                     const Console& console) {
  const pki::issue::CertificateProfile* profile = nullptr;
  if (policy != nullptr)
    if (const auto found = policy->profiles().find(line.profile); found != policy->profiles().end())
      profile = &found->second;
  sheet.line("Mẫu chứng thư", "Profile",
             line.profile + (profile == nullptr ? std::string() : " – " + profile->description), 4);
  sheet.heading(console.pick("    Chủ thể:", "    Subject:"));
  for (const auto& attribute : line.subject) sheet.labelled(attribute.type, attribute.value, 6);
  for (const GeneralName& name : line.alternative_names) sheet.line("Tên khác", "Other name", name_text(name), 4);
  add_key(sheet, line, console);
  add_validity(sheet, line, profile, console);
  if (line.replaces_serial)
    sheet.line("Thay cho chứng thư", "Replaces",
               (line.replaces_issuer ? *line.replaces_issuer + " " : std::string()) + *line.replaces_serial, 4);
}

void add_order(Sheet& sheet, const vault::RevocationOrder& order, const Console& console) {
  sheet.line("Lý do", "Reason", reason_text(order.reason, console), 4);
  if (order.invalid_since) sheet.line("Không tin cậy từ", "Invalid since", display_vietnam(*order.invalid_since), 4);
  if (!order.comment.empty()) sheet.line("Ghi chú", "Comment", order.comment, 4);
}

std::string person_text(const std::string& person, const vault::Policy& policy) {
  for (const vault::Officer& officer : policy.officers())
    if (officer.person == person) return fmt::format("{} ({})", officer.name, person);
  return person;
}

void add_recovery(Sheet& sheet, const vault::RecoveryOrder& order) {
  const auto digest = [](ByteView octets) { return to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, octets)); };
  sheet.line("Số sê-ri thiết bị", "Token", order.token_serial);
  sheet.line("Bản mã SO-PIN, SHA-256", "Escrow, SHA-256", digest(order.escrow));
  sheet.line("Khóa máy trạm, SHA-256", "Station, SHA-256", digest(order.station_key));
  sheet.line("Ghi chú", "Comment", order.comment);
}

}  // namespace

std::string act_text(vault::Act act, const Console& console) {
  const auto* const row = std::ranges::find(kActs, act, &ActWords::act);
  return console.pick(row->vietnamese, row->english);
}

std::string act_text(std::string_view name, const Console& console) {
  const auto act = vault::act_by_name(name);
  return act ? act_text(*act, console) : std::string(name);
}

std::string state_text(std::string_view state, const Console& console) {
  const auto* const row = std::ranges::find(kStates, state, &StateWords::state);
  return row == kStates.end() ? std::string(state) : console.pick(row->vietnamese, row->english);
}

std::string missing_text(const std::vector<std::pair<std::string, std::size_t>>& missing) {
  std::string out;
  for (const auto& [role, count] : missing) out += fmt::format("{}{} × {}", out.empty() ? "" : ", ", count, role);
  return out;
}

std::optional<int> reason_by_name(std::string_view name) {
  for (const ReasonWords& row : kReasons)
    if (fold_case(row.name) == fold_case(name) || std::to_string(row.reason) == name) return row.reason;
  return std::nullopt;
}

std::string reason_text(int reason, const Console& console) {
  const auto* const row = std::ranges::find(kReasons, reason, &ReasonWords::reason);
  if (row == kReasons.end()) return std::to_string(reason);
  return fmt::format("{} ({})", console.pick(row->vietnamese, row->english), row->name);
}

std::string request_text(const vault::Request& request, const vault::Policy* policy, const Console& console) {
  Sheet sheet(console);
  sheet.heading(fmt::format("{} {}", console.pick("Yêu cầu", "Request"), shown(request.id)));
  sheet.line("Việc", "Act", fmt::format("{} ({})", act_text(request.act, console), vault::name_of(request.act)));
  sheet.line("Cơ quan cấp", "Issuer", request.issuer);
  sheet.line("Mục đích", "Purpose", request.purpose);
  sheet.line("Lập lúc", "Made", display_vietnam(request.created));
  sheet.line("Hết hạn", "Expires", display_vietnam(request.expires));
  sheet.line("SHA-256", "SHA-256",
             to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(vault::serialize(request)))));
  std::size_t number = 0;
  for (const CertificateRequest& line : request.certificates) {
    sheet.heading(console.text("  Chứng thư {}/{}: {}", "  Certificate {}/{}: {}", ++number,
                               request.certificates.size(), shown(line.reference)));
    add_certificate(sheet, line, policy, console);
  }
  number = 0;
  for (const vault::RevocationOrder& order : request.revocations) {
    sheet.heading(console.text("  Chứng thư {}/{}: số hiệu {}", "  Certificate {}/{}: serial {}", ++number,
                               request.revocations.size(), shown(order.serial)));
    add_order(sheet, order, console);
  }
  number = 0;
  for (const vault::RecoveryOrder& order : request.recoveries) {
    sheet.heading(console.text("  Thiết bị {}/{}: {}", "  Token {}/{}: {}", ++number, request.recoveries.size(),
                               shown(order.reference)));
    add_recovery(sheet, order);
  }
  if (!request.key.empty()) sheet.line("Khóa bị hủy", "Key", request.key);
  if (request.act == vault::Act::change_policy) {
    sheet.line("Thay cho bản số", "Replaces version", std::to_string(request.policy_version));
    static const std::vector<vault::PolicyFile> kNone;
    sheet.heading(policy_changes(policy == nullptr ? kNone : policy->files(), request.policy_files, console));
  }
  return sheet.take();
}

std::string standing_text(const vault::Standing& standing, const vault::Policy& policy, const Console& console) {
  Sheet sheet(console);
  sheet.line("Người yêu cầu", "Requester", person_text(standing.requester, policy));
  for (const std::string& person : standing.approvers)
    sheet.line("Đã duyệt", "Approved by", person_text(person, policy));
  if (!standing.missing.empty()) sheet.line("Còn thiếu", "Missing", missing_text(standing.missing));
  sheet.line("Có giá trị đến", "Valid until", display_vietnam(standing.expires));
  return sheet.take();
}

Result<> check_keys(const vault::Request& request) {
  for (const CertificateRequest& line : request.certificates)
    KYSO_TRY(pki::issue::CertificationRequest::from_bytes(line.pkcs10));
  return {};
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = shown(cell);
  m_rows.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : m_rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], to_utf32(to_nfc(row[i])).size());
    }
  std::string out;
  for (const auto& row : m_rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      out += i + 1 == row.size() ? row[i] : pad_right(row[i], widths[i]) + "  ";
    out += "\n";
  }
  return out;
}

}  // namespace kyso::app
