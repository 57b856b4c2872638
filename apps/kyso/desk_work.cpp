#include "base/text.h"
#include "jose/base64url.h"
#include "kyso/desk_station.h"
#include "pki/issue/certificate_request.h"
#include "token/key_generation.h"
#include "token/token_setup.h"

// What the station does to tokens.
namespace kyso::app {
namespace {

constexpr std::string_view kKeyLabel = "signing";
constexpr std::string_view kMade = "key";           // state: what the server has to be told of a new key
constexpr std::string_view kStationKey = "unlock";  // state: the private key of one recovery
constexpr std::size_t kMaxLabel = 32, kPinDigits = 8;

std::string path_to(const StationJob& job, std::string_view action) {
  return "lines/" + url_encoded(job.line) + "/" + std::string(action);
}

// The person's name, as far as the 32 octets reach that a token has.
std::string label_for(const StationOptions& options, const StationJob& job) {
  if (!options.label.empty()) return options.label;
  std::string out;
  for (const char32_t letter : to_utf32(to_nfc(job.name))) {
    const std::string next = to_utf8(std::u32string(1, letter));
    if (letter < 0x20 || out.size() + next.size() > kMaxLabel) break;
    out += next;
  }
  return out.empty() ? "Kyso" : out;
}

token::PinSource source_of(const Secret& pin) {
  return [&pin](const token::TokenInfo&) -> Result<Secret> { return pin.clone(); };
}

std::string token_uri(const StationOptions& options, const token::TokenInfo& token) {
  return "pkcs11:serial=" + token::uri_escaped(token.serial) + "?module-path=" + options.module;
}

// A key that is born in the token, and its PKCS#10.
Result<Bytes> make_key(const StationOptions& options, const token::TokenInfo& token, const Secret& pin) {
  const auto kind = token::new_key_by_name(options.key_kind);
  if (!kind) return fail("token.mechanism").with("name", shown(options.key_kind));
  auto editor = KYSO_TRY(token::TokenEditor::open(token_uri(options, token), source_of(pin)));
  const token::KeyInToken key = KYSO_TRY(editor.generate(*kind, std::string(kKeyLabel)));
  token::Options bare;
  bare.max_sessions = 1;
  bare.certificate = token::bare_certificate(key.public_key);
  const auto holder = KYSO_TRY(token::open_pkcs11(key.uri, source_of(pin), bare));
  return pki::issue::make_certification_request(key.public_key, crypto::default_scheme(key.public_key.type()), *holder);
}

Result<> upload(AuthorityClient& client, const StationJob& job, const StationState& state, const Secret& made) {
  const json::Value body = KYSO_TRY(json::parse(made.reveal()));
  KYSO_TRY(client.post(path_to(job, "key"), body));
  state.forget(kMade);
  return {};
}

}  // namespace

Result<> personalise(AuthorityClient& client, const StationOptions& options, const StationJob& job,
                     const crypto::PublicKey& escrow_key, const Console& console) {
  const StationState state = KYSO_TRY(StationState::open(job.line));
  // A token was made before and the server not told, because it was away.
  if (const auto made = KYSO_TRY(state.read(kMade))) {
    KYSO_TRY(upload(client, job, state, *made));
    console.say("{}: đã gửi khóa tạo lần trước.", "{}: sent the key that was made before.", shown(job.line));
    return {};
  }
  PinLetter letter = KYSO_TRY(PinLetter::open(options, job, console));
  token::NewToken wanted{label_for(options, job), {}, random_pin(kPinDigits)};
  const bool is_made_anew = !options.token.empty();
  wanted.so_pin = is_made_anew ? KYSO_TRY(read_secret_file(options.so_pin_file)) : random_so_pin();
  const token::TokenInfo token = KYSO_TRY(
      token::initialize_token(options.module, is_made_anew ? std::optional(options.token) : std::nullopt, wanted));
  const std::string serial = serial_text(token.serial);
  const Bytes escrow = KYSO_TRY(vault::encrypt_to_escrow(escrow_key, {serial, std::move(wanted.so_pin)}));
  const Bytes pkcs10 = KYSO_TRY(make_key(options, token, wanted.user_pin));
  json::Value body = json::Value::object();
  body.set("pkcs10", jose::to_base64url(pkcs10)).set("token_serial", serial).set("token_label", token.label);
  body.set("token_model", token.model).set("escrow", jose::to_base64url(escrow));
  const Secret made(json::serialize(body));
  KYSO_TRY(state.write(kMade, made));
  KYSO_TRY(letter.tell(serial, wanted.user_pin));
  KYSO_TRY(upload(client, job, state, made));
  console.say("{}: đã tạo khóa trên thiết bị {} cho {}.", "{}: made a key on the token {} for {}.", shown(job.line),
              shown(serial), shown(job.name));
  return {};
}

Result<> write_to_token(AuthorityClient& client, const StationOptions& options, const StationJob& job,
                        const Console& console) {
  const auto certificate = KYSO_TRY(crypto::Certificate::from_der(job.certificate));
  KYSO_TRY(token::write_certificate(options.module, job.token_serial, certificate, pin_source({}, console)));
  KYSO_TRY(client.post(path_to(job, "written"), json::Value::object()));
  console.say("{}: đã nạp chứng thư vào thiết bị {} của {}.", "{}: wrote the certificate to the token {} of {}.",
              shown(job.line), shown(job.token_serial), shown(job.name));
  return {};
}

Result<> unlock(AuthorityClient& client, const StationOptions& options, const StationJob& job, const Console& console) {
  const StationState state = KYSO_TRY(StationState::open(job.line));
  const auto kept = KYSO_TRY(state.read(kStationKey));
  if (!job.so_pin) {
    // The same key again when it was made before: what officers are approving names it.
    const auto key = kept ? KYSO_TRY(vault::StationKey::restore(*kept)) : vault::StationKey::generate();
    if (!kept) KYSO_TRY(state.write(kStationKey, key.to_pkcs8()));
    json::Value body = json::Value::object();
    body.set("public_key", jose::to_base64url(key.public_key()));
    KYSO_TRY(client.post(path_to(job, "station-key"), body));
    console.say("{}: máy trạm đã sẵn sàng, chờ phê duyệt giải phóng SO-PIN của thiết bị {}.",
                "{}: the station is ready; the release of the SO-PIN of token {} waits for approval.", shown(job.line),
                shown(job.token_serial));
    return {};
  }
  if (!kept) return fail("kyso.desk.station").with("line", shown(job.line));
  const auto key = KYSO_TRY(vault::StationKey::restore(*kept));
  const vault::EscrowedPin escrowed = KYSO_TRY(key.open(*job.so_pin));
  if (escrowed.token_serial != job.token_serial)
    return fail("kyso.desk.token").with("serial", shown(escrowed.token_serial)).with("wanted", shown(job.token_serial));
  PinLetter letter = KYSO_TRY(PinLetter::open(options, job, console));
  const Secret pin = random_pin(kPinDigits);
  KYSO_TRY(token::unlock_token(options.module, job.token_serial, escrowed.so_pin, pin));
  KYSO_TRY(letter.tell(job.token_serial, pin));
  KYSO_TRY(client.post(path_to(job, "unlocked"), json::Value::object()));
  state.forget(kStationKey);
  console.say("{}: đã mở khóa thiết bị {} của {}.", "{}: unlocked the token {} of {}.", shown(job.line),
              shown(job.token_serial), shown(job.name));
  return {};
}

}  // namespace kyso::app
