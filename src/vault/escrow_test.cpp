#include "vault/escrow.h"

#include "base/file.h"
#include "vault/officers_test_support.h"

namespace kyso::vault {
namespace {

using namespace test;

EscrowedPin sample() {
  return {"4a9c0b7d12345678", Secret("Xk3-9fQz77Lm")};
}

// The openssl program as the holder of the escrow key.
struct EscrowKey {
  TestFolder folder;
  std::optional<crypto::PublicKey> key;
  explicit EscrowKey(const std::string& kind) {
    const std::string base = (folder / "k").string();
    output_of(
        fmt::format("openssl genpkey -algorithm {1} -out {0}.pem 2>&1 && openssl pkey -in {0}.pem -pubout -outform DER "
                    "-out {0}.spki",
                    base, kind));
    key = must(crypto::PublicKey::from_spki(must(read_file(base + ".spki"))));
  }
  Secret open(ByteView ciphertext) {
    const std::string base = (folder / "k").string();
    std::ofstream(base + ".in", std::ios::binary) << as_chars(ciphertext);
    return Secret(output_of(fmt::format(
        "openssl pkeyutl -decrypt -inkey {0}.pem -pkeyopt rsa_padding_mode:oaep -in {0}.in -out {0}.txt && cat {0}.txt",
        base)));
  }
};

}  // namespace

TEST_CASE("an SO-PIN goes into escrow and comes to the station that asked for it") {
  EscrowKey escrow("RSA -pkeyopt rsa_keygen_bits:3072");
  const Bytes kept = must(encrypt_to_escrow(*escrow.key, sample()));
  CHECK(kept.size() == 384);
  CHECK(kept != must(encrypt_to_escrow(*escrow.key, sample())));
  const EscrowedPin opened = must(read_escrowed(escrow.open(kept)));
  CHECK(opened.token_serial == sample().token_serial);
  CHECK(opened.so_pin.reveal() == sample().so_pin.reveal());

  const StationKey station = StationKey::generate();
  REQUIRE(check_station_key(station.public_key()));
  const Bytes released = must(encrypt_to_station(station.public_key(), opened));
  CHECK(must(station.open(released)).so_pin.reveal() == sample().so_pin.reveal());
  CHECK(must(station.open(released)).token_serial == sample().token_serial);
  // Days later, from what the station kept.
  const StationKey again = must(StationKey::restore(station.to_pkcs8()));
  CHECK(again.public_key() == station.public_key());
  CHECK(must(again.open(released)).so_pin.reveal() == sample().so_pin.reveal());
}

TEST_CASE("what was released is for one station and can't be changed") {
  const StationKey station = StationKey::generate();
  const Bytes released = must(encrypt_to_station(station.public_key(), sample()));
  CHECK(code_of(StationKey::generate().open(released)) == "vault.escrow.content");
  for (std::size_t i = 0; i < released.size(); ++i) {
    Bytes changed = released;
    changed[i] ^= 1;
    CHECK_MESSAGE(code_of(station.open(changed)) == "vault.escrow.content", i);
    CHECK(code_of(station.open(ByteView(released).first(i))) == "vault.escrow.content");
  }
  Bytes longer = released;
  longer.push_back(0);
  CHECK(code_of(station.open(longer)) == "vault.escrow.content");
  CHECK(code_of(station.open(Bytes(100'000, 1))) == "vault.escrow.content");
}

TEST_CASE("keys that are no good are refused") {
  EscrowKey small("RSA -pkeyopt rsa_keygen_bits:1024"), curve("EC -pkeyopt ec_paramgen_curve:P-256"),
      other("EC -pkeyopt ec_paramgen_curve:P-384");
  CHECK(code_of(encrypt_to_escrow(*small.key, sample())) == "vault.escrow.key");
  CHECK(code_of(encrypt_to_escrow(*curve.key, sample())) == "vault.escrow.key");
  CHECK(code_of(check_station_key(curve.key->spki())) == "ok");
  CHECK(code_of(check_station_key(other.key->spki())) == "vault.escrow.station");
  CHECK(code_of(check_station_key(small.key->spki())) == "vault.escrow.station");
  CHECK(code_of(check_station_key({})) == "vault.escrow.station");
  Bytes off_curve(curve.key->spki().begin(), curve.key->spki().end());
  off_curve.back() ^= 1;
  CHECK(code_of(check_station_key(off_curve)) == "vault.escrow.station");
  CHECK(code_of(encrypt_to_station(off_curve, sample())) == "vault.escrow.station");
  CHECK(code_of(StationKey::restore(Secret("nothing"))) == "vault.escrow.station");
  CHECK(code_of(StationKey::restore(Secret(std::string(as_chars(must(read_file(small.folder / "k.spki"))))))) ==
        "vault.escrow.station");
}

TEST_CASE("SO-PINs and serial numbers that can't be kept are refused") {
  EscrowKey escrow("RSA -pkeyopt rsa_keygen_bits:2048");
  const auto code = [&](const std::string& serial, const std::string& pin) {
    return code_of(encrypt_to_escrow(*escrow.key, {serial, Secret(pin)}));
  };
  CHECK(code("1", "1234") == "ok");
  CHECK(code(std::string(64, 'a'), std::string(64, '9')) == "ok");
  for (const char* bad : {"", "has blank", "line\nend", "Ký"}) CHECK(code(bad, "12345678") == "vault.escrow.pin");
  for (const char* bad : {"", "123", "1234 5678", "1234\n5678", "Mã 12345"})
    CHECK(code("1", bad) == "vault.escrow.pin");
  CHECK(code(std::string(65, 'a'), "12345678") == "vault.escrow.pin");
  CHECK(code("1", std::string(65, '9')) == "vault.escrow.pin");
  for (const char* bad : {"", "kyso-so-pin/1\n", "kyso-so-pin/1\nserial", "kyso-so-pin/1\n\n12345678",
                          "kyso-so-pin/2\n1\n12345678", "kyso-so-pin/1\n1\n12345678\n"})
    CHECK_MESSAGE(code_of(read_escrowed(Secret(bad))) == "vault.escrow.content", bad);
}

}  // namespace kyso::vault
