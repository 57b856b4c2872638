// A PKCS#11 v2.40 module with one P-256 key, for tests of src/token. It misbehaves as told.
//
// A test opens the same library, loads key and certificate with kyso_fake_load, then turns knobs by kyso_fake_set and
// reads them and the counters by kyso_fake_get. Every name is a member of Knobs below.
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::string_view kPin = "4711-kyso";
constexpr int kTries = 3;

// Knobs that tests turn, and counters (below the line).
struct Knobs {
  long tries_left = kTries;
  long inserted = 1;
  long pin_pad = 0;              // CKF_PROTECTED_AUTHENTICATION_PATH: a NULL PIN logs in
  long always_authenticate = 0;  // CKA_ALWAYS_AUTHENTICATE
  long vague_pin_errors = 0;     // CKR_GENERAL_ERROR for a wrong PIN
  long hidden_flags = 0;         // never shows the state of the PIN
  long refuse_all = 0;           // no PIN is right any more
  long login_fails = 0;          // C_Login: CKR_GENERAL_ERROR whatever the PIN is
  long remove_at_sign = 0;       // the n-th C_Sign from now: CKR_DEVICE_REMOVED; the token is back at once
  long wakes_on_restart = 0;     // a token that was removed is seen again after C_Finalize and C_Initialize only
  long cannot_lock = 0;          // C_Initialize with CKF_OS_LOCKING_OK: CKR_CANT_LOCK
  long hold_signs = 0;           // C_Sign waits until this is 0 again
  long max_sessions = 100;
  long der_values = 0;   // C_Sign answers with Ecdsa-Sig-Value
  long hashes_only = 0;  // offers CKM_ECDSA_SHA256 instead of CKM_ECDSA
  // ----
  long logins = 0;          // calls of C_Login with a PIN to check, CKU_USER
  long context_logins = 0;  // the same, CKU_CONTEXT_SPECIFIC
  long signs = 0;
  long held = 0;  // callers that wait in C_Sign
  long initialises = 0;
  long sessions = 0;  // open now
  long most_sessions = 0;
  long overlaps = 0;  // calls that came while another one ran
};

struct Key {
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{nullptr, EVP_PKEY_free};
  Bytes certificate;
};

struct Session {
  std::vector<CK_OBJECT_HANDLE> found;
  bool signing = false;
  bool authenticated = false;
  CK_MECHANISM_TYPE mechanism = 0;
};

struct State {
  std::mutex mutex;
  std::condition_variable changed;
  Knobs knobs;
  Key key;
  std::map<CK_SESSION_HANDLE, Session> sessions;
  CK_SESSION_HANDLE next_session = 1;
  CK_ULONG insertion = 1;  // slot and object handles change with each
  bool initialised = false;
  bool logged_in = false;
  bool asleep = false;
};
State& state() {
  static State s;
  return s;
}

long* knob(std::string_view name) {
  auto& k = state().knobs;
  static const std::map<std::string_view, long Knobs::*> kNames{
      {"tries_left", &Knobs::tries_left},
      {"inserted", &Knobs::inserted},
      {"pin_pad", &Knobs::pin_pad},
      {"always_authenticate", &Knobs::always_authenticate},
      {"vague_pin_errors", &Knobs::vague_pin_errors},
      {"hidden_flags", &Knobs::hidden_flags},
      {"refuse_all", &Knobs::refuse_all},
      {"login_fails", &Knobs::login_fails},
      {"remove_at_sign", &Knobs::remove_at_sign},
      {"wakes_on_restart", &Knobs::wakes_on_restart},
      {"cannot_lock", &Knobs::cannot_lock},
      {"hold_signs", &Knobs::hold_signs},
      {"held", &Knobs::held},
      {"max_sessions", &Knobs::max_sessions},
      {"der_values", &Knobs::der_values},
      {"hashes_only", &Knobs::hashes_only},
      {"logins", &Knobs::logins},
      {"context_logins", &Knobs::context_logins},
      {"signs", &Knobs::signs},
      {"initialises", &Knobs::initialises},
      {"sessions", &Knobs::sessions},
      {"most_sessions", &Knobs::most_sessions},
      {"overlaps", &Knobs::overlaps},
  };
  const auto found = kNames.find(name);
  return found != kNames.end() ? &(k.*found->second) : nullptr;
}

