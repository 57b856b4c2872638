// Making a CRL of N entries: Kyso's writer from entries in the order of the database to the digest that is signed, and
// libcrypto's X509_CRL from the same entries to its signature.  kyso_crl_bench [entries] [kyso|again|libcrypto]
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/resource.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "crypto/algorithm.h"
#include "pki/status/revocation_list_writer.h"

namespace {

using namespace kyso;

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

long peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

// Serials as the vault draws them: an instance octet and 128 random bits.
void serial_at(std::size_t index, Bytes& serial) {
  serial.resize(17);
  serial[0] = 1;
  std::uint64_t state = index * 0x9e3779b97f4a7c15U + 1;
  for (std::size_t i = 1; i < serial.size(); i += 8) {
    state ^= state >> 31U;
    state *= 0xbf58476d1ce4e5b9U;
    state ^= state >> 29U;
    std::memcpy(serial.data() + i, &state, 8);
  }
}

const Instant kNow = Instant(std::chrono::seconds(1'780'000'000));

pki::status::RevokedEntry& entry_at(std::size_t index, pki::status::RevokedEntry& entry) {
  serial_at(index, entry.serial);
  entry.revoked_at = kNow - std::chrono::seconds(index % 100'000'000);
  entry.reason = index % 2 == 0 ? std::optional<int>(4) : std::nullopt;
  return entry;
}

pki::status::ListDescription description() {
  pki::status::ListDescription list;
  const char name[] =
      "\x30\x12\x31\x10\x30\x0e\x06\x03\x55\x04\x03\x0c\x07"
      "CPCA_G1";
  list.issuer_name.assign(name, name + sizeof name - 1);
  list.issuer_key_id = Bytes(20, 1);
  list.scheme = {crypto::KeyType::ec_p256, crypto::Padding::none, crypto::DigestAlgorithm::sha256};
  list.this_update = kNow;
  list.next_update = kNow + std::chrono::hours(24);
  list.number = 1;
  return list;
}

std::size_t write(const pki::status::EntryStore& store) {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  std::size_t size = 0;
  const auto written = pki::status::write_list(description(), store, [&](ByteView piece) {
    digester.update(piece);
    size += piece.size();
    return Result<>();
  });
  if (!written || digester.finish().empty()) std::abort();
  return size;
}

void run_kyso(std::size_t count, bool again) {
  const double began = cpu_seconds();
  pki::status::EntryStore store;
  pki::status::RevokedEntry entry;
  for (std::size_t i = 0; i < count; ++i) store.put(entry_at(i, entry));
  std::size_t size = write(store);
  std::printf("kyso       %9zu entries %10zu octets %7.3f CPU s, peak %ld MiB\n", count, size, cpu_seconds() - began,
              peak_megabytes());
  if (!again) return;
  const double second = cpu_seconds();
  store.put(entry_at(count, entry));
  size = write(store);
  std::printf("kyso again %9zu entries %10zu octets %7.3f CPU s, peak %ld MiB\n", count + 1, size,
              cpu_seconds() - second, peak_megabytes());
}

void run_libcrypto(std::size_t count) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  const double began = cpu_seconds();
  X509_CRL* crl = X509_CRL_new();
  X509_CRL_set_version(crl, 1);
  X509_NAME_add_entry_by_txt(X509_CRL_get_issuer(crl), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("CPCA_G1"), -1, -1, 0);
  ASN1_TIME* time = ASN1_TIME_set(nullptr, kNow.time_since_epoch().count());
  X509_CRL_set1_lastUpdate(crl, time);
  X509_CRL_set1_nextUpdate(crl, time);
  ASN1_ENUMERATED* reason = ASN1_ENUMERATED_new();
  ASN1_ENUMERATED_set(reason, 4);
  pki::status::RevokedEntry entry;
  for (std::size_t i = 0; i < count; ++i) {
    entry_at(i, entry);
    X509_REVOKED* revoked = X509_REVOKED_new();
    ASN1_INTEGER* serial = ASN1_INTEGER_new();
    ASN1_STRING_set(serial, entry.serial.data(), static_cast<int>(entry.serial.size()));
    X509_REVOKED_set_serialNumber(revoked, serial);
    ASN1_INTEGER_free(serial);
    ASN1_TIME_set(time, entry.revoked_at.time_since_epoch().count());
    X509_REVOKED_set_revocationDate(revoked, time);
    if (entry.reason) X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason, 0, 0);
    X509_CRL_add0_revoked(crl, revoked);
  }
  X509_CRL_sort(crl);
  if (X509_CRL_sign(crl, key, EVP_sha256()) <= 0) std::abort();
  unsigned char* out = nullptr;
  const int size = i2d_X509_CRL(crl, &out);
  std::printf("libcrypto  %9zu entries %10d octets %7.3f CPU s, peak %ld MiB\n", count, size, cpu_seconds() - began,
              peak_megabytes());
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const std::string what = argc > 2 ? argv[2] : "kyso";
  if (what == "libcrypto") {
    run_libcrypto(count);
  } else {
    run_kyso(count, what == "again");
  }
  return 0;
}
