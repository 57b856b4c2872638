#include "sign/validation_data.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "pdf/update/form_writer.h"

namespace kyso::sign {
namespace {

// A value followed through references, and the object in which it stands (nullopt: direct in its owner).
struct Place {
  pdf::Object value;
  std::optional<pdf::ObjectId> id;
};

Result<Place> follow(const pdf::IncrementalWriter& writer, const pdf::Object& object) {
  return Place{KYSO_TRY(writer.resolve(object)), object.as_reference()};
}

pdf::Dictionary dictionary_or_empty(const pdf::Object& object) {
  return object.as_dictionary() != nullptr ? *object.as_dictionary() : pdf::Dictionary();
}

// Puts `value` where `place` says: over the object it stood in, else into its owner.
void put(pdf::IncrementalWriter& writer, pdf::Dictionary& owner, std::string_view key, const Place& place,
         pdf::Object value) {
  if (place.id && !place.value.is_null()) {
    writer.set(*place.id, std::move(value));
  } else {
    owner.set(key, std::move(value));
  }
}

// One of the arrays of streams: what stands there, by digest of its content, and what is added.
class StreamList {
 public:
  StreamList(pdf::IncrementalWriter& writer, std::string_view key) : m_writer(writer), m_key(key) {}

  Result<> read(const pdf::Dictionary& store) {
    m_place = KYSO_TRY(follow(m_writer, store.get(m_key)));
    if (m_place.value.as_array() != nullptr) m_items = *m_place.value.as_array();
    for (const pdf::Object& item : m_items) {
      const auto reference = item.as_reference();
      const auto value = m_writer.resolve(item);
      if (!reference || !value || value->as_stream() == nullptr) continue;
      // A stream that can't be decoded stays as it is; it is nothing that could be shared.
      if (const auto content = m_writer.view().decode(*value->as_stream()))
        m_known.emplace(crypto::digest(crypto::DigestAlgorithm::sha256, *content), *reference);
    }
    return {};
  }

  pdf::ObjectId add(const Bytes& der) {
    const auto [known, is_new] =
        m_known.try_emplace(crypto::digest(crypto::DigestAlgorithm::sha256, der), pdf::ObjectId{});
    if (is_new) {
      known->second = m_writer.add_stream({}, der);
      m_items.emplace_back(known->second);
      m_is_changed = true;
    }
    return known->second;
  }

  void write(pdf::Dictionary& store) {
    if (m_is_changed) put(m_writer, store, m_key, m_place, m_items);
  }
  bool is_changed() const { return m_is_changed; }