CK_OBJECT_HANDLE key_handle() {
  return state().insertion * 10 + 1;
}
CK_OBJECT_HANDLE certificate_handle() {
  return state().insertion * 10 + 2;
}
CK_SLOT_ID slot_id() {
  return state().insertion + 100;
}
bool visible() {
  return state().knobs.inserted != 0 && !state().asleep;
}

void drop_sessions() {
  state().sessions.clear();
  state().knobs.sessions = 0;
  state().logged_in = false;
}

void remove_token() {
  drop_sessions();
  ++state().insertion;
}

// One call of the module: counts overlapping callers, then serialises them.
class Call {
 public:
  Call() : m_lock(state().mutex, std::try_to_lock) {
    if (m_lock.owns_lock()) return;
    m_lock.lock();
    ++state().knobs.overlaps;
  }
  // Why nothing but C_Initialize may go on.
  CK_RV refused() const { return state().initialised ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED; }
  void wait_while_held() {
    ++state().knobs.held;
    state().changed.wait(m_lock, [] { return state().knobs.hold_signs == 0; });
    --state().knobs.held;
  }

 private:
  std::unique_lock<std::mutex> m_lock;
};

template <std::size_t N>
void pad(unsigned char (&field)[N], std::string_view text) {
  std::fill(field, field + N, static_cast<unsigned char>(' '));
  std::copy_n(text.begin(), std::min(N, text.size()), field);
}

CK_RV initialize(void* arguments) {
  Call call;
  auto& s = state();
  if (s.initialised) return CKR_CRYPTOKI_ALREADY_INITIALIZED;
  const auto* args = static_cast<CK_C_INITIALIZE_ARGS*>(arguments);
  if (s.knobs.cannot_lock != 0 && args != nullptr && (args->flags & CKF_OS_LOCKING_OK) != 0) return CKR_CANT_LOCK;
  s.initialised = true;
  s.asleep = false;
  s.next_session = 1;  // as in SoftHSM2: handles of an earlier life name other sessions now
  ++s.knobs.initialises;
  return CKR_OK;
}

CK_RV finalize(void*) {
  Call call;
  if (const CK_RV rv = call.refused(); rv != CKR_OK) return rv;
  drop_sessions();
  state().initialised = false;
  return CKR_OK;
}

CK_RV get_info(CK_INFO* info) {
  Call call;
  if (const CK_RV rv = call.refused(); rv != CKR_OK) return rv;
  *info = {};
  info->cryptokiVersion = {2, 40};
  pad(info->manufacturerID, "Kyso tests");
  pad(info->libraryDescription, "fake module");
  return CKR_OK;
}

CK_RV get_slot_list(unsigned char, CK_SLOT_ID* list, CK_ULONG* count) {
  Call call;
  if (const CK_RV rv = call.refused(); rv != CKR_OK) return rv;
  const CK_ULONG present = visible() ? 1 : 0;
  if (list != nullptr) {
    if (*count < present) return CKR_BUFFER_TOO_SMALL;
    if (present != 0) *list = slot_id();
  }
  *count = present;
  return CKR_OK;
}

CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO* info) {
  Call call;
  if (!visible() || slot != slot_id()) return CKR_SLOT_ID_INVALID;
  *info = {};
  pad(info->slotDescription, "fake reader");
  pad(info->manufacturerID, "Kyso tests");
  info->flags = CKF_TOKEN_PRESENT | CKF_REMOVABLE_DEVICE | CKF_HW_SLOT;
  return CKR_OK;
}

CK_FLAGS pin_flags() {
  const auto& k = state().knobs;
  if (k.hidden_flags != 0) return 0;
  if (k.tries_left <= 0) return CKF_USER_PIN_LOCKED;
  if (k.tries_left == 1) return CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW;
  return k.tries_left < kTries ? CKF_USER_PIN_COUNT_LOW : 0;
}

CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  Call call;
  if (const CK_RV rv = call.refused(); rv != CKR_OK) return rv;
  if (!visible() || slot != slot_id()) return CKR_TOKEN_NOT_PRESENT;
  *info = {};
  pad(info->label, "Thẻ thử");
  pad(info->manufacturerID, "Kyso tests");
  pad(info->model, "fake");
  pad(info->serialNumber, "0001");
  info->flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | pin_flags();
  if (state().knobs.pin_pad != 0) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  return CKR_OK;
}

CK_RV get_mechanism_info(CK_SLOT_ID, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
  Call call;
  if (type != (state().knobs.hashes_only != 0 ? CKM_ECDSA_SHA256 : CKM_ECDSA)) return CKR_MECHANISM_INVALID;
  *info = {256, 256, CKF_HW | CKF_SIGN};
  return CKR_OK;
}

CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void*, CK_NOTIFY, CK_SESSION_HANDLE* handle) {
  Call call;
  auto& s = state();
  if (const CK_RV rv = call.refused(); rv != CKR_OK) return rv;
  if (!visible() || slot != slot_id()) return CKR_TOKEN_NOT_PRESENT;
  if ((flags & CKF_SERIAL_SESSION) == 0) return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
  if (static_cast<long>(s.sessions.size()) >= s.knobs.max_sessions) return CKR_SESSION_COUNT;
  *handle = s.next_session++;
  s.sessions[*handle];
  s.knobs.sessions = static_cast<long>(s.sessions.size());
  s.knobs.most_sessions = std::max(s.knobs.most_sessions, s.knobs.sessions);
  return CKR_OK;
}

CK_RV close_session(CK_SESSION_HANDLE handle) {
  Call call;
  auto& s = state();
  if (s.sessions.erase(handle) == 0) return CKR_SESSION_HANDLE_INVALID;
  s.knobs.sessions = static_cast<long>(s.sessions.size());
  if (s.sessions.empty()) s.logged_in = false;
  return CKR_OK;
}

CK_RV get_session_info(CK_SESSION_HANDLE handle, CK_SESSION_INFO* info) {
  Call call;
  if (!state().sessions.contains(handle)) return CKR_SESSION_HANDLE_INVALID;
  *info = {slot_id(), state().logged_in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION, CKF_SERIAL_SESSION, 0};
  return CKR_OK;
}

CK_RV check_pin(const unsigned char* pin, CK_ULONG size) {
  auto& k = state().knobs;
  if (k.login_fails != 0) return CKR_GENERAL_ERROR;
  if (k.tries_left <= 0) return CKR_PIN_LOCKED;
  const auto given = [&] { return std::string_view(reinterpret_cast<const char*>(pin), size); };
  const bool right = k.refuse_all == 0 && (k.pin_pad != 0 ? pin == nullptr : given() == kPin);
  if (right) {
    k.tries_left = kTries;
    return CKR_OK;
  }
  --k.tries_left;
  if (k.vague_pin_errors != 0) return CKR_GENERAL_ERROR;
  return k.tries_left > 0 ? CKR_PIN_INCORRECT : CKR_PIN_LOCKED;
}

CK_RV login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char* pin, CK_ULONG size) {
  Call call;
  auto& s = state();
  const auto session = s.sessions.find(handle);
  if (session == s.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  if (user == CKU_USER) {
    if (s.logged_in) return CKR_USER_ALREADY_LOGGED_IN;
    ++s.knobs.logins;
  } else if (user == CKU_CONTEXT_SPECIFIC) {
    if (!session->second.signing) return CKR_OPERATION_NOT_INITIALIZED;
    ++s.knobs.context_logins;
  } else {
    return CKR_USER_TYPE_INVALID;
  }
  const CK_RV rv = check_pin(pin, size);
  if (rv != CKR_OK) return rv;
  (user == CKU_USER ? s.logged_in : session->second.authenticated) = true;
  return CKR_OK;
}

Bytes attribute_of(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  const auto number = [](CK_ULONG value) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(&value);
    return Bytes(bytes, bytes + sizeof value);
  };
  const auto text = [](std::string_view value) { return Bytes(value.begin(), value.end()); };
  const bool is_key = object == key_handle();
  switch (type) {
    case CKA_CLASS:
      return number(is_key ? CKO_PRIVATE_KEY : CKO_CERTIFICATE);
    case CKA_TOKEN:
      return {CK_TRUE};
    case CKA_LABEL:
      return text(is_key ? "khóa" : "chứng thư");
    case CKA_ID:
      return {0x2a};
    case CKA_KEY_TYPE:
      return is_key ? number(CKK_EC) : Bytes{};
    case CKA_SIGN:
      return is_key ? Bytes{CK_TRUE} : Bytes{};
    case CKA_ALWAYS_AUTHENTICATE:
      return is_key ? Bytes{static_cast<unsigned char>(state().knobs.always_authenticate)} : Bytes{};
    case CKA_VALUE:
      return is_key ? Bytes{} : state().key.certificate;
    default:
      return {};
  }
}

