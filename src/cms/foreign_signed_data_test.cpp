#include <algorithm>
#include <span>

#include "cms/object_ids.h"
#include "cms/signed_data.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/crypto_vectors.h"
#include "crypto/der.h"

// SignedData as other programs or attackers write it: made by hand and really signed, so that only the named thing is
// unusual or wrong.
namespace kyso::cms {
namespace {

namespace der = crypto::der;
using crypto::DigestAlgorithm;

const crypto::SignatureScheme kScheme{crypto::KeyType::ec_p256, crypto::Padding::none, DigestAlgorithm::sha256};
constexpr std::string_view kOther = "1.2.840.113549.1.7.5";

Bytes attribute(std::string_view oid, const Bytes& values) {
  return der::sequence(der::encode_oid(oid), der::encode(der::kSet, values));
}

Bytes content_digest() {
  return crypto::digest(DigestAlgorithm::sha256, as_bytes("nội dung"));
}

class Forge {
 public:
  Forge() : m_holder(crypto::vectors::holder("p256")) {
    const Bytes hash = der::encode(der::kOctetString, m_holder->certificate().sha256());
    content_type = attribute(kContentType, der::encode_oid(kData));
    message_digest = attribute(kMessageDigest, der::encode(der::kOctetString, content_digest()));
    signing_certificate = attribute(kSigningCertificateV2, der::sequence(der::sequence(der::sequence(hash))));
    certificates.assign(m_holder->certificate().der().begin(), m_holder->certificate().der().end());
  }

  Bytes content_type, message_digest, signing_certificate;
  Bytes certificates;  // content of the set
  Bytes e_content;     // [0] of encapContentInfo
  int signers = 1;
  DigestAlgorithm digest_algorithm = DigestAlgorithm::sha256;

  // `in_file`: the attributes as they stand in the file; `is_signed`: the octets that the signature is over.
  Bytes make(const Bytes& in_file, const Bytes& is_signed) const {
    const auto value =
        m_holder->sign({kScheme, crypto::digest(DigestAlgorithm::sha256, is_signed), is_signed, {}}).value();
    const crypto::Certificate& certificate = m_holder->certificate();
    const Bytes signer =
        der::sequence(der::encode_integer(1),
                      der::sequence(certificate.issuer_der(), der::encode(der::kInteger, certificate.serial())),
                      crypto::encode_digest_algorithm(digest_algorithm), in_file,
                      crypto::encode_cms_signature_algorithm(kScheme), der::encode(der::kOctetString, value));
    Bytes infos;
    for (int i = 0; i < signers; ++i) append(infos, ByteView(signer));
    const Bytes data = der::sequence(der::encode_integer(1), der::encode(der::kSet, {}),
                                     der::sequence(der::encode_oid(kData), e_content),
                                     der::encode(der::context(0), certificates), der::encode(der::kSet, infos));
    return der::sequence(der::encode_oid(kSignedData), der::encode(der::context(0), data));
  }
  // Signed over the DER SET OF these, written in the given order.
  Bytes make(const std::vector<Bytes>& attributes) const {
    Bytes in_order;
    for (const Bytes& each : attributes) append(in_order, ByteView(each));
    return make(der::encode(der::context(0), in_order), der::encode_set_of(attributes));
  }
  Bytes honest() const { return make({content_type, message_digest, signing_certificate}); }

