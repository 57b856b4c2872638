#include "checker.h"

#include <fstream>
#include <sstream>

#include "audit/verify.h"
#include "crypto/algorithm.h"
#include "vault/server/journal.h"

namespace kyso::faults {
namespace {

constexpr std::int64_t kSigned = 1, kVoid = 2;
constexpr std::int64_t kAllEntries = 1'000'000'000;

std::string describe(const Error& error) {
  return fmt::format("{} {}", error.code, error.detail);
}

}  // namespace

void Checker::read_acknowledgements() {
  std::ifstream file(m_world.acknowledgements());
  file.seekg(m_read);
  std::string line;
  while (std::getline(file, line)) {
    m_read += static_cast<std::streamoff>(line.size()) + 1;
    std::istringstream words(line.substr(1));
    std::string first, second, third;
    words >> first >> second >> third;
    switch (line[0]) {
      case 'S':
        m_submitted.insert(first);
        ++m_tally.submitted;
        break;
      case 'A':
        m_approved.emplace(first, second);
        ++m_tally.approved;
        break;
      case 'I':
        if (!m_acknowledged.emplace(second, Acknowledged{.request = first, .sha256 = third}).second)
          wrong("two certificates of one serial number were delivered: " + second);
        ++m_tally.issued;
        break;
      case 'W':
        m_acknowledged[first].may_change = true;
        break;
      case 'X':
        m_acknowledged[first].state = second;
        m_acknowledged[first].reason = third;
        m_acknowledged[first].may_change = false;
        ++m_tally.changed;
        break;
      default:
        wrong("unexplained error: " + line);
    }
  }
}

Result<> Checker::read_vault() {
  const auto database =
      KYSO_TRY(db::Database::open({.url = "sqlite:" + m_world.vault_database().string(), .connections = 1}));
  vault::Journal journal(*database, system_clock());
  KYSO_TRY(journal.check_chain(kAllEntries));
  m_intents.clear();
  m_tally.prepared = m_tally.signed_by_vault = m_tally.voided = 0;
  return database->read([&](db::Transaction& transaction) -> Result<> {
    for (const db::Row& row : KYSO_TRY(
             transaction.query("SELECT request, reference, state, linting, certificate, serial FROM intent", {}))) {
      Intent intent{KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)),
                    KYSO_TRY(row.get<std::int64_t>(2)), KYSO_TRY(row.get<Bytes>(3)),
                    KYSO_TRY(row.get<std::optional<Bytes>>(4)).value_or(Bytes())};
      ++m_tally.prepared;
      m_tally.signed_by_vault += intent.state == kSigned;
      m_tally.voided += intent.state == kVoid;
      const std::string serial = to_hex(KYSO_TRY(row.get<Bytes>(5)));
      if (!m_intents.emplace(serial, std::move(intent)).second)
        wrong("the vault used a serial number twice: " + serial);
    }
    for (const char* sql :
         {"SELECT request || '/' || line, COUNT(*) FROM intent GROUP BY request, line HAVING COUNT(*) > 1",
          "SELECT body, COUNT(*) FROM journal WHERE kind = 'intent.signed' GROUP BY body "
          "HAVING COUNT(*) > 1"})
      for (const db::Row& row : KYSO_TRY(transaction.query(sql, {})))
        wrong("issued twice: " + KYSO_TRY(row.get<std::string>(0)));
    for (const db::Row& row : KYSO_TRY(transaction.query("SELECT issuer, scope, number FROM crl_number", {}))) {
      const std::string name = "vault " + to_hex(KYSO_TRY(row.get<Bytes>(1)));
      const auto number = KYSO_TRY(row.get<std::int64_t>(2));
      if (number < m_numbers[name]) wrong("list number went backwards: " + name);
      m_numbers[name] = number;
    }
    return {};
  });
}

