#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/test_support.h"
#include "pdf/document/document.h"
#include "pdf/update/form_writer.h"

// For the tests of the writing parts: sample files, a temporary folder, small files made on the spot, other programs.
namespace kyso::pdf::test {
inline namespace update {  // the names of other tests' helpers are theirs

struct Sample {
  std::filesystem::path path;
  std::string password;
};

inline std::filesystem::path data(const std::string& name) {
  return std::filesystem::path(KYSO_SOURCE_DIR "/tests/data/pdf") / name;
}

inline std::string password_of(const std::string& file_name) {
  if (file_name.starts_with("minimal-with-field-aes256") || file_name.starts_with("minimal-with-field-rc4")) {
    return "usersecret";
  }
  if (file_name.starts_with("enc-r6-user-view")) return "master";  // the owner's: the user may change nothing
  return file_name.starts_with("20-pages") ? "user" : "";
}

inline std::vector<Sample> all_samples() {
  std::vector<Sample> samples;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data(""))) {
    if (entry.path().extension() != ".pdf") continue;
    samples.push_back({entry.path(), password_of(entry.path().filename())});
  }
  std::ranges::sort(samples, {}, [](const Sample& sample) { return sample.path; });
  return samples;
}

inline Bytes file_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline CommandResult run(const std::string& command) {
  return run_command(command + " 2>&1");
}

inline CommandResult qpdf_check(const std::filesystem::path& file, const std::string& password) {
  return run("qpdf --check --password='" + password + "' '" + file.string() + "'");
}

// A classic file of the given objects (numbered from 1, the first is the catalog), table and trailer correct.
inline Bytes make_pdf(const std::vector<std::string>& objects, const std::string& trailer_entries = "",
                      const std::string& version = "1.7") {
  std::string out = "%PDF-" + version + "\n%\xE2\xE3\xCF\xD3\n";
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    offsets.push_back(out.size());
    out += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
  }
  const std::size_t xref = out.size();
  out += fmt::format("xref\n0 {}\n0000000000 65535 f \n", objects.size() + 1);
  for (const std::size_t offset : offsets) out += fmt::format("{:010} 00000 n \n", offset);
  out += fmt::format("trailer\n<< /Size {} /Root 1 0 R {} >>\nstartxref\n{}\n%%EOF\n", objects.size() + 1,
                     trailer_entries, xref);
  return to_bytes(out);
}

inline Document open(const std::filesystem::path& path, const std::string& password = "",
                     RevisionGraph::Repair repair = RevisionGraph::Repair::minor) {
  const Secret secret(password);
  Document::Options options;
  options.repair = repair;
  if (!password.empty()) options.password = &secret;
  return must(Document::open(must(Source::open(path)), options), path.c_str());
}

inline Document open(Bytes bytes) {
  return must(Document::open(Source::from_bytes(std::move(bytes))));
}

inline const Bytes& random_id() {
  static const Bytes id = to_bytes("0123456789abcdef");
  return id;
}

inline Bytes whole(const Document& document, const Bytes& appendix) {
  Bytes all(static_cast<std::size_t>(document.graph().source().size()));
  must(document.graph().source().read(0, all));
  append(all, appendix);
  return all;
}

inline void save(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// Fills signature slots with what the openssl program makes.
class OpensslSigner {
 public:
  OpensslSigner() {
    const auto made = run(fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Nguyen Van A' "
        "-addext keyUsage=digitalSignature,nonRepudiation -keyout '{}' -out '{}'",
        key().string(), certificate().string()));
    REQUIRE_MESSAGE(made.status == 0, made.output);
  }
  std::filesystem::path certificate() const { return m_folder / "certificate.pem"; }

  void sign(const std::filesystem::path& path, const SignatureSlot& slot) const {
    Bytes all = file_bytes(path);
    const auto range = slot.byte_range();
    Bytes covered(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(range[1]));
    append(covered, ByteView(all).subspan(range[2], range[3]));
    save(m_folder / "covered", covered);
    const auto made = run(fmt::format(
        "openssl cms -sign -binary -cades -md sha256 -outform DER -in '{}' -signer '{}' "
        "-inkey '{}' -out '{}'",
        (m_folder / "covered").string(), certificate().string(), key().string(), (m_folder / "cms").string()));
    REQUIRE_MESSAGE(made.status == 0, made.output);
    fill(path, slot, all);
  }

  // The same with a time-stamp token (RFC 3161) of an authority made for this.
  void stamp(const std::filesystem::path& path, const SignatureSlot& slot) const {
    Bytes all = file_bytes(path);
    const auto range = slot.byte_range();
    Bytes covered(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(range[1]));
    append(covered, ByteView(all).subspan(range[2], range[3]));
    const std::string folder = (m_folder / "").string();
    save(m_folder / "covered", covered);
    save(m_folder / "serial", as_bytes("01\n"));
    save(m_folder / "tsa.cnf",
         as_bytes(fmt::format("[tsa]\nserial={0}serial\nsigner_cert={0}tsa.pem\nsigner_key={0}key.pem\n"
                              "default_policy=1.2.3\ndigests=sha256\nsigner_digest=sha256\n"
                              "ess_cert_id_alg=sha256\n",
                              folder)));
    const auto made = run(fmt::format(
        "cd '{}' && openssl req -x509 -key key.pem -days 30 -subj /CN=TSA -addext "
        "extendedKeyUsage=critical,timeStamping "
        "-addext keyUsage=critical,digitalSignature -out tsa.pem && openssl ts -query -data covered -sha256 -cert -out "
        "query && openssl ts -reply -config tsa.cnf -section tsa -queryfile query -token_out -out cms",
        folder));
    REQUIRE_MESSAGE(made.status == 0, made.output);
    fill(path, slot, all);
  }

 private:
  void fill(const std::filesystem::path& path, const SignatureSlot& slot, Bytes& all) const {
    const std::string hex = to_hex(file_bytes(m_folder / "cms"));
    REQUIRE(hex.size() <= 2 * slot.capacity);
    std::copy(hex.begin(), hex.end(), all.begin() + static_cast<std::ptrdiff_t>(slot.contents_offset + 1));
    save(path, all);
  }
  std::filesystem::path key() const { return m_folder / "key.pem"; }
  TestFolder m_folder;
};

// pyHanko's judgement of files (tests/interop/validate_pyhanko.py), or nullopt where it is not installed.
inline std::optional<CommandResult> pyhanko(const std::string& arguments) {
  const std::filesystem::path python = KYSO_SOURCE_DIR "/build/venv/bin/python";
  if (!std::filesystem::exists(python)) return std::nullopt;
  return run(python.string() + " " KYSO_SOURCE_DIR "/tests/interop/validate_pyhanko.py " + arguments);
}

}  // namespace update
}  // namespace kyso::pdf::test
