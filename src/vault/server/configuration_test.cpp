#include "vault/server/configuration.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "vault/server/softhsm_test_support.h"

using namespace kyso;
using namespace kyso::vault;
using namespace kyso::vault::test;

namespace {

std::string pem(const std::vector<crypto::Certificate>& certificates) {
  std::string out;
  for (const auto& certificate : certificates)
    out += "-----BEGIN CERTIFICATE-----\n" + to_base64(certificate.der()) + "\n-----END CERTIFICATE-----\n";
  return out;
}

// What is wrong, and in which line.
std::string trouble(const TestFolder& folder, const std::string& text) {
  const auto result = load_configuration(folder.write("bad.toml", text));
  if (result) return "ok";
  return std::string(result.error().code) + " " + parameter(result.error(), "line");
}

}  // namespace

TEST_CASE("a configuration becomes a vault whose keys lie in a token") {
  SoftHsm hsm;
  auto editor = hsm.editor();
  const auto key = must(editor.generate(token::NewKey::ec_p256, "CPCA_G1"));
  auto made = TestAuthority::with_keys(
      std::shared_ptr<crypto::KeyHolder>(
          must(token::open_pkcs11(key.uri, SoftHsm::pin(), {.certificate = token::bare_certificate(key.public_key)}))),
      shared_authority().stamping.holder);
  const auto& folder = hsm.folder;
  folder.write("CPCA_G1.pem", pem(made.issuing.certificates));
  folder.write("hsm.pin", "12345678\n");
  ::chmod((folder / "hsm.pin").c_str(), 0600);
  std::filesystem::create_directories(folder / "policy" / "profiles");
  for (const auto& file : shipped_policy()) folder.write("policy/" + file.name, file.content);
  const auto path = folder.write("vault.toml", R"(
instance = 42
socket = "vault.sock"
database = "vault.db"
allowed_users = ["root"]
initial_policy = "policy"

[checkpoint]
origin = "kyso.example.vn/audit"

[[token]]
name = "hsm1"
module = ")" + SoftHsm::module() + R"("
label = "Kyso"
pin_file = "hsm.pin"

[[key]]
name = "CPCA_G1"
purpose = "issue"
tokens = ["hsm1"]
certificate = "CPCA_G1.pem"
ocsp_urls = ["http://ocsp.example.vn/CPCA_G1"]
ca_issuer_urls = ["http://ca.example.vn/CPCA_G1.crt"]
crl_urls = ["http://crl.example.vn/CPCA_G1-{shard}.crl"]
crl_shards = 16

[[key]]
name = "CPCA_G1-ocsp"
purpose = "ocsp"
issuer = "CPCA_G1"
memory = true
profile = "OCSP"
subject = ["C=VN", "O=Cơ quan mẫu", "CN=OCSP"]
lifetime_hours = 48
)");
  auto configuration = must(load_configuration(path));
  CHECK(configuration.core.instance == 42);
  CHECK(configuration.server.users == std::vector<uid_t>{0});
  CHECK(configuration.server.socket == folder / "vault.sock");
  CHECK(configuration.core.keys[0].crl_shards == 16);
  CHECK(configuration.core.keys[1].lifetime == std::chrono::hours(48));
  CHECK(configuration.core.initial_policy.size() == shipped_policy().size());

  TestClock clock;
  const auto database = must(db::Database::open({.url = "sqlite:" + configuration.database.string()}));
  must(db::migrate(*database, KYSO_SOURCE_DIR "/db/migrations/vault", clock));
  made.issuing.holder.reset();
  const auto core = must(Core::create(std::move(configuration.core), *database, clock));
  const auto prepared = must(std::move(core->prepare({approved_issue()}).front()));
  CHECK(must(std::move(core->sign_prepared({prepared.front().intent}).front()))
            .is_issued_by(made.issuing.certificates.front()));
  CHECK(must(core->state()).signers.size() == 2);
}

