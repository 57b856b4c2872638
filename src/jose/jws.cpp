#include "jose/jws.h"

#include <algorithm>
#include <array>

#include "jose/base64url.h"
#include "jose/signature_form.h"
#include "json/json.h"

namespace kyso::jose {
namespace {

using crypto::DigestAlgorithm;
using crypto::KeyType;
using crypto::Padding;
using crypto::SignatureScheme;

struct Algorithm {
  std::string_view name;
  SignatureScheme scheme;
  std::size_t coordinate;  // octets of an ECDSA number, 0 for RSA
};
// RFC 7518 section 3.1. The first that a key can do is the one that it signs with.
constexpr std::array<Algorithm, 4> kAlgorithms{{
    {"ES256", {KeyType::ec_p256, Padding::none, DigestAlgorithm::sha256}, 32},
    {"ES384", {KeyType::ec_p384, Padding::none, DigestAlgorithm::sha384}, 48},
    {"RS256", {KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha256}, 0},
    {"PS256", {KeyType::rsa, Padding::pss, DigestAlgorithm::sha256}, 0},
}};
constexpr int kMinRsaBits = 2048;
constexpr std::size_t kMaxHeader = 1024;  // characters, encoded
constexpr std::size_t kMaxSignature = 2048;
constexpr std::size_t kSha256Size = 32;

const Algorithm* find_algorithm(std::string_view name) {
  const auto* const found = std::ranges::find(kAlgorithms, name, &Algorithm::name);
  return found == kAlgorithms.end() ? nullptr : found;
}

Error malformed(std::string_view reason, std::source_location where = std::source_location::current()) {
  return fail("jose.malformed", where).with("reason", reason);
}

Error bad_algorithm(std::string_view name, std::source_location where = std::source_location::current()) {
  return fail("jose.algorithm", where).with("algorithm", name);
}

Error too_large(std::source_location where = std::source_location::current()) {
  return fail("jose.limit", where).with("limit", fmt::format("{} MiB", kMaxJws >> 20U));
}

struct Header {
  std::string algorithm, type;
  Bytes certificate_sha256;
};

Result<Header> read_members(const json::Value& object) {
  Header header;
  for (const auto& [name, value] : *object.as_object()) {
    if (name != "alg" && name != "typ" && name != "x5t#S256") return malformed(fmt::format("header \"{}\"", name));
    const auto text = value.as_string();
    if (!text) return malformed(fmt::format("header \"{}\"", name));
    if (name == "alg") {
      header.algorithm = *text;
    } else if (name == "typ") {
      header.type = *text;
    } else {
      const auto print = from_base64url(*text);
      if (!print || print->size() != kSha256Size) return malformed("x5t#S256");
      header.certificate_sha256 = to_bytes(*print);
    }
  }
  return header;
}

Result<Header> read_header(std::string_view encoded) {
  if (encoded.size() > kMaxHeader) return malformed("header");
  const auto text = from_base64url(encoded);
  if (!text) return malformed("base64url");
  const auto object = json::parse(*text);  // refuses members that stand twice
  if (!object || object->as_object() == nullptr) return malformed("header");
  Header header = KYSO_TRY(read_members(*object));
  if (header.algorithm.empty()) return malformed("header \"alg\"");
  if (find_algorithm(header.algorithm) == nullptr) return bad_algorithm(header.algorithm);
  if (header.certificate_sha256.empty()) return malformed("header \"x5t#S256\"");
  return header;
}

const Algorithm* algorithm_of(const crypto::KeyHolder& signer) {
  const auto* const found =
      std::ranges::find_if(kAlgorithms, [&](const Algorithm& each) { return signer.supports(each.scheme); });
  return found == kAlgorithms.end() ? nullptr : found;
}

}  // namespace

Result<std::string> sign_jws(std::string_view type, std::string_view payload, crypto::KeyHolder& signer,
                             std::string shown_text) {
  const Algorithm* algorithm = algorithm_of(signer);
  if (algorithm == nullptr) return bad_algorithm(signer.certificate().public_key().algorithm());
  json::Value header = json::Value::object();
  header.set("alg", algorithm->name).set("typ", type);
  header.set("x5t#S256", to_base64url(signer.certificate().sha256()));
  std::string out = to_base64url(as_bytes(json::serialize(header))) + "." + to_base64url(as_bytes(payload));
  const Bytes hash = crypto::digest(algorithm->scheme.digest, as_bytes(out));
  Bytes signature = KYSO_TRY(signer.sign({algorithm->scheme, hash, as_bytes(out), std::move(shown_text)}));
  if (algorithm->coordinate != 0) {
    auto raw = ecdsa_der_to_raw(signature, algorithm->coordinate);
    if (!raw) return fail("jose.signature", "the holder's ECDSA signature is malformed");
    signature = *std::move(raw);
  }
  out += "." + to_base64url(signature);
  if (out.size() > kMaxJws) return too_large();
  return out;
}

Result<Jws> Jws::parse(std::string_view compact, std::string_view expected_type) {
  if (compact.size() > kMaxJws) return too_large();
  const std::size_t first = compact.find('.');
  const std::size_t second = first == std::string_view::npos ? first : compact.find('.', first + 1);
  if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos)
    return malformed("header.payload.signature");
  Header header = KYSO_TRY(read_header(compact.substr(0, first)));
  if (header.type != expected_type) return fail("jose.type", "{}", header.type).with("type", header.type);
  auto payload = from_base64url(compact.substr(first + 1, second - first - 1));
  if (!payload) return malformed("base64url");
  const std::string_view signature_text = compact.substr(second + 1);
  const auto signature = signature_text.size() <= kMaxSignature ? from_base64url(signature_text) : std::nullopt;
  if (!signature || signature->empty()) return malformed("base64url");
  const std::size_t coordinate = find_algorithm(header.algorithm)->coordinate;
  if (coordinate != 0 && signature->size() != 2 * coordinate) return fail("jose.signature", "length of r || s");
  Jws jws;
  jws.m_signing_input = compact.substr(0, second);
  jws.m_payload = *std::move(payload);
  jws.m_algorithm = std::move(header.algorithm);
  jws.m_signature = coordinate != 0 ? ecdsa_raw_to_der(as_bytes(*signature)) : to_bytes(*signature);
  jws.m_certificate_sha256 = std::move(header.certificate_sha256);
  return jws;
}

Result<> Jws::verify(const crypto::Certificate& signer) const {
  if (signer.sha256() != m_certificate_sha256) return fail("jose.certificate");
  return verify_by_key(signer.public_key());
}

// The algorithm must be one of the key: the header alone never chooses how a key is used.
Result<> Jws::verify_by_key(const crypto::PublicKey& key) const {
  const SignatureScheme scheme = find_algorithm(m_algorithm)->scheme;
  if (!key.allows(scheme)) return bad_algorithm(m_algorithm);
  if (key.type() == KeyType::rsa && key.bits() < kMinRsaBits) return bad_algorithm(fmt::format("RSA-{}", key.bits()));
  const ByteView message = as_bytes(m_signing_input);
  if (!key.verify(scheme, crypto::digest(scheme.digest, message), message, m_signature)) return fail("jose.signature");
  return {};
}

}  // namespace kyso::jose