 private:
  std::unique_ptr<crypto::KeyHolder> m_holder;
};

std::string outcome(const Bytes& cms) {
  const auto view = parse_signed_data(cms);
  if (!view) return std::string(view.error().code);
  const auto checked = check_integrity(*view, content_digest());
  return checked ? "good" : std::string(checked.error().code);
}

}  // namespace

TEST_CASE("honest twins are good") {
  Forge forge;
  CHECK(outcome(forge.honest()) == "good");
  CHECK(outcome(forge.make({forge.content_type, forge.message_digest})) == "good");
  // Written in another order than DER's: what is signed is the sorted set.
  CHECK(outcome(forge.make({forge.signing_certificate, forge.message_digest, forge.content_type})) == "good");
  forge.e_content = der::encode(der::context(0), der::encode(der::kOctetString, as_bytes("nội dung")));
  const Bytes attached = forge.honest();
  CHECK(outcome(attached) == "good");
  CHECK_FALSE(parse_signed_data(attached)->is_detached);
  CHECK(outcome(forge.make(Bytes(), to_bytes("nội dung"))) == "good");  // no signed attributes
  forge.certificates.insert(forge.certificates.begin(), {0x30, 0x02, 0x05, 0x00});
  CHECK(outcome(forge.honest()) == "good");  // a certificate that can't be read stands before
}

TEST_CASE("wrong counts and kinds are malformed") {
  Forge forge;
  const Bytes& type = forge.content_type;
  const Bytes& digest = forge.message_digest;
  CHECK(outcome(forge.make({type})) == "cms.malformed");
  CHECK(outcome(forge.make({digest})) == "cms.malformed");
  CHECK(outcome(forge.make({type, digest, digest})) == "cms.malformed");
  CHECK(outcome(forge.make({type, type, digest})) == "cms.malformed");
  CHECK(outcome(forge.make({attribute(kContentType, der::encode_oid(kOther)), digest})) == "cms.malformed");
  const Bytes octets = der::encode(der::kOctetString, content_digest());
  CHECK(outcome(forge.make({type, attribute(kMessageDigest, der::concat(octets, octets))})) == "cms.malformed");
  CHECK(outcome(forge.make({type, attribute(kMessageDigest, {})})) == "cms.malformed");
  CHECK(outcome(forge.make({type, attribute(kMessageDigest, der::encode(der::kUtf8String, content_digest()))})) ==
        "cms.malformed");
  CHECK(outcome(forge.make(der::encode(der::context(0), {}), der::encode(der::kSet, {}))) == "cms.malformed");
  forge.signers = 2;
  CHECK(outcome(forge.honest()) == "cms.malformed");
  forge.signers = 0;
  CHECK(outcome(forge.honest()) == "cms.malformed");
  forge.signers = 1;
  forge.digest_algorithm = DigestAlgorithm::sha512;
  CHECK(outcome(forge.honest()) == "cms.malformed");
}

TEST_CASE("what the signature doesn't cover rightly is a mismatch") {
  Forge forge;
  const std::vector<Bytes> unsorted{forge.signing_certificate, forge.message_digest, forge.content_type};
  const Bytes in_file = der::concat(unsorted[0], unsorted[1], unsorted[2]);
  // Signed in the order of the file instead of DER's.
  CHECK(outcome(forge.make(der::encode(der::context(0), in_file), der::encode(der::kSet, in_file))) ==
        "cms.signature.mismatch");
  const Bytes other_digest = attribute(kMessageDigest, der::encode(der::kOctetString, Bytes(32)));
  CHECK(outcome(forge.make({forge.content_type, other_digest})) == "cms.digest.mismatch");
  const Bytes other_certificate = attribute(
      kSigningCertificateV2, der::sequence(der::sequence(der::sequence(der::encode(der::kOctetString, Bytes(32))))));
  CHECK(outcome(forge.make({forge.content_type, forge.message_digest, other_certificate})) ==
        "cms.certificate.mismatch");
  forge.certificates.clear();
  CHECK(outcome(forge.honest()) == "cms.signer.missing");
}

TEST_CASE("BER is read outside the signed attributes and nowhere inside") {
  const Forge forge;
  const std::vector<Bytes> attributes{forge.content_type, forge.message_digest};
  const Bytes content = der::concat(attributes[0], attributes[1]);
  const Bytes is_signed = der::encode_set_of(attributes);
  Bytes indefinite = *from_hex("a080");
  append(indefinite, ByteView(content));
  append(indefinite, ByteView(*from_hex("0000")));
  CHECK(outcome(forge.make(indefinite, is_signed)) == "cms.malformed");

  // The same signature with every length around it indefinite.
  const Bytes cms = forge.honest();
  der::Reader outer(cms);
  der::Reader fields(outer.next()->content);
  const ByteView oid = fields.next()->whole;
  const ByteView data = fields.next()->content;
  Bytes ber = *from_hex("3080");
  append(ber, oid);
  append(ber, ByteView(*from_hex("a080")));
  append(ber, data);
  append(ber, ByteView(*from_hex("00000000")));
  CHECK(outcome(ber) == "good");
  CHECK(parse_signed_data(ber)->encoded_size == ber.size());
}

TEST_CASE("an examination says what exactly is wrong and keeps what can be read") {
  Forge forge;
  const auto examined = [](const Bytes& cms) { return examine_signed_data(cms); };
  const SignedDataExamination honest = examined(forge.honest());
  REQUIRE(honest.view);
  CHECK(honest.format_problems.empty());
  CHECK(honest.unsupported_algorithm.empty());
  CHECK_FALSE(honest.digests_differ);
  CHECK_FALSE(honest.is_ber);
  CHECK(honest.view->ess == crypto::EssBinding::matches);

  const SignedDataExamination twice =
      examined(forge.make({forge.content_type, forge.message_digest, forge.message_digest}));
  CHECK(twice.format_problems.size() == 1);
  REQUIRE(twice.view);
  CHECK(twice.view->signer);
  CHECK(examined(forge.make({forge.content_type})).format_problems.size() == 1);
  CHECK_FALSE(examined(to_bytes("garbage")).view);
  CHECK(examined(to_bytes("garbage")).format_problems.size() == 1);

  const Bytes in_file = der::concat(forge.signing_certificate, forge.message_digest, forge.content_type);
  CHECK_FALSE(examined(forge.make(der::encode(der::context(0), in_file), der::encode(der::kSet, in_file)))
                  .attributes_are_ordered);
  const crypto::Certificate signer = *honest.view->signer;
  forge.certificates.clear();
  const Bytes bare = forge.honest();
  CHECK_FALSE(examined(bare).view->signer);
  CHECK(std::ranges::equal(examined(bare).signer_issuer, signer.issuer_der()));
  CHECK(examine_signed_data(bare, std::span(&signer, 1)).view->signer);
  forge.digest_algorithm = DigestAlgorithm::sha512;
  CHECK(examined(forge.honest()).digests_differ);
}

}  // namespace kyso::cms