Result<> Checker::read_database() {
  const auto database = KYSO_TRY(open_database(m_world));
  m_stored.clear();
  m_requests.clear();
  m_events.clear();
  return database->read([&](db::Transaction& transaction) -> Result<> {
    for (const db::Row& row : KYSO_TRY(transaction.query(
             "SELECT serial, request_id, reference, state, reason, der FROM certificate ORDER BY serial", {}))) {
      const auto reason = KYSO_TRY(row.get<std::optional<std::int64_t>>(4));
      const auto der = KYSO_TRY(row.get<std::optional<Bytes>>(5));
      m_stored[to_hex(KYSO_TRY(row.get<Bytes>(0)))] = {KYSO_TRY(row.get<std::string>(1)),
                                                       KYSO_TRY(row.get<std::string>(2)),
                                                       KYSO_TRY(row.get<std::string>(3)),
                                                       reason ? std::to_string(*reason) : "-",
                                                       der.value_or(Bytes()),
                                                       der.has_value()};
    }
    for (const db::Row& row : KYSO_TRY(transaction.query("SELECT id, state FROM request", {})))
      m_requests[KYSO_TRY(row.get<std::string>(0))] = KYSO_TRY(row.get<std::string>(1));
    for (const db::Row& row : KYSO_TRY(transaction.query("SELECT request_id, person FROM approval", {})))
      m_approvals.emplace(KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)));
    std::int64_t expected = 0;
    for (const db::Row& row :
         KYSO_TRY(transaction.query("SELECT sequence, serial, state FROM status_event ORDER BY sequence", {}))) {
      if (KYSO_TRY(row.get<std::int64_t>(0)) != ++expected) wrong("a gap in the status events");
      m_events[to_hex(KYSO_TRY(row.get<Bytes>(1)))] = KYSO_TRY(row.get<std::string>(2));
    }
    const db::Row counter = KYSO_TRY(transaction.one("SELECT value FROM counter WHERE name = 'status'"));
    if (KYSO_TRY(counter.get<std::int64_t>(0)) != expected) wrong("the counter of status events has gone astray");
    m_tally.status_events = static_cast<std::size_t>(expected);
    for (const db::Row& row : KYSO_TRY(transaction.query(
             "SELECT scope, MAX(number), COUNT(*) FROM revocation_list GROUP BY scope ORDER BY scope", {}))) {
      const std::string name = "list " + KYSO_TRY(row.get<std::string>(0));
      const auto number = KYSO_TRY(row.get<std::int64_t>(1));
      if (number < m_numbers[name]) wrong("list number went backwards: " + name);
      m_numbers[name] = number;
    }
    return {};
  });
}

// What the vault signed is what was linted, and it is signed by the authority.
void Checker::check_certificate(const std::string& serial, const Intent& intent) {
  const auto whole = crypto::Certificate::from_der(intent.certificate);
  const auto linted = crypto::Certificate::from_der(intent.linting);
  if (!whole || !linted || !std::ranges::equal(whole->tbs(), linted->tbs()))
    return wrong("signed something else than was linted: " + serial);
  if (!whole->verify_signature(issuer_certificate().public_key())) wrong("a signature that does not verify: " + serial);
}

void Checker::compare_signed(const std::string& serial, const Intent& intent) {
  const auto stored = m_stored.find(serial);
  if (intent.state == kSigned) {
    if (m_seen_void.contains(serial)) wrong("signed after it was given up: " + serial);
    if (m_seen_signed.insert(serial).second) check_certificate(serial, intent);
    if (stored == m_stored.end()) return wrong("signed but not on record: " + serial);
    if (stored->second.der != intent.certificate) wrong("on record with other octets: " + serial);
    if (stored->second.state == "void") wrong("signed, and on record as void: " + serial);
  } else {
    if (m_seen_signed.contains(serial)) wrong("was signed, and is not any more: " + serial);
    if (intent.state == kVoid) m_seen_void.insert(serial);
    if (stored != m_stored.end() && stored->second.is_signed) wrong("on record but not signed: " + serial);
  }
}

