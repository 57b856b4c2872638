#pragma once
#include <map>

#include "crypto/password.h"
#include "db/db_test_support.h"
#include "registry/desk/desk.h"
#include "registry/dossier/store.h"
#include "registry/organisation/store.h"
#include "vault/officers_test_support.h"

// For tests of the desk: an authority in memory that judges statements as the vault does, officers with passkeys, an
// organisation, dossiers that were submitted.
namespace kyso::registry::test {

inline std::vector<vault::PolicyFile> desk_policy_files() {
  auto files = vault::test::sample_files();
  files[0].content = vault::test::officers_toml({{"receiver", {"registration"}, {}, {"receiver-key"}},
                                                 {"checker", {"checking"}, {}, {"checker-key"}},
                                                 {"approver", {"approving"}, {}, {"approver-key"}},
                                                 {"approver2", {"approving", "checking"}, {}, {"approver2-key"}},
                                                 {"without", {"approving"}, {"without"}},
                                                 {"admin1", {"administrator"}, {"admin1"}},
                                                 {"admin2", {"administrator"}, {"admin2"}},
                                                 {"admin3", {"administrator"}, {"admin3"}},
                                                 {"auditor", {"auditor"}, {"auditor"}}});
  return files;
}

class MemoryAuthority final : public IssuingAuthority {
 public:
  MemoryAuthority(const Clock& clock, db::Database& database)
      : m_clock(clock),
        m_database(database),
        m_policy(std::make_shared<const vault::Policy>(must(vault::Policy::parse(1, desk_policy_files())))) {}

  bool is_away = false;  // requests stay authorised
  std::string fails_with, refuses_with;
  std::function<void()> meanwhile;  // once, when a statement is to be put on record
  bool loses_answers = false;       // what was put on record nobody hears of

  Result<AuthorityRequest> submit(std::string_view statement, const Within& within) override {
    const vault::SignedRequest statements{std::string(statement), {}};
    const auto standing = KYSO_TRY(vault::examine(*m_policy, statements, m_clock.now()));
    if (!refuses_with.empty()) return fail(refuses_with);
    const std::string id = standing.request.id;
    if (!m_requests.contains(id)) {
      KYSO_TRY(put_on_record(within));
      m_requests.emplace(id, statements);
    }
    if (loses_answers) return fail("db.commit.unknown");
    return request(id);
  }

  Result<AuthorityRequest> decide(const std::string& id, std::string_view statement, const Within& within) override {
    const auto found = m_requests.find(id);
    if (found == m_requests.end()) return fail("authority.request.missing").with("id", id);
    vault::SignedRequest with = found->second;
    if (std::ranges::find(with.approvals, statement) == with.approvals.end()) {
      with.approvals.emplace_back(statement);
      const auto standing = vault::examine(*m_policy, with, m_clock.now());
      if (!standing && standing.error().code != "vault.statement.rejected") return standing.error();
      KYSO_TRY(put_on_record(within));
      found->second = std::move(with);
    }
    if (loses_answers) return fail("db.commit.unknown");
    return request(id);
  }
  void forget(const std::string& id) { m_requests.erase(id); }
  std::size_t requests() const { return m_requests.size(); }

  Result<AuthorityRequest> request(const std::string& id) override {
    const auto found = m_requests.find(id);
    if (found == m_requests.end()) return fail("authority.request.missing").with("id", id);
    AuthorityRequest out;
    out.id = id;
    out.payload = KYSO_TRY(vault::payload_of(found->second.request, vault::kRequestType));
    const vault::Request asked = KYSO_TRY(vault::parse_request(out.payload));
    out.act = vault::name_of(asked.act);
    out.expires = asked.expires;
    const auto standing = vault::examine(*m_policy, found->second, m_clock.now());
    if (!standing) {
      out.state = standing.error().code == "vault.statement.rejected" ? "rejected" : "expired";
      return out;
    }
    out.requester = standing->requester;
    out.approvers = standing->approvers;
    out.missing = standing->missing;
    out.state = !out.missing.empty() ? "waiting" : is_away ? "authorised" : fails_with.empty() ? "done" : "failed";
    if (out.state == "failed") out.failure = fails_with;
    if (out.state == "done") carry_out(asked, out);
    return out;
  }

  Result<std::shared_ptr<const vault::Policy>> policy() override { return m_policy; }

  Result<IssuedCertificate> certificate(const std::string& issuer, const std::string& serial) override {
    const auto found = m_certificates.find({issuer, serial});
    if (found == m_certificates.end()) return fail("authority.certificate.missing").with("serial", serial);
    return found->second;
  }

  Result<Changes> changes(std::int64_t after, std::size_t) override {
    Changes out{{}, static_cast<std::int64_t>(m_changed.size())};
    for (std::size_t i = static_cast<std::size_t>(after); i < m_changed.size(); ++i)
      out.certificates.push_back(m_certificates.at(m_changed[i]));
    return out;
  }

