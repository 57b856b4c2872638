#include <fmt/format.h>

#include <filesystem>

#include "authority/journal_store.h"
#include "kysod/server.h"
#include "pki/revocation.h"

// What `kyso authority doctor` looks at.
namespace kyso::daemon {
namespace {

constexpr std::chrono::days kWarnBefore{30};   // issuers and time-stamping certificates
constexpr std::chrono::hours kShortLived{24};  // what the vault renews by itself
constexpr std::uintmax_t kLeastDiskSpace = 1ULL << 30U;
constexpr std::int64_t kLongWaiting = 60;  // seconds

std::string_view purpose_name(vault::KeyPurpose purpose) {
  switch (purpose) {
    case vault::KeyPurpose::issue:
      return "issue";
    case vault::KeyPurpose::ocsp:
      return "ocsp";
    case vault::KeyPurpose::time_stamp:
      return "time_stamp";
    case vault::KeyPurpose::escrow:
      return "escrow";
    case vault::KeyPurpose::checkpoint:
      return "checkpoint";
  }
  return "";
}

Result<std::string> look_at_signers(const vault::Vault::State& state, Instant now) {
  std::string found;
  for (const vault::Signer& signer : state.signers) {
    if (!signer.is_available) return fail("vault.key.unavailable").with("key", signer.name);
    const Instant end = signer.certificate.not_after();
    const bool is_own_business =
        signer.purpose == vault::KeyPurpose::ocsp || signer.purpose == vault::KeyPurpose::checkpoint;
    if (end < now + (is_own_business ? std::chrono::seconds(kShortLived) : std::chrono::seconds(kWarnBefore)))
      return fail("kysod.signer.ends").with("name", signer.name).with("time", display_vietnam(end));
    found += fmt::format("{}{} ({}, {})", found.empty() ? "" : "; ", signer.name, purpose_name(signer.purpose),
                         display_vietnam(end));
  }
  if (found.empty()) return fail("kysod.signer.none");
  return found;
}

// A root's next list needs people, its token and a day: said early enough, and at the latest in the last third of its
// life. And an authority that its root has revoked must not go on.
Result<std::string> look_at_roots(const authority::status::StatusService& status, Instant now) {
  std::string found;
  for (const auto& list : status.root_lists()) {
    const authority::status::store::ListRow& row = list->row;
    const std::string end = display_vietnam(row.next_update);
    const auto early = std::min<std::chrono::seconds>(kWarnBefore, (row.next_update - row.this_update) / 3);
    const auto content = KYSO_TRY(pki::RevocationList::from_der(list->content()));
    for (const authority::status::ServedIssuer& issuer : *status.issuers())
      if (content.contains(issuer.settings.certificate.certificate()))
        return fail("kysod.issuer.revoked").with("name", issuer.settings.name).with("root", row.issuer);
    if (row.next_update < now + early) return fail("kysod.root_list.ends").with("name", row.issuer).with("time", end);
    found += fmt::format("{}{} {} ({})", found.empty() ? "" : "; ", row.issuer, row.number, end);
  }
  return found.empty() ? "–" : found;
}

Result<std::string> look_at_disk(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(path, error);
  if (error) return fail("base.file.missing").with("path", path.string());
  if (space.available < kLeastDiskSpace)
    return fail("kysod.disk.low").with("path", path.string()).with("mib", space.available >> 20U);
  return fmt::format("{} MiB", space.available >> 20U);
}

}  // namespace

Result<> Server::require_newest_journal() {
  const std::uint8_t instance = KYSO_TRY(m_vault->state()).instance;
  const auto known = KYSO_TRY(m_database->read(
      [&](db::Transaction& transaction) { return authority::store::journal_head(transaction, instance); }));
  if (!known) return {};
  // An old copy goes on from where it stood: its numbers may have passed ours, but its entries are others.
  const auto there = KYSO_TRY(m_vault->journal(known->sequence - 1, 1));
  if (there.empty() || there.front().sequence != known->sequence || there.front().chain != known->chain)
    return fail("kysod.journal.older").with("instance", instance).with("known", known->sequence);
  return {};
}

void Server::add_checks() {
  m_doctor.add(
      {"database", "Cơ sở dữ liệu, số yêu cầu đang mở", "Database, open requests", [this]() -> Result<std::string> {
         const auto counts = KYSO_TRY(m_database->read(
             [](db::Transaction& transaction) { return authority::store::counts(transaction, system_clock().now()); }));
         if (counts.oldest_waiting_age > kLongWaiting)
           return fail("kysod.waiting").with("count", counts.waiting).with("seconds", counts.oldest_waiting_age);
         return fmt::format("{}", counts.open_requests);
       }});
  m_doctor.add({"vault", "Kho khóa", "Vault", [this]() -> Result<std::string> {
                  const vault::Vault::State state = KYSO_TRY(m_vault->state());
                  const auto behind = state.clock - system_clock().now();
                  if (std::chrono::abs(behind) > std::chrono::seconds(5))
                    return fail("kysod.clock.differs").with("seconds", behind.count());
                  KYSO_TRY(require_newest_journal());
                  return fmt::format("{}, instance {}, policy {}", state.version, state.instance, state.policy_version);
                }});
  m_doctor.add({"signers", "Khóa và chứng thư số của cơ quan", "Keys and certificates", [this] {
                  return m_vault->state().and_then(
                      [](const vault::Vault::State& state) { return look_at_signers(state, system_clock().now()); });
                }});
  m_doctor.add({"status", "OCSP và danh sách thu hồi, số thay đổi mới nhất", "OCSP and revocation lists, newest change",
                [this]() -> Result<std::string> {
                  KYSO_TRY(m_status->check());
                  return fmt::format("{} CRL, {}", m_status->lists().all().size(), m_status->directory().sequence());
                }});
  m_doctor.add({"roots", "Danh sách thu hồi của chứng thực gốc", "Revocation lists of roots",
                [this] { return look_at_roots(*m_status, system_clock().now()); }});
  if (m_tsa)
    m_doctor.add({"tsa", "Cấp dấu thời gian, số dấu từ khi khởi động", "Time-stamping, tokens since the start",
                  [this]() -> Result<std::string> {
                    KYSO_TRY(m_tsa->check());
                    return fmt::format("{}", m_tsa->statistics().granted);
                  }});
  m_doctor.add({"audit", "Nhật ký kiểm toán, số bản ghi đã có điểm kiểm tra", "Audit log, records under a checkpoint",
                [this]() -> Result<std::string> {
                  const auto newest = KYSO_TRY(m_log->newest_checkpoint());
                  if (!newest) return fail("audit.none");
                  const std::uint64_t size = KYSO_TRY(m_log->size());
                  const auto age = system_clock().now() - newest->at;
                  if (newest->size < size &&
                      age > 10 * m_configuration.audit.checkpoint_every + std::chrono::minutes(1))
                    return fail("kysod.checkpoint.old").with("time", display_vietnam(newest->at));
                  return fmt::format("{}/{}, {}", newest->size, size, display_vietnam(newest->at));
                }});
  if (const std::string_view url = m_configuration.database.url; url.starts_with("sqlite:/"))
    m_doctor.add({"disk", "Dung lượng đĩa", "Disk space",
                  [path = std::filesystem::path(url.substr(7)).parent_path()] { return look_at_disk(path); }});
}

}  // namespace kyso::daemon
