#include <algorithm>
#include <array>

#include "crypto/pem.h"
#include "pki/crl_state.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

// X.690: shorter first, then by octets. Any total order does.
std::strong_ordering compare(ByteView a, ByteView b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

int gravity(const CrlEntry& entry) {
  if (entry.reason == kRemoveFromCrl) return 0;
  return entry.reason == kCertificateHold ? 1 : 2;
}

// The entry was read when the list was; what can't be read now was malformed then.
Result<CrlEntry> decode_entry(ByteView whole) {
  der::Reader outer(whole);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(fields.next());
  CrlEntry out;
  out.revoked_at = KYSO_TRY(der::read_time(KYSO_TRY(fields.next())));
  const auto extensions = KYSO_TRY(fields.maybe(der::kSequence));
  if (!extensions) return out;
  for (const ExtensionView& extension : KYSO_TRY(read_extension_views(extensions->content))) {
    if (extension.oid == kReasonCode) out.reason = KYSO_TRY(read_enumerated(extension.value));
    if (extension.oid == kInvalidityDate) out.invalid_since = KYSO_TRY(read_generalized_time(extension.value));
  }
  return out;
}

constexpr std::array<std::string_view, 11> kReasons{
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", "",
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};

}  // namespace

std::string_view name_of_reason(int reason) {
  return reason >= 0 && static_cast<std::size_t>(reason) < kReasons.size()
             ? kReasons.at(static_cast<std::size_t>(reason))
             : std::string_view();
}
std::optional<int> reason_by_name(std::string_view name) {
  const auto* const found = std::ranges::find(kReasons, name);
  if (name.empty() || found == kReasons.end()) return std::nullopt;
  return static_cast<int>(found - kReasons.begin());
}

std::uint64_t crl_sort_key(ByteView serial) {
  std::uint64_t key = 0;
  for (const std::uint8_t octet : serial.last(std::min<std::size_t>(serial.size(), 8))) key = key << 8U | octet;
  return key;
}

void RevocationList::State::sort_index() {
  std::ranges::sort(m_index, [this](const IndexLine& a, const IndexLine& b) {
    if (a.key != b.key) return a.key < b.key;
    const auto order = compare(serial_at(a), serial_at(b));
    return order == 0 ? a.offset < b.offset : order < 0;
  });
}

ByteView RevocationList::State::serial_at(const IndexLine& line) const {
  der::Reader outer(ByteView(der).subspan(line.offset));
  const auto entry = outer.next();
  if (!entry) return {};
  const auto serial = der::Reader(entry->content).next();
  return serial ? serial->content : ByteView();
}

std::optional<CrlEntry> RevocationList::State::find(ByteView serial, ByteView issuer_of_certificate) const {
  const ByteView number_sought = minimal_integer(serial);
  const std::uint64_t key = crl_sort_key(number_sought);
  const auto same_key = std::ranges::equal_range(m_index, key, {}, &IndexLine::key);
  const auto before = [this](const IndexLine& line, ByteView sought) { return compare(serial_at(line), sought) < 0; };
  std::optional<CrlEntry> gravest;
  for (auto line = std::lower_bound(same_key.begin(), same_key.end(), number_sought, before);
       line != same_key.end() && std::ranges::equal(serial_at(*line), number_sought); ++line) {
    const auto is_issuer = [&](const Bytes& name) { return std::ranges::equal(name, issuer_of_certificate); };
    if (!std::ranges::any_of(m_issuers[line->issuer_group], is_issuer)) continue;
    auto entry = decode_entry(ByteView(der).subspan(line->offset));
    if (entry && (!gravest || gravity(*entry) > gravity(*gravest))) gravest = *entry;
  }
  return gravest;
}

void RevocationList::State::for_each(const std::function<void(ByteView, const CrlEntry&)>& each) const {
  for (const IndexLine& line : m_index)
    if (const auto entry = decode_entry(ByteView(der).subspan(line.offset))) each(serial_at(line), *entry);
}

ByteView RevocationList::State::sha256() const {
  std::call_once(m_once, [this] { m_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, der); });
  return m_sha256;
}

Result<RevocationList> RevocationList::from_der(ByteView input) {
  constexpr std::string_view kPemBegin = "-----BEGIN X509 CRL-----";
  Bytes decoded;
  if (as_chars(input).find(kPemBegin) != std::string_view::npos && (input.empty() || input[0] != der::kSequence)) {
    for (crypto::PemBlock& block : crypto::read_pem(as_chars(input)))
      if (block.label == "X509 CRL" && decoded.empty()) decoded = std::move(block.content);
    input = decoded;
  }
  auto state = std::make_shared<State>(input);
  if (Result<> read = state->read(); !read) {
    const Error& cause = read.error();
    return fail("pki.crl.malformed", "{}: {}", cause.code, cause.detail);
  }
  RevocationList out;
  out.m_state = std::move(state);
  return out;
}

ByteView RevocationList::der() const {
  return m_state->der;
}
ByteView RevocationList::sha256() const {
  return m_state->sha256();
}
ByteView RevocationList::issuer_der() const {
  return m_state->issuer;
}
Instant RevocationList::this_update() const {
  return m_state->this_update;
}
std::optional<Instant> RevocationList::next_update() const {
  return m_state->next_update;
}
bool RevocationList::is_delta() const {
  return m_state->is_delta();
}
std::size_t RevocationList::size() const {
  return m_state->entry_count();
}
std::optional<std::int64_t> RevocationList::number() const {
  const std::optional<Bytes>& octets = m_state->number;
  if (!octets || octets->size() > sizeof(std::int64_t) ||
      (octets->size() == sizeof(std::int64_t) && octets->front() >= 0x80))
    return std::nullopt;
  std::int64_t out = 0;
  for (const std::uint8_t octet : *octets) out = out << 8 | octet;
  return out;
}
bool RevocationList::is_complete() const {
  return !m_state->is_delta() && !m_state->scope && m_state->unknown_critical.empty();
}
bool RevocationList::is_signed_by(const crypto::Certificate& issuer) const {
  return m_state->normalised_issuer == normalise_name(issuer.subject_der()) &&
         m_state->signatures.verify(m_state->signed_block, issuer.public_key()).has_value();
}
bool RevocationList::contains(const crypto::Certificate& certificate) const {
  const auto entry = m_state->find(certificate.serial(), normalise_name(certificate.issuer_der()));
  return entry && entry->reason != kRemoveFromCrl;
}
ByteView RevocationList::authority_key_id() const {
  return m_state->authority_key_id;
}
std::optional<Instant> RevocationList::expired_certificates_since() const {
  return m_state->expired_certificates_since;
}

}  // namespace kyso::pki