CK_RV find_objects_init(CK_SESSION_HANDLE handle, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  Call call;
  auto& s = state();
  const auto session = s.sessions.find(handle);
  if (session == s.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  session->second.found.clear();
  for (const auto object : {key_handle(), certificate_handle()}) {
    if (object == key_handle() && !s.logged_in) continue;
    const bool fits = std::all_of(wanted, wanted + count, [&](const CK_ATTRIBUTE& a) {
      const auto* bytes = static_cast<const unsigned char*>(a.pValue);
      return attribute_of(object, a.type) == Bytes(bytes, bytes + a.ulValueLen);
    });
    if (fits) session->second.found.push_back(object);
  }
  return CKR_OK;
}

CK_RV find_objects(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE* out, CK_ULONG max, CK_ULONG* count) {
  Call call;
  const auto session = state().sessions.find(handle);
  if (session == state().sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  auto& found = session->second.found;
  *count = 0;
  if (found.empty() || max == 0) return CKR_OK;
  *out = found.front();  // one at a time, as some tokens do
  found.erase(found.begin());
  *count = 1;
  return CKR_OK;
}

CK_RV find_objects_final(CK_SESSION_HANDLE) {
  return CKR_OK;
}

CK_RV get_attribute_value(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* attributes, CK_ULONG count) {
  Call call;
  if (!state().sessions.contains(handle)) return CKR_SESSION_HANDLE_INVALID;
  if (object != key_handle() && object != certificate_handle()) return CKR_OBJECT_HANDLE_INVALID;
  CK_RV rv = CKR_OK;
  for (CK_ULONG i = 0; i < count; ++i) {
    const auto value = attribute_of(object, attributes[i].type);
    if (value.empty()) {
      attributes[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
      rv = CKR_ATTRIBUTE_TYPE_INVALID;
      continue;
    }
    if (attributes[i].pValue != nullptr) {
      if (attributes[i].ulValueLen < value.size()) return CKR_BUFFER_TOO_SMALL;
      std::memcpy(attributes[i].pValue, value.data(), value.size());
    }
    attributes[i].ulValueLen = value.size();
  }
  return rv;
}

CK_RV sign_init(CK_SESSION_HANDLE handle, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  Call call;
  auto& s = state();
  const auto session = s.sessions.find(handle);
  if (session == s.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  if (session->second.signing) return CKR_OPERATION_ACTIVE;
  if (!s.logged_in) return CKR_USER_NOT_LOGGED_IN;
  if (key != key_handle()) return CKR_KEY_HANDLE_INVALID;
  session->second = {{}, true, false, mechanism->mechanism};
  return CKR_OK;
}

Bytes der_signature(const unsigned char* data, CK_ULONG size, CK_MECHANISM_TYPE mechanism) {
  auto* key = state().key.key.get();
  Bytes value(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t length = value.size();
  if (mechanism == CKM_ECDSA_SHA256) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), value.data(), &length, data, size) != 1)
      return {};
  } else {
    std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(EVP_PKEY_CTX_new(key, nullptr),
                                                                        EVP_PKEY_CTX_free);
    if (EVP_PKEY_sign_init(context.get()) != 1 || EVP_PKEY_sign(context.get(), value.data(), &length, data, size) != 1)
      return {};
  }
  value.resize(length);
  return value;
}

Bytes raw_of(const Bytes& der) {
  const unsigned char* at = der.data();
  std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> value(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  Bytes raw(64);
  if (!value || BN_bn2binpad(ECDSA_SIG_get0_r(value.get()), raw.data(), 32) != 32 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(value.get()), raw.data() + 32, 32) != 32)
    return {};
  return raw;
}

CK_RV sign(CK_SESSION_HANDLE handle, unsigned char* data, CK_ULONG size, unsigned char* out, CK_ULONG* out_size) {
  Call call;
  auto& s = state();
  call.wait_while_held();
  const auto session = s.sessions.find(handle);
  if (session == s.sessions.end()) return CKR_SESSION_HANDLE_INVALID;
  if (!session->second.signing) return CKR_OPERATION_NOT_INITIALIZED;
  if (s.knobs.remove_at_sign > 0 && --s.knobs.remove_at_sign == 0) {
    s.asleep = s.knobs.wakes_on_restart != 0;
    remove_token();
    return CKR_DEVICE_REMOVED;
  }
  session->second.signing = false;
  if (s.knobs.always_authenticate != 0 && !session->second.authenticated) return CKR_USER_NOT_LOGGED_IN;
  ++s.knobs.signs;
  auto value = der_signature(data, size, session->second.mechanism);
  if (s.knobs.der_values == 0) value = raw_of(value);
  if (value.empty() || *out_size < value.size()) return CKR_FUNCTION_FAILED;
  std::copy(value.begin(), value.end(), out);
  *out_size = value.size();
  return CKR_OK;
}

}  // namespace

