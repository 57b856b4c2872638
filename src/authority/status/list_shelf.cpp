#include "authority/status/list_shelf.h"

#include "authority/status/list_names.h"
#include "base/log.h"
#include "crypto/algorithm.h"
#include "net/http_date.h"

namespace kyso::authority::status {
namespace {

constexpr std::int64_t kSmall = 1 << 20;

}  // namespace

Result<std::shared_ptr<const ShelvedList>> ListShelf::fetch(db::Transaction& transaction,
                                                            const store::ListRow& row) const {
  auto out = std::make_shared<ShelvedList>();
  out->row = row;
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  if (row.size <= kSmall) {
    auto body = std::make_shared<Bytes>();
    KYSO_TRY(store::for_each_piece(transaction, row, [&](ByteView piece) {
      append(*body, piece);
      return Result<>();
    }));
    digester.update(*body);
    out->body = std::move(body);
  } else {
    MemoryFile file = KYSO_TRY(MemoryFile::create());
    KYSO_TRY(store::for_each_piece(transaction, row, [&](ByteView piece) {
      digester.update(piece);
      return file.append(piece);
    }));
    KYSO_TRY(file.seal());
    out->large.emplace(std::move(file));
  }
  if (digester.finish() != row.sha256)
    return fail("authority.crl.damaged").with("name", list_file_name(row.issuer, row.scope));
  out->entity_tag = "\"" + to_hex(row.sha256) + "\"";
  out->last_modified = net::http_date(row.this_update);
  out->expires = net::http_date(row.next_update);
  return std::shared_ptr<const ShelvedList>(std::move(out));
}

Result<> ListShelf::refresh() {
  const std::lock_guard one_at_a_time(m_refresh_mutex);
  const auto rows = KYSO_TRY(
      m_database.read([](db::Transaction& transaction) { return store::newest_lists(transaction, std::nullopt); }));
  Result<> first;
  for (const store::ListRow& row : rows) {
    const std::string name = list_file_name(row.issuer, row.scope);
    if (const auto present = find(name); present && present->row.number >= row.number) continue;
    auto fetched = m_database.read([&](db::Transaction& transaction) { return fetch(transaction, row); });
    if (!fetched) {
      // Replaced twice while it was being fetched: the next call gets the newest.
      log::write(log::Level::warning, "crl.fetch", fetched.error());
      if (first) first = fetched.error();
      continue;
    }
    const std::lock_guard lock(m_mutex);
    m_lists.insert_or_assign(name, *std::move(fetched));
  }
  return first;
}

std::shared_ptr<const ShelvedList> ListShelf::find(std::string_view file_name) const {
  const std::lock_guard lock(m_mutex);
  const auto found = m_lists.find(file_name);
  return found == m_lists.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const ShelvedList>> ListShelf::all() const {
  const std::lock_guard lock(m_mutex);
  std::vector<std::shared_ptr<const ShelvedList>> out;
  for (const auto& [name, list] : m_lists) out.push_back(list);
  return out;
}

}  // namespace kyso::authority::status
