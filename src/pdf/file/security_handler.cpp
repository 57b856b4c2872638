#include "pdf/file/security_handler.h"

#include <algorithm>

#include "crypto/cipher.h"

namespace kyso::pdf {

namespace {

using Crypt = SecurityHandler::Crypt;

Error unsupported(std::string_view what) {
  return fail("pdf.encrypted.unsupported", "{}", what).with("filter", what);
}

// ISO 32000-2 table 22: bits counted from 1.
bool has_bit(std::uint32_t permissions, unsigned bit) {
  return ((permissions >> (bit - 1)) & 1U) != 0;
}

std::string string_at(const Dictionary& dictionary, std::string_view key) {
  const String* value = dictionary.get(key).as_string();
  return value != nullptr ? value->bytes : std::string();
}

Result<PasswordParameters> parameters_of(const Dictionary& encrypt, std::string_view first_id, std::int64_t version) {
  PasswordParameters p;
  p.revision = encrypt.get("R").as_integer().value_or(0);
  p.o = string_at(encrypt, "O");
  p.u = string_at(encrypt, "U");
  p.oe = string_at(encrypt, "OE");
  p.ue = string_at(encrypt, "UE");
  p.first_id = first_id;
  // Written as a negative number or, by some, as a large positive one.
  p.permissions = static_cast<std::uint32_t>(encrypt.get("P").as_integer().value_or(0));
  p.encrypts_metadata = encrypt.get("EncryptMetadata").as_bool().value_or(true);
  std::int64_t bits = encrypt.get("Length").as_integer().value_or(40);
  if (bits > 0 && bits < 40 && bits % 8 == 0) bits *= 8;  // some give bytes
  if (version == 1) bits = 40;
  if (version == 4) bits = 128;
  if (version == 5) bits = 256;
  const bool is_r5 = version == 5 && (p.revision == 5 || p.revision == 6);
  const bool is_r4 = version == 4 && p.revision == 4;
  const bool is_old = (version == 1 || version == 2) && (p.revision == 2 || p.revision == 3);
  if (!is_r5 && !is_r4 && !is_old) return unsupported(fmt::format("Standard V{} R{}", version, p.revision));
  if (bits < 40 || (!is_r5 && bits > 128) || bits % 8 != 0) return unsupported(fmt::format("{} bit", bits));
  p.key_bytes = static_cast<std::size_t>(bits / 8);
  const std::size_t verifier = is_r5 ? 48 : 32;
  if (p.o.size() < verifier || p.u.size() < verifier || (is_r5 && (p.oe.size() < 32 || p.ue.size() < 32))) {
    return unsupported("Standard: /O, /U");
  }
  return p;
}

}  // namespace

Result<std::unique_ptr<SecurityHandler>> SecurityHandler::open(const Dictionary& encrypt, std::string_view first_id,
                                                               const Secret* password) {
  const std::string* filter = encrypt.get("Filter").as_name();
  if (filter == nullptr || *filter != "Standard") return unsupported(filter != nullptr ? *filter : "?");
  const std::int64_t version = encrypt.get("V").as_integer().value_or(0);
  const PasswordParameters p = KYSO_TRY(parameters_of(encrypt, first_id, version));

  auto handler = std::unique_ptr<SecurityHandler>(new SecurityHandler());
  KYSO_TRY(handler->read_methods(encrypt, version));
  std::optional<FileKey> key;
  if (password != nullptr && !password->empty()) key = file_key(p, password->reveal());
  if (!key) key = file_key(p, {});
  if (!key) {
    const bool was_given = password != nullptr && !password->empty();
    return fail(was_given ? "pdf.encrypted.password_wrong" : "pdf.encrypted.password_needed");
  }
  handler->m_key = std::move(key->key);
  EncryptionInfo& info = handler->m_info;
  info.key_bits = static_cast<int>(p.key_bytes * 8);
  info.revision = static_cast<int>(p.revision);
  info.encrypts_metadata = p.encrypts_metadata;
  info.opened_as_owner = key->is_owner;
  const auto may = [&](unsigned bit) { return key->is_owner || has_bit(p.permissions, bit); };
  info.may_modify = may(4);
  info.may_annotate = may(6);
  info.may_fill_forms = may(9) || may(6);
  return handler;
}

Result<Crypt> SecurityHandler::named_method(const Dictionary& encrypt, const Object& name) const {
  if (name.is_null() || name.is_name("Identity")) return Crypt::identity;
  const Dictionary* filters = encrypt.get("CF").as_dictionary();
  const Dictionary* filter =
      filters != nullptr && name.as_name() != nullptr ? filters->get(*name.as_name()).as_dictionary() : nullptr;
  if (filter == nullptr) return unsupported("crypt filter");
  const Object& method = filter->get("CFM");
  if (method.is_null() || method.is_name("None")) return Crypt::identity;
  if (method.is_name("V2")) return Crypt::rc4;
  if (method.is_name("AESV2")) return Crypt::aes128;
  if (method.is_name("AESV3")) return Crypt::aes256;
  return unsupported(method.as_name() != nullptr ? *method.as_name() : "crypt filter");
}

Result<> SecurityHandler::read_methods(const Dictionary& encrypt, std::int64_t version) {
  m_info.method = EncryptionInfo::Method::rc4;
  if (version < 4) return {};
  m_streams = KYSO_TRY(named_method(encrypt, encrypt.get("StmF")));
  m_strings = KYSO_TRY(named_method(encrypt, encrypt.get("StrF")));
  m_embedded_files = encrypt.has("EFF") ? KYSO_TRY(named_method(encrypt, encrypt.get("EFF"))) : m_streams;
  if (const Dictionary* filters = encrypt.get("CF").as_dictionary()) {
    for (const auto& [name, filter] : *filters) {
      if (m_named.size() >= 16) break;
      m_named.emplace_back(name, named_method(encrypt, Name{name}).value_or(Crypt::identity));
    }
  }
  const auto uses = [&](Crypt method) {
    return m_streams == method || m_strings == method || m_embedded_files == method;
  };
  if (uses(Crypt::aes256) != (version == 5)) {
    const bool is_identity_only = !uses(Crypt::rc4) && !uses(Crypt::aes128) && !uses(Crypt::aes256);
    if (!is_identity_only) return unsupported(fmt::format("V{} with another cipher", version));
  }
  if (uses(Crypt::aes128)) m_info.method = EncryptionInfo::Method::aes128;
  if (version == 5) m_info.method = EncryptionInfo::Method::aes256;
  return {};
}

Crypt SecurityHandler::method_of(const Dictionary& stream, const std::optional<std::string>& crypt_filter) const {
  if (stream.get("Type").is_name("XRef")) return Crypt::identity;
  if (crypt_filter) {
    for (const auto& [name, method] : m_named) {
      if (name == *crypt_filter) return method;
    }
    return Crypt::identity;
  }
  if (stream.get("Type").is_name("Metadata") && !m_info.encrypts_metadata) return Crypt::identity;
  return stream.get("Type").is_name("EmbeddedFile") ? m_embedded_files : m_streams;
}

// Algorithm 1: the file's key, the object's number and generation, and "sAlT" for AES. AES-256 uses the file's key.
Bytes SecurityHandler::object_key(ObjectId object, Crypt method) const {
  if (method == Crypt::aes256) return m_key;
  Bytes input = m_key;
  for (unsigned shift = 0; shift < 24; shift += 8) input.push_back(static_cast<std::uint8_t>(object.number >> shift));
  for (unsigned shift = 0; shift < 16; shift += 8) {
    input.push_back(static_cast<std::uint8_t>(object.generation >> shift));
  }
  if (method == Crypt::aes128) append(input, "sAlT");
  Bytes key = crypto::md5(input);
  key.resize(std::min<std::size_t>(m_key.size() + 5, 16));
  return key;
}

Bytes SecurityHandler::decrypt(ObjectId object, Bytes bytes, Crypt method) const {
  if (method == Crypt::identity) return bytes;
  const Bytes key = object_key(object, method);
  if (method == Crypt::rc4) return crypto::rc4(key, bytes);
  if (bytes.size() < 16) return {};  // not even the initialisation vector: nothing was encrypted
  const ByteView iv = ByteView(bytes).first(16);
  const ByteView data = ByteView(bytes).subspan(16, (bytes.size() - 16) / 16 * 16);
  auto plain = crypto::aes_cbc_decrypt(key, iv, data, crypto::CbcPadding::pkcs7);
  if (!plain) plain = crypto::aes_cbc_decrypt(key, iv, data, crypto::CbcPadding::none);
  return plain ? *std::move(plain) : bytes;
}

std::string SecurityHandler::decrypt_string(ObjectId object, std::string_view bytes) const {
  if (m_strings == Crypt::identity) return std::string(bytes);
  const Bytes plain = decrypt(object, to_bytes(bytes), m_strings);
  return std::string(plain.begin(), plain.end());
}

Bytes SecurityHandler::encrypt(ObjectId object, ByteView plain, Crypt method) const {
  if (method == Crypt::identity) return {plain.begin(), plain.end()};
  const Bytes key = object_key(object, method);
  if (method == Crypt::rc4) return crypto::rc4(key, plain);
  Bytes out = crypto::random_bytes(16);
  auto data = crypto::aes_cbc_encrypt(key, out, plain, crypto::CbcPadding::pkcs7);
  if (data) append(out, *data);  // only a wrong key length could fail, and the key is ours
  return out;
}

Bytes SecurityHandler::encrypt_string(ObjectId object, ByteView plain) const {
  return encrypt(object, plain, m_strings);
}
Bytes SecurityHandler::encrypt_stream(ObjectId object, ByteView plain) const {
  return encrypt(object, plain, m_streams);
}

}  // namespace kyso::pdf
