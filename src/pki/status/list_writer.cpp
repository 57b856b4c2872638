#include "crypto/algorithm_identifier.h"
#include "pki/status/revocation_list_writer.h"
#include "pki/status/status_encoding.h"

namespace kyso::pki::status {
namespace {

namespace der = crypto::der;

// DistributionPointName with fullName (RFC 5280 section 4.2.1.13).
Bytes point_name(const std::vector<std::string>& urls) {
  Bytes names;
  for (const std::string& url : urls) append(names, ByteView(der::encode(der::context(6, false), as_bytes(url))));
  return der::encode(der::context(0), der::encode(der::context(0), names));
}

Bytes list_extensions(const ListDescription& list) {
  // Section 5.2.1: keyIdentifier alone.
  Bytes out = extension("2.5.29.35", der::sequence(der::encode(der::context(0, false), list.issuer_key_id)));
  append(out, ByteView(extension("2.5.29.20", der::encode_integer(list.number))));
  // Sections 5.2.4 and 5.2.5: critical.
  if (list.delta_base) append(out, ByteView(extension("2.5.29.27", der::encode_integer(*list.delta_base), true)));
  if (!list.distribution_urls.empty())
    append(out, ByteView(extension("2.5.29.28", der::sequence(point_name(list.distribution_urls)), true)));
  if (!list.freshest_urls.empty())
    append(out, ByteView(extension("2.5.29.46", der::sequence(der::sequence(point_name(list.freshest_urls))))));
  // X.509 section 9.5.2.5.
  if (list.expired_certificates_since)
    append(out, ByteView(extension("2.5.29.60", generalized_time(*list.expired_certificates_since))));
  return der::encode(der::context(0), der::encode(der::kSequence, out));
}

struct Frame {
  Bytes before, after;  // the entries
};

Frame frame_of(const ListDescription& list, const EntryStore& entries) {
  Frame frame;
  Bytes start = der::concat(der::encode_integer(1), crypto::encode_x509_signature_algorithm(list.scheme),
                            list.issuer_name, list_time(list.this_update), list_time(list.next_update));
  // RFC 5280 section 5.1.2.6: absent when there are none.
  if (entries.size() != 0) append(start, ByteView(header(der::kSequence, entries.encoded_size())));
  frame.after = list_extensions(list);
  frame.before = header(der::kSequence, start.size() + entries.encoded_size() + frame.after.size());
  append(frame.before, ByteView(start));
  return frame;
}

}  // namespace

std::size_t list_size(const ListDescription& list, const EntryStore& entries) {
  const Frame frame = frame_of(list, entries);
  return frame.before.size() + entries.encoded_size() + frame.after.size();
}

Result<> write_list(const ListDescription& list, const EntryStore& entries,
                    const std::function<Result<>(ByteView)>& sink) {
  const Frame frame = frame_of(list, entries);
  KYSO_TRY(sink(frame.before));
  KYSO_TRY(entries.write_to(sink));
  return sink(frame.after);
}

ListEnvelope envelope(std::size_t tbs_size, crypto::SignatureScheme scheme, ByteView signature) {
  ListEnvelope out;
  out.after = der::concat(crypto::encode_x509_signature_algorithm(scheme),
                          der::encode(der::kBitString, der::concat(Bytes{0}, signature)));
  out.before = header(der::kSequence, tbs_size + out.after.size());
  return out;
}

}  // namespace kyso::pki::status
