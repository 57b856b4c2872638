#include "vault/statement.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/toml_key.h"
#include "vault/escrow.h"
#include "vault/statement_json.h"

namespace kyso::vault {
namespace {

using pki::GeneralName;
using pki::issue::CertificateRequest;
using pki::issue::SubjectAttribute;

constexpr TextRule kName{.max = 64, .min = 1};
constexpr TextRule kReference{.max = 200, .min = 1};
constexpr TextRule kComment{.max = 2000};
constexpr TextRule kSerial{.max = 40, .min = 2};
constexpr TextRule kAttributeType{.max = 64, .min = 1};
constexpr TextRule kAttributeValue{.max = 4096, .min = 1};
constexpr TextRule kBase64{.max = 90'000, .min = 4};  // of 64 KiB
constexpr TextRule kTokenSerial{.max = 64, .min = 1};
constexpr TextRule kEscrow{.max = 1400, .min = 4};     // of 1 KiB
constexpr TextRule kStationKey{.max = 400, .min = 4};  // of 300 octets
constexpr TextRule kFileName{.max = 128, .min = 1};
constexpr TextRule kFile{.max = 4U << 20U, .has_lines = true};
constexpr std::size_t kMaxFiles = 1000;
constexpr std::size_t kMaxAttributes = 64;

using Kind = GeneralName::Kind;
constexpr std::array<std::pair<Kind, std::string_view>, 5> kNameKinds = {{
    {Kind::rfc822, "rfc822"},
    {Kind::dns, "dns"},
    {Kind::ip, "ip"},
    {Kind::uri, "uri"},
    {Kind::directory, "directory"},
}};

bool is_text(Kind kind) {
  return kind == Kind::rfc822 || kind == Kind::dns || kind == Kind::uri;
}

bool is_revocation(Act act) {
  return act == Act::revoke || act == Act::suspend || act == Act::release;
}

// RFC 5280 section 5.3.1.
bool is_reason_of(Act act, std::int64_t reason) {
  constexpr int kCertificateHold = 6, kUnused = 7, kRemoveFromCrl = 8, kLast = 10;
  if (act == Act::suspend) return reason == kCertificateHold;
  if (act == Act::release) return reason == kRemoveFromCrl;
  return reason >= 0 && reason <= kLast && reason != kCertificateHold && reason != kUnused && reason != kRemoveFromCrl;
}

void write(StatementWriter& out, const GeneralName& name) {
  const auto* const row = std::ranges::find(kNameKinds, name.kind, [](const auto& each) { return each.first; });
  out.open('[').text(row == kNameKinds.end() ? "other" : row->second);
  if (is_text(name.kind)) {
    out.text(as_chars(name.value));
  } else {
    out.text(name.kind == Kind::ip ? to_hex(name.value) : to_base64(name.value));
  }
  out.close(']');
}

void write(StatementWriter& out, const CertificateRequest& line) {
  out.open('{').member("reference", line.reference).member("profile", line.profile).name("subject").open('[');
  for (const SubjectAttribute& each : line.subject) out.open('[').text(each.type).text(each.value).close(']');
  out.close(']');
  if (!line.alternative_names.empty()) {
    out.name("alternative_names").open('[');
    for (const GeneralName& name : line.alternative_names) write(out, name);
    out.close(']');
  }
  out.member("pkcs10", to_base64(line.pkcs10));
  if (line.not_before) out.member("not_before", *line.not_before);
  if (line.not_after) out.member("not_after", *line.not_after);
  if (line.replaces_serial) out.member("replaces_serial", *line.replaces_serial);
  if (line.replaces_issuer) out.member("replaces_issuer", *line.replaces_issuer);
  out.close('}');
}

void write(StatementWriter& out, const RevocationOrder& order) {
  out.open('{').member("serial", order.serial).member("reason", static_cast<std::int64_t>(order.reason));
  if (order.invalid_since) out.member("invalid_since", *order.invalid_since);
  out.member("comment", order.comment).close('}');
}

void write(StatementWriter& out, const RecoveryOrder& order) {
  out.open('{').member("reference", order.reference).member("token_serial", order.token_serial);
  out.member("escrow", to_base64(order.escrow)).member("station_key", to_base64(order.station_key));
  out.member("comment", order.comment).close('}');
}

void write_content(StatementWriter& out, const Request& request) {
  if (request.act == Act::issue) {
    out.name("certificates").open('[');
    for (const CertificateRequest& line : request.certificates) write(out, line);
    out.close(']');
  } else if (is_revocation(request.act)) {
    out.name("revocations").open('[');
    for (const RevocationOrder& order : request.revocations) write(out, order);
    out.close(']');
  } else if (request.act == Act::change_policy) {
    out.member("policy_version", request.policy_version).name("policy_files").open('[');
    for (const PolicyFile& file : request.policy_files)
      out.open('{').member("name", file.name).member("content", file.content).close('}');
    out.close(']');
  } else if (request.act == Act::destroy_key) {
    out.member("key", request.key);
  } else if (request.act == Act::recover_token) {
    out.name("recoveries").open('[');
    for (const RecoveryOrder& order : request.recoveries) write(out, order);
    out.close(']');
  }
}

// Two texts of an array: ["CN","Nguyễn Văn A"].
Result<std::pair<std::string_view, std::string_view>> read_pair(const json::Value& value, std::string_view member) {
  const auto* items = value.as_array();
  if (items == nullptr || items->size() != 2) return malformed(member, "[\"…\",\"…\"]");
  const auto first = (*items)[0].as_string(), second = (*items)[1].as_string();
  if (!first || !second) return malformed(member, "[\"…\",\"…\"]");
  return std::pair(*first, *second);
}

Result<SubjectAttribute> read_attribute(const json::Value& value) {
  const auto [type, text] = KYSO_TRY(read_pair(value, "subject"));
  KYSO_TRY(check_text("subject", type, kAttributeType));
  if (!is_plain_name(type)) return malformed("subject", type);
  KYSO_TRY(check_text(type, text, kAttributeValue));
  return SubjectAttribute{std::string(type), std::string(text)};
}

Result<GeneralName> read_general_name(const json::Value& value) {
  constexpr std::string_view kMember = "alternative_names";
  const auto [kind, text] = KYSO_TRY(read_pair(value, kMember));
  const auto* const row = std::ranges::find(kNameKinds, kind, [](const auto& each) { return each.second; });
  if (row == kNameKinds.end()) return malformed(kMember, "rfc822, dns, ip, uri, directory");
  KYSO_TRY(check_text(kMember, text, kAttributeValue));
  if (is_text(row->first)) {
    // IA5String (RFC 5280 section 4.2.1.6); names of other letters have their ASCII forms.
    if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; })) return malformed(kMember, "ASCII");
    return GeneralName{row->first, to_bytes(text)};
  }
  const auto bytes = row->first == Kind::ip ? from_hex(text) : from_base64(text);
  if (!bytes) return malformed(kMember, kind);
  if (row->first == Kind::ip && bytes->size() != 4 && bytes->size() != 16) return malformed(kMember, kind);
  return GeneralName{row->first, *bytes};
}

