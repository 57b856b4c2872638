#pragma once
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "decree30/roles.h"
#include "kyso/long_term.h"
#include "kyso/secrets.h"
#include "sign/prepare.h"

// What `sign`, `prepare` and batches share: options as typed, and what is opened once for all files.
namespace kyso::app {

struct SigningOptions {
  std::string role = "plain";
  std::string holder;                     // p12:FILE | pem:KEY,CERTIFICATES | pkcs11:URI
  std::vector<std::string> issuer_files;  // more issuer certificates, PEM
  PinOptions pin;
  std::string scheme;         // "rsa-pss-sha256"; empty: the key's default
  std::string profile;        // b-b, b-t, b-lt, b-lta, legacy; empty: b-t when a TSA is given, else b-b
  VerificationOptions trust;  // for b-lt and b-lta: whom to trust when data for long-term validation is collected
  std::vector<std::string> tsa_urls;
  int tsa_timeout_seconds = 10;
  std::string template_name;
  std::string image;
  std::string near;
  std::optional<std::size_t> page;  // from 1
  std::string rect;                 // X,Y,W,H in points
  std::string field;
  std::string number, date, comment, agency, forward, file_code, reason, location, copy_kind, edge_seal;
  std::optional<int> certify;
  bool lock = false;
  bool repair = false;
  std::string password;  // document; see document_password
};

// One line of what happened to a file.
struct Outcome {
  std::string output;
  std::string signer;
  std::string role;
  std::optional<decree30::FoundPlace> place;  // its rectangle on the page as seen, like --rect
  std::string profile;
  std::size_t size_added = 0;
  std::size_t cms_size = 0;
  std::optional<Instant> time_stamp;
  std::optional<verify::Extended> long_term;  // profiles b-lt and b-lta
  verify::Level long_term_asked = verify::Level::none;
  std::vector<std::string> notes;  // ids of decree30::note_text
  std::vector<pdf::StructureNote> repairs;
};
// Whether data for long-term validation is there as the profile asked. If not, it is told, not refused: the signature
// is good, and `kyso extend` can be run again.
bool is_as_asked(const Outcome& outcome);
json::Value to_json(const Outcome& outcome, Language language);
json::Value to_json(const std::vector<Finding>& findings, Language language);

// SigningSession: holder, template, image, time-stamp client; opened once, used for one file or hundreds, by one or
// several threads at once.
class SigningSession {
 public:
  static Result<std::unique_ptr<SigningSession>> open(SigningOptions options, const Console& console);

  // Per file, in a batch: what differs from the options.
  struct FileRequest {
    std::filesystem::path input, output;
    std::optional<std::string> number, date, comment, near;
    std::optional<std::size_t> page;
  };
  // Signs, or for role number without a holder fills. Nothing exists under `output` unless it is complete.
  Result<Outcome> process(const FileRequest& request);
  // The same up to the signature value; gives the state whose JSON belongs beside the file.
  Result<sign::PreparedSignature> prepare(const FileRequest& request, const sign::Signer& signer);

 private:
  SigningSession(SigningOptions options, const Console& console) : m_options(std::move(options)), m_console(console) {}
  Result<> load();
  Result<> open_key();  // when the first document has been found good: no PIN is asked for nothing
  Result<> load_key();
  sign::Signer signer() const;
  sign::PrepareOptions prepare_options(const FileRequest& file, Instant now) const;
  Result<> choose_profile();
  Result<pdf::Document> open_document(const std::filesystem::path& path) const;
  Result<decree30::RoleRequest> role_request(const FileRequest& request, const crypto::Certificate& certificate) const;
  Result<> sign_into(const pdf::Document& document, const FileRequest& file, const decree30::RoleRequest& request,
                     OutputFile& out, Outcome& outcome);
  Result<> number_then_sign(const pdf::Document& document, const FileRequest& file, decree30::RoleRequest request,
                            OutputFile& out, Outcome& outcome);
  Result<Outcome> fill_number(const pdf::Document& document, const FileRequest& request);

  SigningOptions m_options;
  const Console& m_console;
  decree30::Role m_role = decree30::Role::plain;
  decree30::Template m_template;
  std::optional<pdf::Image> m_image;
  std::optional<Secret> m_document_password;
  std::mutex m_key_mutex;
  std::unique_ptr<crypto::KeyHolder> m_holder;
  std::optional<Error> m_key_error;
  std::vector<crypto::Certificate> m_issuers;
  crypto::SignatureScheme m_scheme;
  sign::Profile m_profile = sign::Profile::b_b;
  std::unique_ptr<pki::TimeStampClient> m_tsa;
  std::unique_ptr<LongTermStep> m_long_term;
};

// "p12:FILE", "pem:KEY,CERTIFICATES", "pkcs11:…".
Result<std::unique_ptr<crypto::KeyHolder>> open_holder(const std::string& holder, const PinOptions& pin,
                                                       const Console& console);
std::unique_ptr<pki::TimeStampClient> make_time_stamp_client(const std::vector<std::string>& urls, int timeout_seconds);
Result<std::vector<crypto::Certificate>> read_certificates(const std::string& path);
Result<crypto::SignatureScheme> choose_scheme(const std::string& name, const crypto::Certificate& certificate);
decree30::TemplateStore template_store();

}  // namespace kyso::app