 private:
  pdf::IncrementalWriter& m_writer;
  std::string m_key;
  Place m_place;
  pdf::Array m_items;
  std::map<Bytes, pdf::ObjectId> m_known;
  bool m_is_changed = false;
};

// ETSI EN 319 142-1 section 5.4.2.3: the upper-case hexadecimal SHA-1 of the signature's /Contents.
std::string vri_key(const std::string& contents) {
  return to_upper(to_hex(crypto::digest(crypto::DigestAlgorithm::sha1, as_bytes(contents))));
}

pdf::Array references(const std::vector<std::size_t>& indexes, const std::vector<pdf::ObjectId>& streams) {
  pdf::Array array;
  for (const std::size_t index : indexes)
    if (index < streams.size()) array.emplace_back(streams[index]);
  return array;
}

struct StreamIds {
  std::vector<pdf::ObjectId> certificates, ocsp_responses, crls;
};

// An entry that is there stays as it is: validators take a changed one for tampering. What is new for that signature
// stands in the lists of the store, where every reader looks.
Result<bool> add_vri(pdf::IncrementalWriter& writer, pdf::Dictionary& store, const ValidationData& data,
                     const StreamIds& ids) {
  const Place place = KYSO_TRY(follow(writer, store.get("VRI")));
  pdf::Dictionary vri = dictionary_or_empty(place.value);
  bool is_changed = false;
  for (const auto& signature : data.vri) {
    const std::string key = vri_key(signature.contents);
    if (vri.has(key)) continue;
    pdf::Dictionary entry{{"Type", pdf::Name{"VRI"}}};
    const auto set = [&](std::string_view name, pdf::Array array) {
      if (!array.empty()) entry.set(name, std::move(array));
    };
    set("Cert", references(signature.certificates, ids.certificates));
    set("OCSP", references(signature.ocsp_responses, ids.ocsp_responses));
    set("CRL", references(signature.crls, ids.crls));
    vri.set(key, writer.add(std::move(entry)));
    is_changed = true;
  }
  if (is_changed) put(writer, store, "VRI", place, std::move(vri));
  return is_changed;
}

Result<bool> edit_store(pdf::IncrementalWriter& writer, pdf::Dictionary& store, const ValidationData& data) {
  StreamList certificates(writer, "Certs"), ocsp_responses(writer, "OCSPs"), crls(writer, "CRLs");
  StreamIds ids;
  const auto fill = [&](StreamList& list, const std::vector<Bytes>& items,
                        std::vector<pdf::ObjectId>& into) -> Result<> {
    KYSO_TRY(list.read(store));
    for (const Bytes& item : items) into.push_back(list.add(item));
    list.write(store);
    return {};
  };
  KYSO_TRY(fill(certificates, data.certificates, ids.certificates));
  KYSO_TRY(fill(ocsp_responses, data.ocsp_responses, ids.ocsp_responses));
  KYSO_TRY(fill(crls, data.crls, ids.crls));
  const bool vri_changed = KYSO_TRY(add_vri(writer, store, data, ids));
  return vri_changed || certificates.is_changed() || ocsp_responses.is_changed() || crls.is_changed();
}

// Validation data may be added whatever earlier signatures say (ISO 32000-2 section 12.8.2.2.2 with its errata), but
// not where encryption forbids every change (table 22).
Result<> check_permission(const pdf::Document& document) {
  const auto& encryption = document.view().encryption();
  if (!encryption || encryption->opened_as_owner) return {};
  if (!encryption->may_annotate && !encryption->may_fill_forms) return fail("pdf.encrypted.forbids");
  return {};
}

// The bytes of the new revision; none when there is nothing new.
Result<std::optional<pdf::IncrementalWriter::Appendix>> make_revision(const pdf::Document& document,
                                                                      const ValidationData& data, ByteView random_id) {
  using Revision = std::optional<pdf::IncrementalWriter::Appendix>;
  KYSO_TRY(check_permission(document));
  pdf::IncrementalWriter writer(document.view());
  const auto catalog_id = document.view().catalog_id();
  if (!catalog_id) return fail("pdf.catalog.missing");
  pdf::Dictionary catalog = dictionary_or_empty(KYSO_TRY(writer.get(*catalog_id)));
  const Place place = KYSO_TRY(follow(writer, catalog.get("DSS")));
  pdf::Dictionary store = dictionary_or_empty(place.value);
  if (!store.has("Type")) store.set("Type", pdf::Name{"DSS"});
  if (!KYSO_TRY(edit_store(writer, store, data))) return Revision();
  if (place.value.is_null()) {
    catalog.set("DSS", writer.add(std::move(store)));
  } else {
    put(writer, catalog, "DSS", place, std::move(store));
  }
  writer.set(*catalog_id, std::move(catalog));
  // ETSI EN 319 142-1 annex A with ISO 32000-1: a reader of PDF 1.x learns from it that there is a store.
  KYSO_TRY(pdf::FormWriter(document, writer).declare_extension("ESIC", "1.7", 1));
  return Revision(KYSO_TRY(writer.finish(random_id)));
}

}  // namespace

Result<bool> append_validation_data(const pdf::Document& document, const ValidationData& data, ByteView random_id,
                                    OutputFile& out) {
  const auto revision = KYSO_TRY(make_revision(document, data, random_id));
  KYSO_TRY(pdf::write_revision(document.graph().source(), revision.value_or(pdf::IncrementalWriter::Appendix()), out));
  return revision.has_value();
}

Result<bool> append_validation_data(const ValidationData& data, const Secret* password, OutputFile& file) {
  // The output has no name before commit(): it is reached through its descriptor.
  const pdf::Source source = KYSO_TRY(pdf::Source::open(fmt::format("/proc/self/fd/{}", file.descriptor())));
  const pdf::Document document = KYSO_TRY(pdf::Document::open(source, {.password = password}));
  const auto revision = KYSO_TRY(make_revision(document, data, crypto::random_bytes(16)));
  if (revision) KYSO_TRY(file.write(revision->bytes));
  return revision.has_value();
}

}  // namespace kyso::sign