Result<CertificateRequest> read_line(const json::Value& value) {
  auto members = KYSO_TRY(StatementReader::open(value, "certificates"));
  CertificateRequest line;
  line.reference = KYSO_TRY(members.text("reference", kReference));
  line.profile = KYSO_TRY(members.text("profile", kName));
  if (!is_plain_name(line.profile)) return malformed("profile", "A-Z a-z 0-9 _ - .");
  for (const json::Value& each : *KYSO_TRY(members.array("subject", 0, kMaxAttributes)))
    line.subject.push_back(KYSO_TRY(read_attribute(each)));
  // An empty list is not written.
  if (const auto* names = KYSO_TRY(members.array_if_next("alternative_names", 1, kMaxAttributes)))
    for (const json::Value& each : *names) line.alternative_names.push_back(KYSO_TRY(read_general_name(each)));
  auto pkcs10 = from_base64(KYSO_TRY(members.text("pkcs10", kBase64)));
  if (!pkcs10) return malformed("pkcs10", "base64");
  line.pkcs10 = *std::move(pkcs10);
  line.not_before = KYSO_TRY(members.optional_instant("not_before"));
  line.not_after = KYSO_TRY(members.optional_instant("not_after"));
  if (line.not_before && line.not_after && *line.not_after <= *line.not_before)
    return malformed("not_after", "≤ not_before");
  line.replaces_serial = KYSO_TRY(members.optional_text("replaces_serial", kSerial));
  if (line.replaces_serial && !is_serial(*line.replaces_serial)) return malformed("replaces_serial", "0-9 A-F");
  line.replaces_issuer = KYSO_TRY(members.optional_text("replaces_issuer", kName));
  if (line.replaces_issuer && (!line.replaces_serial || !is_plain_name(*line.replaces_issuer)))
    return malformed("replaces_issuer", "A-Z a-z 0-9 _ - .");
  KYSO_TRY(members.finish());
  return line;
}