extern "C" {

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  static CK_FUNCTION_LIST functions = [] {
    CK_FUNCTION_LIST f{};
    f.version = {2, 40};
    f.C_Initialize = initialize;
    f.C_Finalize = finalize;
    f.C_GetInfo = get_info;
    f.C_GetFunctionList = C_GetFunctionList;
    f.C_GetSlotList = get_slot_list;
    f.C_GetSlotInfo = get_slot_info;
    f.C_GetTokenInfo = get_token_info;
    f.C_GetMechanismInfo = get_mechanism_info;
    f.C_OpenSession = open_session;
    f.C_CloseSession = close_session;
    f.C_GetSessionInfo = get_session_info;
    f.C_Login = login;
    f.C_FindObjectsInit = find_objects_init;
    f.C_FindObjects = find_objects;
    f.C_FindObjectsFinal = find_objects_final;
    f.C_GetAttributeValue = get_attribute_value;
    f.C_SignInit = sign_init;
    f.C_Sign = sign;
    return f;
  }();
  *list = &functions;
  return CKR_OK;
}

// All knobs and counters at their start, with that key and certificate (PEM files). Not while a test's holder is open.
int kyso_fake_load(const char* key_path, const char* certificate_path) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> key_file(std::fopen(key_path, "r"), std::fclose);
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> certificate_file(std::fopen(certificate_path, "r"), std::fclose);
  if (!key_file || !certificate_file) return 0;
  Key key;
  key.key.reset(PEM_read_PrivateKey(key_file.get(), nullptr, nullptr, nullptr));
  std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_X509(certificate_file.get(), nullptr, nullptr, nullptr), X509_free);
  unsigned char* der = nullptr;
  const int size = certificate ? i2d_X509(certificate.get(), &der) : 0;
  if (size > 0) key.certificate.assign(der, der + size);
  OPENSSL_free(der);
  if (!key.key || key.certificate.empty()) return 0;
  Call call;
  auto& s = state();
  s.key = std::move(key);
  s.knobs = {};
  s.asleep = false;
  remove_token();
  return 1;
}

int kyso_fake_set(const char* name, long value) {
  Call call;
  long* found = knob(name);
  if (found == nullptr) return 0;
  *found = value;
  state().changed.notify_all();
  if (std::string_view(name) == "inserted" && value == 0) remove_token();
  return 1;
}

long kyso_fake_get(const char* name) {
  Call call;
  const long* found = knob(name);
  return found != nullptr ? *found : -1;
}

const char* kyso_fake_pin() {
  return kPin.data();
}
}
