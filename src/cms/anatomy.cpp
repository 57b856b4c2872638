#include "cms/anatomy.h"

#include <algorithm>

#include "cms/object_ids.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;

constexpr std::size_t kMostElements = 10'000;  // of one set

Result<std::vector<ByteView>> elements_of(ByteView content) {
  std::vector<ByteView> out;
  der::Reader reader(content);
  while (!reader.at_end()) {
    if (out.size() >= kMostElements) return fail("cms.malformed", "too many elements");
    out.push_back(KYSO_TRY(reader.next()).whole);
  }
  return out;
}

// SignerInfo (RFC 5652 section 5.3).
Result<> dissect_signer(ByteView content, Anatomy& out) {
  der::Reader fields(content);
  KYSO_TRY(fields.expect(der::kInteger));
  KYSO_TRY(fields.next());  // SignerIdentifier
  KYSO_TRY(fields.expect(der::kSequence));
  KYSO_TRY(fields.maybe(der::context(0)));
  KYSO_TRY(fields.expect(der::kSequence));
  out.signature = KYSO_TRY(fields.expect(der::kOctetString)).content;
  out.signer_fields = content.first(content.size() - fields.rest().size());
  if (const auto attributes = KYSO_TRY(fields.maybe(der::context(1))))
    out.unsigned_attributes = KYSO_TRY(elements_of(attributes->content));
  return fields.finish();
}

// SignedData (RFC 5652 section 5.1).
Result<> dissect_signed_data(ByteView content, Anatomy& out) {
  der::Reader fields(content);
  out.version = KYSO_TRY(der::read_integer(KYSO_TRY(fields.expect(der::kInteger)).content));
  out.digest_algorithms = KYSO_TRY(fields.expect(der::kSet)).content;
  const der::Element encapsulated = KYSO_TRY(fields.expect(der::kSequence));
  out.encapsulated = encapsulated.whole;
  der::Reader inside(encapsulated.content);
  out.content_type = KYSO_TRY(inside.expect(der::kOid)).whole;
  if (const auto set = KYSO_TRY(fields.maybe(der::context(0)))) out.certificates = KYSO_TRY(elements_of(set->content));
  if (const auto set = KYSO_TRY(fields.maybe(der::context(1))))
    out.revocation_infos = KYSO_TRY(elements_of(set->content));
  der::Reader signers(KYSO_TRY(fields.expect(der::kSet)).content);
  KYSO_TRY(fields.finish());
  KYSO_TRY(dissect_signer(KYSO_TRY(signers.expect(der::kSequence)).content, out));
  if (!signers.at_end()) return fail("cms.malformed", "more than one signer");
  return {};
}

Result<> dissect_content_info(Anatomy& out) {
  der::Reader outer(out.normal.der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  if (KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content)) != kSignedData)
    return fail("cms.malformed", "not SignedData");
  der::Reader explicit_content(KYSO_TRY(fields.expect(der::context(0))).content);
  return dissect_signed_data(KYSO_TRY(explicit_content.expect(der::kSequence)).content, out);
}

}  // namespace

bool Anatomy::is_rewritten(ByteView part) const {
  const auto begin = static_cast<std::size_t>(part.data() - normal.der.data());
  const auto first = std::ranges::lower_bound(normal.rewritten, begin);
  return first != normal.rewritten.end() && *first < begin + part.size();
}

Result<Anatomy> dissect(ByteView signed_data) {
  auto normal = crypto::normalise_ber(signed_data);
  if (!normal) return fail("cms.malformed", "{}", normal.error().detail);
  Anatomy out;
  out.normal = *std::move(normal);
  if (const auto done = dissect_content_info(out); !done) return fail("cms.malformed", "{}", done.error().detail);
  return out;
}

Result<AttributeParts> read_attribute(ByteView attribute) {
  der::Reader outer(attribute);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  AttributeParts out;
  const der::Element type = KYSO_TRY(fields.expect(der::kOid));
  out.oid = KYSO_TRY(der::read_oid(type.content));
  out.type = type.whole;
  out.values = KYSO_TRY(elements_of(KYSO_TRY(fields.expect(der::kSet)).content));
  KYSO_TRY(fields.finish());
  return out;
}

}  // namespace kyso::cms