Result<RevocationOrder> read_order(const json::Value& value, Act act) {
  auto members = KYSO_TRY(StatementReader::open(value, "revocations"));
  RevocationOrder order;
  order.serial = KYSO_TRY(members.text("serial", kSerial));
  if (!is_serial(order.serial)) return malformed("serial", "0-9 A-F");
  const std::int64_t reason = KYSO_TRY(members.number("reason", 0, 10));
  if (!is_reason_of(act, reason)) return malformed("reason", fmt::format("{}", reason));
  order.reason = static_cast<int>(reason);
  order.invalid_since = KYSO_TRY(members.optional_instant("invalid_since"));
  order.comment = KYSO_TRY(members.text("comment", kComment));
  KYSO_TRY(members.finish());
  return order;
}

Result<Bytes> read_octets(StatementReader& members, std::string_view member, TextRule rule) {
  auto octets = from_base64(KYSO_TRY(members.text(member, rule)));
  if (!octets) return malformed(member, "base64");
  return octets;
}

Result<RecoveryOrder> read_recovery(const json::Value& value) {
  auto members = KYSO_TRY(StatementReader::open(value, "recoveries"));
  RecoveryOrder order;
  order.reference = KYSO_TRY(members.text("reference", kReference));
  order.token_serial = KYSO_TRY(members.text("token_serial", kTokenSerial));
  if (!std::ranges::all_of(order.token_serial, [](char c) { return c > 0x20 && c < 0x7F; }))
    return malformed("token_serial", "ASCII");
  order.escrow = KYSO_TRY(read_octets(members, "escrow", kEscrow));
  order.station_key = KYSO_TRY(read_octets(members, "station_key", kStationKey));
  if (!check_station_key(order.station_key)) return malformed("station_key", "P-256");
  order.comment = KYSO_TRY(members.text("comment", kComment));
  KYSO_TRY(members.finish());
  return order;
}

Result<PolicyFile> read_policy_file(const json::Value& value) {
  auto members = KYSO_TRY(StatementReader::open(value, "policy_files"));
  PolicyFile file{KYSO_TRY(members.text("name", kFileName)), KYSO_TRY(members.text("content", kFile))};
  KYSO_TRY(members.finish());
  if (!is_policy_file_name(file.name)) return malformed("name", file.name);
  return file;
}

// `key` of each must be another.
template <typename T, typename Key>
Result<> check_unique(const std::vector<T>& items, Key key, std::string_view member) {
  std::set<std::string_view> seen;
  for (const T& item : items)
    if (!seen.insert(key(item)).second) return malformed(member, key(item));
  return {};
}

Result<> read_content(StatementReader& members, Request& request) {
  if (request.act == Act::issue) {
    for (const json::Value& each : *KYSO_TRY(members.array("certificates", 1, kMaxLines)))
      request.certificates.push_back(KYSO_TRY(read_line(each)));
    // The request's own issuer is not written: one request has one text.
    if (std::ranges::any_of(request.certificates,
                            [&](const auto& line) { return line.replaces_issuer == request.issuer; }))
      return malformed("replaces_issuer", request.issuer);
    return check_unique(
        request.certificates, [](const auto& line) { return std::string_view(line.reference); }, "reference");
  }
  if (is_revocation(request.act)) {
    for (const json::Value& each : *KYSO_TRY(members.array("revocations", 1, kMaxLines)))
      request.revocations.push_back(KYSO_TRY(read_order(each, request.act)));
    return check_unique(
        request.revocations, [](const auto& order) { return std::string_view(order.serial); }, "serial");
  }
  if (request.act == Act::change_policy) {
    request.policy_version = KYSO_TRY(members.number("policy_version", 0, std::int64_t{1} << 52));
    for (const json::Value& each : *KYSO_TRY(members.array("policy_files", 1, kMaxFiles)))
      request.policy_files.push_back(KYSO_TRY(read_policy_file(each)));
    return check_unique(request.policy_files, [](const auto& file) { return std::string_view(file.name); }, "name");
  }
  if (request.act == Act::destroy_key) {
    request.key = KYSO_TRY(members.text("key", kName));
    if (!is_plain_name(request.key)) return malformed("key", "A-Z a-z 0-9 _ - .");
  }
  if (request.act == Act::recover_token) {
    for (const json::Value& each : *KYSO_TRY(members.array("recoveries", 1, kMaxLines)))
      request.recoveries.push_back(KYSO_TRY(read_recovery(each)));
    KYSO_TRY(check_unique(
        request.recoveries, [](const auto& order) { return std::string_view(order.reference); }, "reference"));
    return check_unique(
        request.recoveries, [](const auto& order) { return std::string_view(order.token_serial); }, "token_serial");
  }
  return {};
}