  Result<std::vector<std::pair<std::string, Bytes>>> released_so_pins(const std::string&) override {
    return std::vector<std::pair<std::string, Bytes>>();
  }

  // Somebody revokes it without the portal.
  void revoke(const std::string& serial, int reason, const std::string& issuer = "CPCA_G1") {
    IssuedCertificate& certificate = m_certificates.at({issuer, serial});
    certificate.state = "revoked";
    certificate.reason = reason;
    certificate.changed = m_clock.now();
    m_changed.emplace_back(issuer, serial);
  }
  std::size_t certificates() const { return m_certificates.size(); }

 private:
  void carry_out(const vault::Request& asked, AuthorityRequest& out) {
    for (const auto& line : asked.certificates) {
      const auto known = std::ranges::find_if(m_certificates, [&](const auto& entry) {
        return entry.second.reference == line.reference && entry.second.request_id == asked.id;
      });
      if (known == m_certificates.end()) {
        // Each issuer counts by itself, so that two have certificates of one number.
        const auto count =
            std::ranges::count(m_certificates, asked.issuer, [](const auto& one) { return one.first.first; });
        const std::string serial = fmt::format("{:X}", 0x1000 + count);
        std::string subject;
        for (const auto& attribute : line.subject) subject += attribute.type + "=" + attribute.value + ",";
        m_certificates[{asked.issuer, serial}] = {asked.issuer,
                                                  serial,
                                                  "good",
                                                  line.reference,
                                                  line.profile,
                                                  subject,
                                                  asked.id,
                                                  m_clock.now(),
                                                  line.not_after.value_or(m_clock.now() + std::chrono::days(1826)),
                                                  {},
                                                  {},
                                                  Bytes{0x30, 0}};
        if (line.replaces_serial)
          revoke(normal_serial(*line.replaces_serial), 4, line.replaces_issuer.value_or(asked.issuer));
      }
    }
    for (const auto& [key, certificate] : m_certificates)
      if (certificate.request_id == asked.id) out.certificates.push_back(certificate);
    for (const auto& order : asked.revocations) {
      const std::pair key(asked.issuer, normal_serial(order.serial));
      IssuedCertificate& certificate = m_certificates.at(key);
      const std::string state = asked.act == vault::Act::revoke    ? "revoked"
                                : asked.act == vault::Act::suspend ? "suspended"
                                                                   : "good";
      if (certificate.state == state) continue;
      certificate.state = state;
      certificate.reason = order.reason;
      certificate.changed = m_clock.now();
      m_changed.push_back(key);
    }
  }

  Result<> put_on_record(const Within& within) {
    if (const auto other = std::exchange(meanwhile, nullptr)) other();
    return m_database.write([&](db::Transaction& transaction) { return within(transaction); });
  }

  const Clock& m_clock;
  db::Database& m_database;
  std::shared_ptr<const vault::Policy> m_policy;
  std::map<std::string, vault::SignedRequest> m_requests;
  std::map<std::pair<std::string, std::string>, IssuedCertificate> m_certificates;  // by issuer and serial
  std::vector<std::pair<std::string, std::string>> m_changed;
};

// A PKCS#10 with a new key.
inline Bytes certification_request() {
  const TestFolder folder;
  return to_bytes(
      output_of(fmt::format("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {}/k -subj "
                            "/CN=x 2>/dev/null",
                            folder.path().string())));
}

class SettableClock final : public Clock {
 public:
  Instant at = vault::test::now();
  Instant now() const override { return at; }
};

// Everything around one desk.
struct DeskWorld {
  db::Database& database;
  SettableClock clock;
  MemoryAuthority authority{clock, database};
  WorkingCalendar calendar =
      must(WorkingCalendar::load(std::filesystem::path(KYSO_SOURCE_DIR) / "share/calendar/holidays.toml"));
  Desk desk = with_issuer("CPCA_G1");
  Desk* at_work = &desk;  // which signs, prepares and issues
  std::string ministry = crypto::random_uuid(), office = crypto::random_uuid();

