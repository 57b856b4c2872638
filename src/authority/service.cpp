#include "authority/service.h"

#include <algorithm>

namespace kyso::authority {

Authority::Authority(db::Database& database, vault::Vault& vault, const Clock& clock, AuthorityOptions options)
    : m_database(database), m_vault(vault), m_clock(clock), m_options(std::move(options)), m_started(clock.now()) {}

Authority::~Authority() = default;

Result<vault::Vault::State> Authority::vault_state() {
  KYSO_TRY(policy());
  const std::lock_guard lock(m_policy_mutex);
  return *m_state;
}

Result<std::shared_ptr<const vault::Policy>> Authority::policy() {
  const std::lock_guard lock(m_policy_mutex);
  const auto now = std::chrono::steady_clock::now();
  if (m_policy && now - m_policy_read < m_options.policy_memory) return m_policy;
  vault::Vault::State state = KYSO_TRY(m_vault.state());
  if (!m_policy || m_policy->version() != state.policy_version || m_policy->sha256() != state.policy_sha256) {
    std::vector<vault::PolicyFile> files = KYSO_TRY(m_vault.policy_files());
    m_policy =
        std::make_shared<const vault::Policy>(KYSO_TRY(vault::Policy::parse(state.policy_version, std::move(files))));
  }
  m_state = std::move(state);
  m_policy_read = now;
  return m_policy;
}

Result<std::size_t> Authority::shards(std::string_view issuer) {
  KYSO_TRY(policy());
  const std::lock_guard lock(m_policy_mutex);
  const auto found = std::ranges::find(m_state->issuers, issuer, &pki::issue::IssuerSettings::name);
  if (found == m_state->issuers.end()) return fail("authority.issuer.unknown").with("issuer", issuer);
  return std::max<std::size_t>(found->crl_shards, 1);
}

Result<RequestView> Authority::view(db::Transaction& transaction, const RequestRow& row, const vault::Policy& policy,
                                    const std::optional<Examined>& examined) {
  RequestView out;
  out.row = row;
  out.approvals = KYSO_TRY(store::approvals_of(transaction, row.id));
  vault::SignedRequest statements{row.jws, {}};
  for (const ApprovalRow& approval : out.approvals)
    if (approval.decision == "approve") statements.approvals.push_back(approval.jws);
  // As of its last change: that statements expire later does not take back what was decided.
  const bool is_examined = examined && examined->policy_version == policy.version() &&
                           examined->statements.request == statements.request &&
                           examined->statements.approvals == statements.approvals;
  if (is_examined) {
    out.standing = examined->standing;
  } else if (Result<vault::Standing> standing = vault::examine(policy, statements, row.updated)) {
    out.standing = *std::move(standing);
  }
  out.certificates = KYSO_TRY(store::certificates_of_request(transaction, row.id));
  if (row.act == name_of(vault::Act::recover_token)) out.released = KYSO_TRY(store::released_of(transaction, row.id));
  return out;
}

Result<RequestView> Authority::request(const std::string& id) {
  return request(id, std::nullopt);
}

Result<RequestView> Authority::request(const std::string& id, const std::optional<Examined>& examined) {
  const std::shared_ptr<const vault::Policy> current = KYSO_TRY(policy());
  return m_database.read([&](db::Transaction& transaction) -> Result<RequestView> {
    const std::optional<RequestRow> row = KYSO_TRY(store::find_request(transaction, id));
    if (!row) return fail("authority.request.missing").with("id", id);
    return view(transaction, *row, *current, examined);
  });
}

Result<std::vector<RequestRow>> Authority::requests(const store::RequestFilter& filter) {
  return m_database.read([&](db::Transaction& transaction) { return store::list_requests(transaction, filter); });
}

Result<std::vector<CertificateRow>> Authority::certificates(const store::CertificateFilter& filter) {
  return m_database.read([&](db::Transaction& transaction) { return store::search_certificates(transaction, filter); });
}

Result<CertificateRow> Authority::certificate(const std::string& issuer, ByteView serial) {
  std::optional<CertificateRow> row = KYSO_TRY(m_database.read(
      [&](db::Transaction& transaction) { return store::find_certificate(transaction, issuer, serial); }));
  if (!row) return fail("authority.certificate.missing").with("serial", to_hex(serial));
  return *std::move(row);
}

void Authority::tell() {
  if (m_on_change) m_on_change();
}

}  // namespace kyso::authority