Result<Act> read_act(StatementReader& members) {
  const std::string name = KYSO_TRY(members.text("act", kName));
  const auto act = act_by_name(name);
  if (!act) return malformed("act", name);
  return *act;
}

Result<> read_times(StatementReader& members, Instant& created, Instant& expires) {
  created = KYSO_TRY(members.instant("created"));
  expires = KYSO_TRY(members.instant("expires"));
  if (expires <= created) return malformed("expires", "≤ created");
  return {};
}

Result<json::Value> parse_json(std::string_view text) {
  auto value = json::parse(text);
  if (!value) return malformed("JSON", value.error().detail);
  return *std::move(value);
}

}  // namespace

bool is_policy_file_name(std::string_view name) {
  if (name == "officers.toml" || name == "approval.toml" || name == "blocked-keys.txt") return true;
  constexpr std::string_view kFolder = "profiles/", kEnding = ".toml";
  if (!name.starts_with(kFolder) || !name.ends_with(kEnding) || name.size() <= kFolder.size() + kEnding.size())
    return false;
  name.remove_prefix(kFolder.size());
  name.remove_suffix(kEnding.size());
  return is_bare_key(name) && is_plain_name(name);
}

std::string serialize(const Request& request) {
  StatementWriter out;
  out.open('{').member("id", request.id).member("issuer", request.issuer).member("act", name_of(request.act));
  out.member("created", request.created).member("expires", request.expires).member("purpose", request.purpose);
  write_content(out, request);
  return out.close('}').take();
}

Result<Request> parse_request(std::string_view text) {
  const json::Value value = KYSO_TRY(parse_json(text));
  auto members = KYSO_TRY(StatementReader::open(value, "JSON"));
  Request request;
  request.id = KYSO_TRY(members.text("id", kName));
  if (!is_uuid(request.id)) return malformed("id", "UUID");
  request.issuer = KYSO_TRY(members.text("issuer", kName));
  if (!is_plain_name(request.issuer)) return malformed("issuer", "A-Z a-z 0-9 _ - .");
  request.act = KYSO_TRY(read_act(members));
  KYSO_TRY(read_times(members, request.created, request.expires));
  request.purpose = KYSO_TRY(members.text("purpose", kComment));
  KYSO_TRY(read_content(members, request));
  KYSO_TRY(members.finish());
  if (serialize(request) != text) return malformed("JSON", "not canonical");
  return request;
}

std::string serialize(const Approval& approval) {
  StatementWriter out;
  out.open('{').member("act", name_of(approval.act)).member("request", to_hex(approval.request_sha256));
  out.member("request_id", approval.request_id);
  out.member("decision", approval.decision == Decision::approve ? "approve" : "reject");
  out.member("created", approval.created).member("expires", approval.expires).member("comment", approval.comment);
  return out.close('}').take();
}

Result<Approval> parse_approval(std::string_view text) {
  const json::Value value = KYSO_TRY(parse_json(text));
  auto members = KYSO_TRY(StatementReader::open(value, "JSON"));
  Approval approval;
  approval.act = KYSO_TRY(read_act(members));
  const auto hash = from_hex(KYSO_TRY(members.text("request", kName)));
  if (!hash || hash->size() != 32) return malformed("request", "SHA-256");
  approval.request_sha256 = *hash;
  approval.request_id = KYSO_TRY(members.text("request_id", kName));
  if (!is_uuid(approval.request_id)) return malformed("request_id", "UUID");
  const std::string decision = KYSO_TRY(members.text("decision", kName));
  if (decision != "approve" && decision != "reject") return malformed("decision", decision);
  approval.decision = decision == "approve" ? Decision::approve : Decision::reject;
  KYSO_TRY(read_times(members, approval.created, approval.expires));
  approval.comment = KYSO_TRY(members.text("comment", kComment));
  KYSO_TRY(members.finish());
  if (serialize(approval) != text) return malformed("JSON", "not canonical");
  return approval;
}

}  // namespace kyso::vault