  explicit DeskWorld(db::Database& the_database) : database(the_database) {
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(store::add_nodes(transaction, {ministry, office}, clock.now()));
      Version top;
      top.organisation = ministry;
      top.from = Instant{};
      top.name = "Cơ quan mẫu";
      top.kind = "ministry";
      top.province = "01";
      Version below = top;
      below.organisation = office;
      below.parent = ministry;
      below.level = 2;
      below.name = "Trung tâm mẫu";
      return store::put_versions(transaction, {{ministry, {}, {top}}, {office, {}, {below}}});
    }));
  }

  // The desk as it is configured at some time: certificates come from this issuer.
  Desk with_issuer(const std::string& issuer) {
    DeskOptions options;
    options.issuer = issuer;
    return Desk({database, authority, calendar, clock, options});
  }

  static Caller officer(const std::string& person, Role role) {
    return {"account-" + person, person + "@example.vn", "Nguyễn Văn A", "authority", {role}, person, "s"};
  }
  Caller receiver = officer("receiver", Role::receiving), checker = officer("checker", Role::checking),
         approver = officer("approver", Role::approving);

  Line line(std::int64_t number, const std::string& name, Device device = Device::pkcs10) {
    Line out;
    out.id = crypto::random_uuid();
    out.number = number;
    out.form.name = name;
    out.form.identity = fmt::format("001087{:06}", number);
    out.form.email = fmt::format("nva{}@coquanmau.example.vn", number);
    out.form.position = "Chuyên viên";
    out.form.device = device;
    out.organisation = office;
    if (device == Device::pkcs10) {
      out.pkcs10 = Bytes(300, 0x30);
      out.key_sha256 = to_hex(crypto::random_bytes(32));
    }
    return out;
  }

  // About a certificate that was issued for a line.
  Line about(std::int64_t number, const Line& issued, std::string action, Device device = Device::pkcs10) {
    Line out = line(number, issued.form.name, device);
    out.form.issuer = issued.certificate_issuer;
    out.form.serial = issued.certificate_serial;
    out.form.action = std::move(action);
    if (out.form.action == "revoke") out.form.reason = 1;
    return out;
  }

  std::string submitted(DossierKind kind, std::vector<Line> lines) {
    return must(database.write([&](db::Transaction& transaction) -> Result<std::string> {
      Dossier dossier;
      dossier.id = crypto::random_uuid();
      dossier.code = KYSO_TRY(dossier_store::next_code(transaction, office, clock.now()));
      dossier.kind = kind;
      dossier.state = DossierState::submitted;
      dossier.organisation = office;
      dossier.organisation_chain = {"Cơ quan mẫu", "Trung tâm mẫu"};
      dossier.creator = "clerk";
      dossier.creator_email = "clerk@coquanmau.example.vn";
      dossier.form.letter_number = "12/TTM";
      dossier.form.letter_date = "2026-11-20";
      dossier.created = dossier.updated = clock.now();
      dossier.submitted = clock.now();
      dossier.line_count = static_cast<std::int64_t>(lines.size());
      KYSO_TRY(dossier_store::insert(transaction, dossier, {ministry, office}));
      for (Line& line : lines) line.dossier = dossier.id;
      KYSO_TRY(dossier_store::insert_lines(transaction, dossier, lines));
      for (const Line& line : lines)
        if (line.pkcs10) KYSO_TRY(dossier_store::set_pkcs10(transaction, line));
      return dossier.id;
    }));
  }

  Dossier dossier(const std::string& id) {
    return *must(database.read([&](db::Transaction& transaction) { return dossier_store::find(transaction, id); }));
  }
  std::vector<Line> lines(const std::string& id) {
    return must(database.read([&](db::Transaction& transaction) { return dossier_store::all_lines(transaction, id); }));
  }
  std::int64_t revision(const std::string& id) { return dossier(id).revision; }
  // How often the history tells of something.
  std::int64_t told(const std::string& id, const std::string& kind) {
    const auto events =
        must(database.read([&](db::Transaction& transaction) { return dossier_store::events(transaction, id, true); }));
    return std::ranges::count(events, kind, &HistoryEvent::kind);
  }

  // What this officer is offered to sign, signed with his passkey.
  Result<vault::PasskeyStatement> signed_offer(const Caller& caller, const std::string& id, bool approves = true,
                                               std::string passkey = {}) {
    const auto view = KYSO_TRY(at_work->statement(caller, id));
    if (view.type.empty()) return fail("test.nothing.to.sign");
    vault::PasskeyStatement statement;
    statement.type = view.type == "request" ? vault::kRequestType : vault::kApprovalType;
    statement.payload = approves ? view.payload : view.reject_payload;
    if (passkey.empty()) passkey = caller.person + "-key";
    statement.assertion = vault::test::passkey(passkey).authenticator->assert_for(
        vault::passkey_challenge(statement.type, statement.payload));
    return statement;
  }
  Result<> sign(const Caller& caller, const std::string& id, bool approves = true, std::string passkey = {}) {
    return at_work->sign(caller, id, KYSO_TRY(signed_offer(caller, id, approves, std::move(passkey))));
  }

  // Received, every line approved.
  void prepare(const std::string& id) {
    must(at_work->receive(receiver, id, revision(id)));
    must(at_work->decide(receiver, id, revision(id), {{"*", true, {}, {}, {}}}));
  }
  void issue(const std::string& id) {
    prepare(id);
    must(sign(receiver, id));
    must(sign(checker, id));
    must(sign(approver, id));
  }
};

}  // namespace kyso::registry::test
