#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/error_text.h"
#include "base/time.h"
#include "json/json.h"
#include "registry/checks/checks.h"
#include "registry/dossier/states.h"
#include "registry/web/caller.h"

// Dossiers and their lines.
namespace kyso::registry {

// The six kinds, numbered as the forms (Mẫu 01 to 06 of Decree 68/2024/NĐ-CP).
enum class DossierKind : std::uint8_t { person = 1, organisation, device, change, revocation, recovery };
inline constexpr std::array kDossierKinds = {DossierKind::person, DossierKind::organisation, DossierKind::device,
                                             DossierKind::change, DossierKind::revocation,   DossierKind::recovery};
std::string_view code_of(DossierKind kind);  // "01"
std::optional<DossierKind> dossier_kind_by_code(std::string_view code);
std::string_view abbreviation_of(DossierKind kind);   // "CMCTSCN"
std::string_view vietnamese_title(DossierKind kind);  // "01 - Danh sách đề nghị cấp mới chứng thư số cho cá nhân"
std::string_view english_title(DossierKind kind);
// Kinds 04 to 06 are about a certificate that exists.
inline bool is_about_certificate(DossierKind kind) {
  return kind >= DossierKind::change;
}

// Where the desk is with a dossier.
enum class Step : std::uint8_t { none, lines, keys, statement, approval, issuing, delivery, done };
std::string_view name_of(Step step);
std::optional<Step> step_by_name(std::string_view name);

enum class Device : std::uint8_t { token, pkcs10, sim_pki, central };
std::string_view name_of(Device device);
std::optional<Device> device_by_name(std::string_view name);

enum class Population : std::uint8_t { unchecked, matches, differs, unknown, waiting };
std::string_view name_of(Population population);
std::optional<Population> population_by_name(std::string_view name);

// What a check found. Sentences are made from the code at the edge (base/error_text.h).
using Level = CheckLevel;
std::optional<Level> level_by_name(std::string_view name);
struct DossierFinding {
  std::string code;  // "registry.line.identity"
  Level level = Level::warn;
  std::string line;   // id, or empty: of the dossier
  std::string field;  // "email"
  std::vector<std::pair<std::string, std::string>> params;
  // Stable within the dossier: "line/code/field".
  std::string id() const;
  // For base/error_text.h. A parameter "x_en" stands for "x" in English.
  Error error(Language language = Language::vietnamese) const;
  friend bool operator==(const DossierFinding&, const DossierFinding&) = default;
};
json::Value findings_to_json(const std::vector<DossierFinding>& findings);  // as stored
Result<std::vector<DossierFinding>> findings_from_json(std::string_view text);

// Why somebody let a finding pass.
struct Override {
  std::string finding, reason, account, by_name;
  Instant at{};
};

// Days are "YYYY-MM-DD" everywhere here; "" is none.

struct Receiver {  // người tiếp nhận; người phối hợp thực hiện khôi phục
  std::string name, identity, identity_date, identity_place, position, phone, email, address, province;
  bool is_empty() const;
  friend bool operator==(const Receiver&, const Receiver&) = default;
};

// What a clerk enters besides lines.
struct DossierForm {
  std::optional<std::int64_t> stated_count;  // Số lượng YC
  Receiver receiver;
  std::string letter_number, letter_subject, letter_date;  // Số công văn, Trích yếu, Ngày ban hành
  std::string signer_name, signer_position, signer_capacity, place;
  bool has_revocation_letter = false;
  std::string revocation_number, revocation_date;
  Receiver coordinator;  // 06
  std::string note;
  friend bool operator==(const DossierForm&, const DossierForm&) = default;
};

struct Dossier {
  std::int64_t number = 0;  // the order of creation; lists and scopes use it
  std::string id, code;
  DossierKind kind = DossierKind::person;
  DossierState state = DossierState::draft;
  Step step = Step::none;
  std::int64_t revision = 0, lines_revision = 0;
  std::string organisation;  // who files it
  std::vector<std::string> organisation_chain;
  std::optional<std::string> on_behalf_of, delegation;
  std::vector<std::string> on_behalf_of_chain;
  bool central_signing = false;
  std::string source = "ONLINE";
  std::string creator, creator_name, creator_email;
  std::optional<std::string> handler, handler_name;
  std::int64_t line_count = 0, lines_approved = 0, lines_returned = 0, lines_issued = 0;
  DossierForm form;
  Instant created{}, updated{};
  std::optional<Instant> submitted, resubmitted, received, due, finished;
  std::string appointment;
  Instant urgent{};  // the order of queues: due, or since when it waits
  std::string reason;
  std::string request_id, request_state;
  json::Value hand_over;  // null, or what the desk's hand-over form has