TEST_CASE("what is wrong in a configuration is told with its line") {
  const TestFolder folder;
  folder.write("c.pem", pem(shared_authority().issuing.certificates));
  CHECK(trouble(folder, "") == "base.config.missing 1");
  const std::string head = "database = \"v.db\"\n";
  CHECK(trouble(folder, head) == "ok");
  CHECK(trouble(folder, head + "instance = 0\n") == "base.config.invalid 2");
  CHECK(trouble(folder, head + "instance = 128\n") == "base.config.invalid 2");
  CHECK(trouble(folder, head + "\nnonsense = 1\n") == "base.config.unknown_key 3");
  CHECK(trouble(folder, head + "threads = \"many\"\n") == "base.config.wrong_type 2");
  CHECK(trouble(folder, head + "allowed_users = [\"no-such-user-here\"]\n").starts_with("vault.user"));
  const std::string token = "[[token]]\nname = \"a\"\nuri = \"pkcs11:token=K\"\n";
  CHECK(trouble(folder, head + token) == "ok");
  CHECK(trouble(folder, head + token + token) == "base.config.invalid 6");
  CHECK(trouble(folder, head + "[[token]]\nname = \"a\"\nuri = \"http://x\"\n") == "base.config.invalid 4");
  CHECK(trouble(folder, head + token + "pin_file = \"x\"\ncredential = \"y\"\n") == "base.config.invalid 6");
  const std::string key = "[[key]]\nname = \"k\"\n";
  CHECK(trouble(folder, head + key) == "base.config.missing 2");
  CHECK(trouble(folder, head + key + "purpose = \"everything\"\n") == "base.config.invalid 4");
  CHECK(trouble(folder, head + key + "purpose = \"issue\"\nmemory = true\n") == "base.config.invalid 5");
  CHECK(trouble(folder, head + key + "purpose = \"issue\"\ncertificate = \"c.pem\"\ntokens = [\"none\"]\n") ==
        "base.config.invalid 6");
  CHECK(trouble(folder, head + key + "purpose = \"escrow\"\nmemory = true\n") == "base.config.invalid 5");
  CHECK(trouble(folder, head + token + key + "purpose = \"escrow\"\ncertificate = \"c.pem\"\ntokens = [\"a\"]\n") ==
        "base.config.missing 5");
  CHECK(trouble(folder, head + token + key +
                            "purpose = \"escrow\"\nissuer = \"k2\"\ncertificate = \"c.pem\"\ntokens = [\"a\"]\n") ==
        "ok");
  CHECK(trouble(folder, head + key + "purpose = \"ocsp\"\nmemory = true\n") == "base.config.missing 2");
  CHECK(trouble(folder, head + key + "purpose = \"ocsp\"\nmemory = true\nprofile = \"OCSP\"\n") ==
        "base.config.missing 2");
  CHECK(trouble(folder,
                head + key +
                    "purpose = \"ocsp\"\nmemory = true\nprofile = \"OCSP\"\nissuer = \"k\"\nsubject = [\"X\"]\n") ==
        "base.config.invalid 8");
}

TEST_CASE("PINs are read from files that are private, and nowhere else") {
  const TestFolder folder;
  const auto file = folder.write("pin", "12345678\r\n");
  ::chmod(file.c_str(), 0600);
  CHECK(must(read_pin(file)).reveal() == "12345678");
  for (const mode_t mode : {0640U, 0604U, 0644U, 0660U, 0606U, 0777U}) {
    ::chmod(file.c_str(), mode);
    CHECK(code_of(read_pin(file)) == "vault.secret.mode");
  }
  ::chmod(file.c_str(), 0400);
  CHECK(code_of(read_pin(file)) == "ok");
  if (::geteuid() == 0) {
    REQUIRE(::chown(file.c_str(), 65'534, 65'534) == 0);
    CHECK(code_of(read_pin(file)) == "vault.secret.mode");
  }
  CHECK(code_of(read_pin(folder / "missing")) == "vault.secret.missing");
  CHECK(code_of(read_pin(folder.path())) == "vault.secret.mode");
  const auto empty = folder.write("empty", "\n");
  ::chmod(empty.c_str(), 0600);
  CHECK(code_of(read_pin(empty)) == "vault.secret.missing");
  // systemd's credentials: their folder is private, their mode its own business.
  std::filesystem::create_directory(folder / "credentials");
  const auto credential = folder.write("credentials/hsm.pin", "1234");
  ::chmod(credential.c_str(), 0440);
  CHECK(code_of(read_pin(credential)) == "vault.secret.mode");
  ::setenv("CREDENTIALS_DIRECTORY", (folder / "credentials").c_str(), 1);
  CHECK(must(read_pin(credential)).reveal() == "1234");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_CASE("in the sandbox there is no network, no other program, no debugger") {
  // In a child process: it is for good.
  const auto in_child = [](auto&& f) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::alarm(30);
      ::_exit(f());
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
  };
  const SandboxOptions options;
  // The probes find what isn't closed: before, they fail by other errors or succeed.
  CHECK(in_child([&] { return static_cast<int>(find_holes(options).size()); }) > 8);
  const auto sandboxed = [&] {
    if (!enter_sandbox(options)) return 100;
    return static_cast<int>(find_holes(options).size());
  };
  CHECK(in_child(sandboxed) == 0);
  CHECK(in_child([&] {  // an ordinary user
          if (::geteuid() == 0 && (::setgid(65'534) != 0 || ::setuid(65'534) != 0)) return 101;
          return sandboxed();
        }) == 0);
  if (::geteuid() == 0) {
    CHECK(in_child([&] {  // root becomes somebody else on the way
            auto as_nobody = options;
            as_nobody.user = "nobody";
            if (!enter_sandbox(as_nobody)) return 100;
            if (::geteuid() == 0 || ::getuid() == 0 || ::setuid(0) == 0) return 101;
            return static_cast<int>(find_holes(options).size());
          }) == 0);
  }
  CHECK(in_child([&] {  // threads and keys still work
          if (!enter_sandbox(options)) return 100;
          bool good = false;
          std::thread([&] { good = make_memory_key("ec:p256").has_value(); }).join();
          return good ? 0 : 1;
        }) == 0);
  CHECK(in_child([&] {  // a network HSM
          auto open = options;
          open.allow_network = true;
          if (!enter_sandbox(open)) return 100;
          const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
          return socket >= 0 && find_holes(open).empty() ? 0 : 1;
        }) == 0);
}
