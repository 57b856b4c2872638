#include "verify/facts/stored_data.h"

#include <algorithm>

namespace kyso::verify {

namespace {

constexpr std::size_t kMaxItems = 50'000;
constexpr std::size_t kMaxRelated = 20'000;

}  // namespace

std::optional<std::size_t> StoredData::add(StoredItem item) {
  if (item.der.empty()) return std::nullopt;
  std::pair key{item.kind, crypto::digest(crypto::DigestAlgorithm::sha256, item.der)};
  if (const auto known = m_by_digest.find(key); known != m_by_digest.end()) {
    StoredItem& first = items[known->second];
    if (!first.revision) first.revision = item.revision;
    if (!first.signature) first.signature = item.signature;
    return known->second;
  }
  if (items.size() >= kMaxItems || item.der.size() > m_bytes_left) {
    limit_exceeded = true;
    return std::nullopt;
  }
  m_bytes_left -= item.der.size();
  m_by_digest.emplace(std::move(key), items.size());
  items.push_back(std::move(item));
  return items.size() - 1;
}

void DssTracker::use(const pdf::Object& object) {
  if (const auto id = object.as_reference()) m_uses.insert(id->number);
}

void DssTracker::update(const pdf::ObjectView& view, std::size_t revision, const std::vector<std::uint32_t>& touched) {
  const bool is_touched = revision == 0 || m_catalog != view.catalog_id() ||
                          std::ranges::any_of(touched, [this](std::uint32_t n) { return m_uses.contains(n); });
  if (!is_touched) return;
  m_revision = revision;
  const std::unordered_set<std::size_t> before = std::move(m_present);
  m_present = {};
  read(view);
  for (const std::size_t item : before) {
    if (!m_present.contains(item)) m_data.items[item].dropped_in = revision;
  }
  for (const std::size_t item : m_present) {
    if (!m_data.items[item].revision) m_data.items[item].revision = revision;
    m_data.items[item].dropped_in.reset();
  }
}

void DssTracker::read(const pdf::ObjectView& view) {
  m_catalog = view.catalog_id();
  m_uses.clear();
  if (m_catalog) m_uses.insert(m_catalog->number);
  const auto catalog = view.catalog();
  if (!catalog) return;
  use(catalog->get("DSS"));
  const auto store = view.dictionary_at(*catalog, "DSS");
  if (!store || !*store) return;
  const pdf::Dictionary& dss = **store;
  read_array(view, dss.get("Certs"), StoredItem::Kind::certificate);
  read_array(view, dss.get("CRLs"), StoredItem::Kind::crl);
  read_array(view, dss.get("OCSPs"), StoredItem::Kind::ocsp);
  read_related(view, dss.get("VRI"));
}

void DssTracker::read_related(const pdf::ObjectView& view, const pdf::Object& object) {
  use(object);
  const auto entries = view.resolve(object);
  if (!entries || entries->as_dictionary() == nullptr) return;
  for (const auto& [key, value] : *entries->as_dictionary()) {
    if (m_work_left == 0) return;
    --m_work_left;
    use(value);
    const auto entry = view.resolve(value);
    if (!entry || entry->as_dictionary() == nullptr) continue;
    ValidationRelated one{key, m_revision, {}};
    const auto take = [&](std::string_view name, StoredItem::Kind kind) {
      const auto items = read_array(view, entry->as_dictionary()->get(name), kind);
      one.items.insert(one.items.end(), items.begin(), items.end());
    };
    take("Cert", StoredItem::Kind::certificate);
    take("CRL", StoredItem::Kind::crl);
    take("OCSP", StoredItem::Kind::ocsp);
    const auto [known, is_new] = m_related.emplace(key, related.size());
    if (!is_new) {
      related[known->second].items = std::move(one.items);
    } else if (related.size() < kMaxRelated) {
      related.push_back(std::move(one));
    } else {
      m_related.erase(known);
      m_data.limit_exceeded = true;
    }
  }
}

std::vector<std::size_t> DssTracker::read_array(const pdf::ObjectView& view, const pdf::Object& array,
                                                StoredItem::Kind kind) {
  std::vector<std::size_t> indexes;
  use(array);
  const auto value = view.resolve(array);
  if (!value || value->as_array() == nullptr) return indexes;
  for (const pdf::Object& member : *value->as_array()) {
    if (m_work_left == 0) {
      m_data.limit_exceeded = true;
      return indexes;
    }
    --m_work_left;
    const auto id = member.as_reference();
    const auto index = id ? read_stream(view, *id, kind) : std::nullopt;
    if (!index) continue;
    indexes.push_back(*index);
    m_present.insert(*index);
  }
  return indexes;
}

std::optional<std::size_t> DssTracker::read_stream(const pdf::ObjectView& view, pdf::ObjectId id,
                                                   StoredItem::Kind kind) {
  m_uses.insert(id.number);
  const pdf::XrefEntry* entry = view.entry(id.number);
  if (entry == nullptr || entry->kind != pdf::XrefEntry::Kind::plain) return std::nullopt;
  const std::string place = fmt::format("{}@{}:{}", id.number, entry->offset, static_cast<int>(kind));
  if (const auto known = m_by_place.find(place); known != m_by_place.end()) return known->second;
  std::optional<std::size_t> index;
  const auto object = view.get(id);
  if (object && object->as_stream() != nullptr) {
    auto data = view.decode(*object->as_stream());
    if (data) {
      StoredItem item;
      item.kind = kind;
      item.der = *std::move(data);
      item.revision = m_revision;
      item.offset = entry->offset;
      index = m_data.add(std::move(item));
    } else if (data.error().code == "pdf.limit") {
      m_data.limit_exceeded = true;
    }
  }
  m_by_place.emplace(place, index);
  return index;
}

}  // namespace kyso::verify