  // The organisation that asks: the delegating one, or the one that files.
  const std::string& principal() const { return on_behalf_of ? *on_behalf_of : organisation; }
  const std::vector<std::string>& principal_chain() const {
    return on_behalf_of ? on_behalf_of_chain : organisation_chain;
  }
};

// A row of the list, as entered: every column of every kind. Which ones count depends on the kind.
inline constexpr std::size_t kMaxOrganisationNames = 4, kMaxDnsNames = 100;
struct LineForm {
  std::string name, date_of_birth, identity, identity_date, identity_place, email;
  std::string organisation;                     // id
  std::vector<std::string> organisation_names;  // or the names of its levels
  std::string province, position, phone, old_serial;
  std::optional<Device> device;
  std::string sim_operator;
  bool sim_keep_number = false;  // "cs"
  std::string tax_code, budget_code, address;
  std::string subject_kind;            // 03: device, service, software
  std::vector<std::string> dns_names;  // 03
  std::string manager;                 // 03
  std::string issuer, serial;          // 04 to 06
  std::string action;                  // renew, change, suspend, release, revoke, recover
  std::optional<std::int64_t> reason;  // 05: CRLReason
  std::string reason_text, token_serial, sector;
  std::optional<bool> is_authorised_person, does_finance, owns_number;
  std::string phone_os, phone_os_version, computer_os_version;
  std::string note;
  friend bool operator==(const LineForm&, const LineForm&) = default;
};

struct Line {
  std::string id, dossier;
  std::int64_t number = 0;    // place in the list, from 1
  std::int64_t revision = 1;  // grows with what people change
  LineState state = LineState::pending;
  LineForm form;
  std::string organisation;  // id; empty while it is not known
  std::vector<std::string> organisation_chain;
  std::vector<DossierFinding> findings;
  Population population = Population::unchecked;
  std::optional<Bytes> pkcs10;  // left out by lists; has_key() tells
  std::string key_sha256;
  std::string token_serial;  // of the token that was personalised
  std::string profile, valid_to, decision_reason, decided_by;
  std::string certificate_issuer, certificate_serial;
  std::string failure;
  Instant updated{};
  bool has_key() const { return !key_sha256.empty(); }
};
// Of the findings; nullopt when there are none.
std::optional<Level> worst_of(const std::vector<DossierFinding>& findings);

// Reading and writing JSON of the interface (api/openapi.yaml). Text is made NFC and trimmed; a member of another type
// or too long: registry.input.member {member}.
Result<DossierForm> dossier_form_from_json(const json::Value& object);
json::Value to_json(const DossierForm& form);
Result<Receiver> receiver_from_json(const json::Value& object);
json::Value to_json(const Receiver& receiver);
Result<LineForm> line_form_from_json(const json::Value& object);
json::Value to_json(const LineForm& form);
// Whether line_form_from_json takes this text for that member; of lists ("organisation_names", "dns_names") one item.
bool fits_line(std::string_view member, std::string_view text);
json::Value names_to_json(const std::vector<std::string>& names);
Result<std::vector<std::string>> names_from_json(std::string_view text);

enum class LetterRole : std::uint8_t { request, revocation };
std::string_view name_of(LetterRole role);
std::optional<LetterRole> letter_role_by_name(std::string_view name);
struct AttachedLetter {
  std::string dossier;
  LetterRole role = LetterRole::request;
  std::string file_name, sha256;
  std::int64_t size = 0;
  Instant attached{};
  std::string attached_by;
  json::Value verdict;  // letter_judgement.h reads and writes it
};

struct Note {
  Instant at{};
  std::string account, by_name, text;
  bool is_internal = false;  // officers only
};

// What happened to a dossier: a row of its history. Parameters fill the sentence of the kind (history.h).
struct HistoryEvent {
  Instant at{};
  std::string kind;     // "submitted", "received", "line.returned", …
  std::string account;  // empty: the system
  std::string by_name;
  std::vector<std::pair<std::string, std::string>> params;
  bool is_internal = false;
};

// A certificate as the registry knows it.
struct SubscriberCertificate {
  std::int64_t number = 0;
  std::string issuer, serial;   // serial: hexadecimal, upper case, without leading zeros
  std::string kind = "person";  // person, organisation, device, service, software
  Device device = Device::token;
  std::string device_serial, iccid, name, subject, email, identity, tax_code, budget_code, phone;
  std::string organisation;
  std::vector<std::string> organisation_chain;
  std::string province, profile;
  std::string state = "good";  // good, suspended, revoked; expired is a matter of time
  std::optional<std::int64_t> reason;
  bool was_renewed = false;  // revoked because of renewal or change: "Đã thu hồi(GHTĐTT)"
  std::optional<Instant> changed;
  Instant not_before{}, not_after{};
  std::string replaces, replaced_by;                // serial numbers
  std::string replaces_issuer, replaced_by_issuer;  // empty: its own issuer
  std::string dossier, line, request_id;
  bool is_stale = false;
  Instant recorded{};
  Bytes der;  // left out by lists
};
// "31c106" or "0031C106" → "31C106"; empty when it is no hexadecimal number of at most 20 bytes.
std::string normal_serial(std::string_view text);

}  // namespace kyso::registry
