#include "cms/archive.h"

#include <algorithm>
#include <map>
#include <set>

#include "cms/anatomy.h"
#include "cms/object_ids.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/signed_data_reader.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;
using crypto::DigestAlgorithm;

Bytes copy(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

std::vector<Bytes> copy(const std::vector<ByteView>& parts) {
  std::vector<Bytes> out;
  for (const ByteView part : parts) out.push_back(copy(part));
  return out;
}

// The digests that an index holds of the parts. EN 319 122-1 section 5.5.2: of a value of an unsigned attribute,
// preceded by the type of the attribute.
struct Digests {
  Digests(const SignedDataParts& parts, DigestAlgorithm algorithm) {
    for (const Bytes& each : parts.certificates) certificates.push_back(crypto::digest(algorithm, each));
    for (const Bytes& each : parts.revocation_infos) revocation_infos.push_back(crypto::digest(algorithm, each));
    for (const auto& each : parts.unsigned_values)
      unsigned_values.push_back(crypto::digest(algorithm, der::concat(each.type, each.value)));
  }
  std::vector<Bytes> certificates, revocation_infos, unsigned_values;
};

using Places = std::vector<std::size_t>;  // ascending

// The parts by their digests, to find the entries of an index among them.
class Finder {
 public:
  explicit Finder(const std::vector<Bytes>& digests) {
    for (std::size_t i = 0; i < digests.size(); ++i) m_places[digests[i]].push_back(i);
  }
  // Parts that are the same are all meant. nullopt: an entry of nothing.
  std::optional<Places> find(ByteView list) const {
    std::set<const Places*> named;  // an index may name a thing again and again
    der::Reader reader(list);
    while (!reader.at_end()) {
      const auto entry = reader.expect(der::kOctetString);
      const auto found = entry ? m_places.find(copy(entry->content)) : m_places.end();
      if (found == m_places.end()) return std::nullopt;
      named.insert(&found->second);
    }
    Places out;
    for (const Places* places : named) out.insert(out.end(), places->begin(), places->end());
    std::ranges::sort(out);
    return out;
  }

 private:
  std::map<Bytes, Places> m_places;
};

struct Coverage {
  Places certificates, revocation_infos, unsigned_values;
  std::size_t size() const { return certificates.size() + revocation_infos.size() + unsigned_values.size(); }
  bool includes(const Coverage& other) const {
    return std::ranges::includes(certificates, other.certificates) &&
           std::ranges::includes(revocation_infos, other.revocation_infos) &&
           std::ranges::includes(unsigned_values, other.unsigned_values);
  }
  bool operator==(const Coverage&) const = default;
};

class Archive {
 public:
  explicit Archive(const SignedDataParts& parts) : m_parts(parts) {}

  ArchiveTimeStamps run() {
    for (std::size_t i = 0; i < m_parts.unsigned_values.size(); ++i) {
      if (m_parts.unsigned_values[i].oid != kArchiveTimeStampV3) continue;
      ArchiveTimeStamp stamp;
      stamp.value = i;
      m_coverages.emplace_back();
      read(stamp, m_coverages.back());
      m_out.all.push_back(std::move(stamp));
    }
    nest();
    return std::move(m_out);
  }

 private:
  struct Finders {
    explicit Finders(const Digests& digests)
        : certificates(digests.certificates),
          revocation_infos(digests.revocation_infos),
          unsigned_values(digests.unsigned_values) {}
    Finder certificates, revocation_infos, unsigned_values;
  };

  const Finders& finders(DigestAlgorithm algorithm) {
    const auto known = m_finders.find(algorithm);
    if (known != m_finders.end()) return known->second;
    return m_finders.emplace(algorithm, Finders(Digests(m_parts, algorithm))).first->second;
  }

  void read(ArchiveTimeStamp& stamp, Coverage& coverage) {
    if (m_out.all.size() >= kMostArchiveTimeStamps) {
      stamp.problem = "too many archive time-stamps";
      return;
    }
    const auto token =
        crypto::read_signed_data(m_parts.unsigned_values[stamp.value].value, crypto::SignedDataReading::tell);
    const auto index = token ? crypto::find_single_value(token->unsigned_attributes, kHashIndexV3)
                             : Result<std::optional<ByteView>>(std::optional<ByteView>());
    if (!index || !*index) {
      stamp.problem = "no ats-hash-index-v3";
      return;
    }
    stamp.hash_index = copy(**index);
    if (const auto done = read_index(stamp, coverage); !done)
      stamp.problem = done.error().detail.empty() ? done.error().code : done.error().detail;
  }

  Result<> read_index(ArchiveTimeStamp& stamp, Coverage& coverage) {
    der::Reader outer(stamp.hash_index);
    der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
    const ByteView algorithm = KYSO_TRY(fields.expect(der::kSequence)).whole;
    const ByteView certificates = KYSO_TRY(fields.expect(der::kSequence)).content;
    const ByteView revocation_infos = KYSO_TRY(fields.expect(der::kSequence)).content;
    const ByteView values = KYSO_TRY(fields.expect(der::kSequence)).content;
    KYSO_TRY(fields.finish());
    stamp.algorithm = KYSO_TRY(crypto::read_digest_algorithm(algorithm));
    const Finders& known = finders(*stamp.algorithm);
    // EN 319 122-1 section 5.5.2: an entry whose original is missing makes the whole index invalid.
    const auto take = [](const Finder& finder, ByteView list, Places& into) {
      auto found = finder.find(list);
      if (found) into = *std::move(found);
      return found.has_value();
    };
    if (!take(known.certificates, certificates, coverage.certificates))
      return fail("cms.malformed", "the hash index names a certificate that is missing");
    if (!take(known.revocation_infos, revocation_infos, coverage.revocation_infos))
      return fail("cms.malformed", "the hash index names a revocation value that is missing");
    if (!take(known.unsigned_values, values, coverage.unsigned_values))
      return fail("cms.malformed", "the hash index names an attribute value that is missing");
    return {};
  }

  // From the one that covers most inwards.
  void nest() {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < m_out.all.size(); ++i)
      if (m_out.all[i].problem.empty()) order.push_back(i);
    std::ranges::sort(order, [&](auto a, auto b) {
      const std::size_t of_a = m_coverages[a].size(), of_b = m_coverages[b].size();
      return of_a != of_b ? of_a > of_b : a < b;
    });
    std::vector<std::vector<std::size_t>> shells;  // outermost first
    for (const std::size_t each : order) {
      const bool is_beside = !shells.empty() && m_coverages[shells.back().front()] == m_coverages[each];
      const std::size_t around = shells.size() - (is_beside ? 1 : 0);
      if (around > 0 && !lies_inside(each, m_coverages[shells[around - 1].front()])) {
        m_out.all[each].problem = "not covered by the archive time-stamps after it";
      } else if (is_beside) {
        shells.back().push_back(each);
      } else {
        shells.push_back({each});
      }
    }
    m_out.generations = shells.size();
    m_out.certificates.resize(m_parts.certificates.size());
    m_out.revocation_infos.resize(m_parts.revocation_infos.size());
    m_out.unsigned_values.resize(m_parts.unsigned_values.size());
    for (std::size_t shell = 0; shell < shells.size(); ++shell) {
      const std::size_t generation = shells.size() - 1 - shell;
      for (const std::size_t each : shells[shell]) m_out.all[each].generation = generation;
      const Coverage& coverage = m_coverages[shells[shell].front()];
      for (const std::size_t i : coverage.certificates) m_out.certificates[i] = generation;
      for (const std::size_t i : coverage.revocation_infos) m_out.revocation_infos[i] = generation;
      for (const std::size_t i : coverage.unsigned_values) m_out.unsigned_values[i] = generation;
    }
  }

  bool lies_inside(std::size_t stamp, const Coverage& outer) const {
    return std::ranges::binary_search(outer.unsigned_values, m_out.all[stamp].value) &&
           outer.includes(m_coverages[stamp]);
  }

  const SignedDataParts& m_parts;
  ArchiveTimeStamps m_out;
  std::vector<Coverage> m_coverages;  // beside m_out.all
  std::map<DigestAlgorithm, Finders> m_finders;
};