void Checker::compare() {
  std::map<std::pair<std::string, std::string>, int> lines;
  for (const auto& [serial, intent] : m_intents) {
    compare_signed(serial, intent);
    if (++lines[{intent.request, intent.reference}] > 1) wrong("two intents of one line: " + intent.request);
  }
  for (const auto& serial : m_seen_signed)
    if (!m_intents.contains(serial)) wrong("the vault lost a certificate: " + serial);
  std::set<std::string> unfinished;
  for (const auto& [serial, row] : m_stored) {
    const auto intent = m_intents.find(serial);
    if (intent == m_intents.end() || intent->second.request != row.request || intent->second.reference != row.reference)
      wrong("on record, and the vault knows nothing of it: " + serial);
    if (row.state == "waiting") wrong("left behind unsigned: " + serial);
    const auto event = m_events.find(serial);
    const std::string told = event == m_events.end() ? "good" : event->second;
    if (told != row.state) wrong(fmt::format("told as {}, on record as {}: {}", told, row.state, serial));
  }
  for (const auto& [id, state] : m_requests) {
    if (state == "authorised") wrong("authorised and not carried out: " + id);
    if (state == "failed") wrong("failed: " + id);
  }
  m_tally.lists = 0;
  for (const auto& [name, number] : m_numbers)
    if (name.starts_with("list")) m_tally.lists += static_cast<std::size_t>(number);
}

void Checker::compare_acknowledged() {
  for (const std::string& id : m_submitted)
    if (!m_requests.contains(id)) wrong("submitted and lost: " + id);
  for (const auto& approval : m_approved)
    if (!m_approvals.contains(approval)) wrong("approved and lost: " + approval.first + " " + approval.second);
  for (const auto& [serial, known] : m_acknowledged) {
    const auto stored = m_stored.find(serial);
    if (stored == m_stored.end()) {
      wrong("issued and lost: " + serial);
      continue;
    }
    const auto& row = stored->second;
    if (!known.sha256.empty() && to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, row.der)) != known.sha256)
      wrong("not the certificate that was delivered: " + serial);
    if (!known.may_change && (row.state != known.state || row.reason != known.reason))
      wrong(
          fmt::format("acknowledged as {} {}, is {} {}: {}", known.state, known.reason, row.state, row.reason, serial));
  }
}

std::vector<std::string> Checker::check() {
  m_wrong.clear();
  read_acknowledgements();
  if (const auto read = read_vault(); !read) wrong("the vault's journal: " + describe(read.error()));
  if (const auto read = read_database(); !read) wrong("the database: " + describe(read.error()));
  if (m_wrong.empty()) {
    compare();
    compare_acknowledged();
  }
  return m_wrong;
}

std::vector<std::string> Checker::check_log() {
  m_wrong.clear();
  const TestFolder folder;
  const auto look = [&]() -> Result<audit::VerifyReport> {
    const auto database = KYSO_TRY(open_database(m_world));
    audit::Log log(*database);
    while (KYSO_TRY(log.integrate()) > 0) continue;
    const audit::Log::Notary notary{
        .origin = "kyso.example/audit",
        .key = []() -> Result<crypto::PublicKey> { return log_key().certificate().public_key(); },
        .sign = [](const std::string& text) -> Result<Bytes> {
          const auto scheme = crypto::default_scheme(crypto::KeyType::ec_p256);
          return log_key().sign({scheme, crypto::digest(scheme.digest, as_bytes(text)), as_bytes(text), {}});
        },
        .time_stamp = [](ByteView) -> Result<std::optional<Bytes>> { return std::optional<Bytes>(); }};
    KYSO_TRY(log.make_checkpoint(notary, system_clock().now()));
    KYSO_TRY(audit::export_files(log, folder.path()));
    audit::VerifyOptions options;
    options.folder = folder.path();
    options.keys = {log_key().certificate()};
    options.database = database.get();
    options.now = system_clock().now();
    return audit::verify(options);
  };
  const auto report = look();
  if (!report) {
    wrong("the audit log: " + describe(report.error()));
  } else {
    for (const auto& problem : report->problems)
      wrong(fmt::format("audit log: {} {} {}", problem.code, problem.place, problem.detail));
    if (report->records != report->leaves || report->leaves == 0) wrong("audit log: records without leaves");
  }
  return m_wrong;
}

}  // namespace kyso::faults
