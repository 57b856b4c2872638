#pragma once
#include "pdf/file/object_view.h"

namespace kyso::pdf {

// The standard security handler (ISO 32000-2 section 7.6.4): V 1, 2, 4 and 5; R 2 to 6. Private to the module.
class SecurityHandler final : public Encryptor {
 public:
  enum class Crypt : std::uint8_t { identity, rc4, aes128, aes256 };

  // `encrypt`: the encryption dictionary, its values resolved. `first_id`: /ID[0]. The empty password is tried first,
  // then `password` as the user's and as the owner's. pdf.encrypted.password_needed, pdf.encrypted.password_wrong,
  // pdf.encrypted.unsupported {filter}.
  static Result<std::unique_ptr<SecurityHandler>> open(const Dictionary& encrypt, std::string_view first_id,
                                                       const Secret* password);

  const EncryptionInfo& info() const { return m_info; }
  // A string or stream that cannot be decrypted (wrong length or padding) stays as it is.
  std::string decrypt_string(ObjectId object, std::string_view bytes) const;
  Bytes decrypt(ObjectId object, Bytes bytes, Crypt method) const;
  // How a stream's data is encrypted; `crypt_filter`: /Name of its Crypt filter, if it has one.
  Crypt method_of(const Dictionary& stream, const std::optional<std::string>& crypt_filter) const;

  Bytes encrypt_string(ObjectId object, ByteView plain) const override;
  Bytes encrypt_stream(ObjectId object, ByteView plain) const override;

 private:
  struct Parameters;
  SecurityHandler() = default;
  Result<> read_methods(const Dictionary& encrypt, std::int64_t version);
  Result<Crypt> named_method(const Dictionary& encrypt, const Object& name) const;
  Bytes object_key(ObjectId object, Crypt method) const;
  Bytes encrypt(ObjectId object, ByteView plain, Crypt method) const;

  EncryptionInfo m_info{};
  Bytes m_key;
  Crypt m_strings = Crypt::rc4, m_streams = Crypt::rc4, m_embedded_files = Crypt::rc4;
  std::vector<std::pair<std::string, Crypt>> m_named;
};

// The file's key from passwords (ISO 32000-2 sections 7.6.4.3 and 7.6.4.4).
struct PasswordParameters {
  std::int64_t revision = 0;
  std::size_t key_bytes = 5;
  std::string o, u, oe, ue, first_id;
  std::uint32_t permissions = 0;
  bool encrypts_metadata = true;
};
struct FileKey {
  Bytes key;
  bool is_owner = false;
};
// Nothing when the password (UTF-8) is neither the user's nor the owner's.
std::optional<FileKey> file_key(const PasswordParameters& parameters, std::string_view password);

}  // namespace kyso::pdf