Bytes encode_list(std::vector<Bytes> digests) {
  std::ranges::sort(digests);
  Bytes content;
  for (const Bytes& each : digests) append(content, ByteView(der::encode(der::kOctetString, each)));
  return der::sequence(content);
}

}  // namespace

Result<SignedDataParts> take_apart(ByteView signed_data) {
  const Anatomy anatomy = KYSO_TRY(dissect(signed_data));
  SignedDataParts out;
  out.content_type = copy(anatomy.content_type);
  out.signer_fields = copy(anatomy.signer_fields);
  out.signature = copy(anatomy.signature);
  out.certificates = copy(anatomy.certificates);
  out.revocation_infos = copy(anatomy.revocation_infos);
  for (const ByteView each : anatomy.unsigned_attributes) {
    const auto attribute = read_attribute(each);
    if (!attribute) continue;  // nobody signed it
    for (const ByteView value : attribute->values) {
      const std::size_t offset =
          anatomy.is_der() ? static_cast<std::size_t>(value.data() - anatomy.normal.der.data()) : 0;
      out.unsigned_values.push_back({attribute->oid, copy(attribute->type), copy(value), offset});
    }
  }
  return out;
}

ArchiveTimeStamps find_archive_time_stamps(const SignedDataParts& parts) {
  return Archive(parts).run();
}

Bytes build_hash_index(const SignedDataParts& parts, DigestAlgorithm algorithm) {
  Digests digests(parts, algorithm);
  return der::sequence(crypto::encode_digest_algorithm(algorithm), encode_list(std::move(digests.certificates)),
                       encode_list(std::move(digests.revocation_infos)),
                       encode_list(std::move(digests.unsigned_values)));
}

Bytes archive_imprint_input(const SignedDataParts& parts, ByteView content_digest, ByteView hash_index) {
  return der::concat(parts.content_type, content_digest, parts.signer_fields, hash_index);
}

}  // namespace kyso::cms
