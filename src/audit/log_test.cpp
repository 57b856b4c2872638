#include "audit/log.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "audit/audit.h"
#include "audit/journal_chain.h"
#include "audit/verify.h"
#include "base/file.h"
#include "crypto/key_holder.h"
#include "db/db_test_support.h"

namespace kyso::audit {
namespace {

constexpr Instant kNow{std::chrono::seconds(1'790'000'000)};

// A key of the log with its certificate, made once by openssl.
class LogKey {
 public:
  LogKey() {
    const std::string path = m_folder.path().string();
    output_of("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj '/CN=Log' -keyout " +
              path + "/key.pem -out " + path + "/cert.pem 2>/dev/null");
    const auto text = [&](const char* name) { return std::string(as_chars(must(read_file(m_folder / name)))); };
    m_holder = must(crypto::open_pem(text("key.pem"), text("cert.pem"), {}));
  }
  const crypto::Certificate& certificate() const { return m_holder->certificate(); }
  Log::Notary notary() const {
    return {.origin = "kyso.example/audit",
            .key = [this]() -> Result<crypto::PublicKey> { return certificate().public_key(); },
            .sign = [this](const std::string& text) -> Result<Bytes> {
              const crypto::SignatureScheme scheme = crypto::default_scheme(crypto::KeyType::ec_p256);
              const Bytes digest = crypto::digest(scheme.digest, as_bytes(text));
              return m_holder->sign({scheme, digest, as_bytes(text), {}});
            },
            .time_stamp = [](ByteView) -> Result<std::optional<Bytes>> { return std::optional<Bytes>(); }};
  }

 private:
  TestFolder m_folder;
  std::unique_ptr<crypto::KeyHolder> m_holder;
};

const LogKey& log_key() {
  static const LogKey key;
  return key;
}

void add_events(db::Database& database, int count, std::string_view kind = "test.event") {
  must(database.write([&](db::Transaction& transaction) -> Result<> {
    for (int i = 0; i < count; ++i) {
      Event event{std::string(kind), "nguyen-van-a", "subject/" + std::to_string(i), json::Value::object()};
      event.details.set("ghi chú", "số " + std::to_string(i));
      KYSO_TRY(append(transaction, event, kNow));
    }
    return {};
  }));
}

void integrate_all(Log& log) {
  while (must(log.integrate(300)) > 0) continue;
}

VerifyReport verify_folder(const std::filesystem::path& folder, db::Database* database = nullptr) {
  VerifyOptions options;
  options.folder = folder;
  options.keys = {log_key().certificate()};
  options.database = database;
  options.now = kNow + std::chrono::hours(1);
  return must(verify(options));
}

}  // namespace

TEST_CASE("events get leaves in the tree, with proofs, whatever the batches were") {
  db::on_each_engine([](db::Database& database) {
    Log log(database);
    std::int64_t event = 0;
    add_events(database, 700);
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      event = KYSO_TRY(append(transaction, {"test.receipt", "a", "b", json::Value::object()}, kNow));
      return {};
    }));
    CHECK(!must(leaf_index(database, event)));
    integrate_all(log);
    const auto index = must(leaf_index(database, event));
    REQUIRE(index);
    CHECK(*index == 700);
    CHECK(must(log.size()) == 701);
    MerkleTree tree = must(log.tree());
    const Bytes root = must(tree.root());
    const std::vector<std::string> last = must(log.entries(2));
    REQUIRE(last.size() == 701 - 512);
    CHECK(verify_inclusion(leaf_hash(as_bytes(last.back())), 700, 701, must(tree.inclusion_proof(700)), root));
    add_events(database, 40);
    integrate_all(log);
    MerkleTree grown = must(log.tree());
    CHECK(verify_consistency(701, root, 741, must(grown.root()), must(grown.consistency_proof(701))));
  });
}

TEST_CASE("an event exists exactly when its transaction does") {
  db::on_each_engine([](db::Database& database) {
    Log log(database);
    const Result<> refused = database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(append(transaction, {"test.gone", "a", "b", json::Value::object()}, kNow));
      return fail("base.internal");
    });
    CHECK(!refused);
    add_events(database, 1);
    integrate_all(log);
    CHECK(must(log.size()) == 1);
    CHECK(must(log.entries(0)).front().find("test.event") != std::string::npos);
  });
}

TEST_CASE("checkpoints are made when the log has grown, and files continue") {
  db::on_each_engine([](db::Database& database) {
    const TestFolder folder;
    Log log(database);
    for (const int more : {5, 251, 300, 1}) {
      add_events(database, more);
      integrate_all(log);
      CHECK(must(log.make_checkpoint(log_key().notary(), kNow)));
      CHECK(!must(log.make_checkpoint(log_key().notary(), kNow)));
      must(export_files(log, folder.path()));
    }
    const VerifyReport report = verify_folder(folder.path(), &database);
    for (const Problem& problem : report.problems) FAIL_CHECK(problem.code, " ", problem.place, " ", problem.detail);
    CHECK(report.leaves == 557);
    CHECK(report.checkpoints == 4);
    CHECK(report.records == 557);
    const Checkpoint newest =
        must(open_note(must(log.newest_checkpoint())->note, log_key().certificate().public_key()));
    CHECK(newest.size == 557);
  });
}

TEST_CASE("the time-stamp of a checkpoint alone makes no other one for a while") {
  db::on_each_engine([](db::Database& database) {
    Log log(database);
    add_events(database, 1);
    integrate_all(log);
    CHECK(must(log.make_checkpoint(log_key().notary(), kNow)));
    add_events(database, 1, "tsa.tokens");
    integrate_all(log);
    CHECK(!must(log.make_checkpoint(log_key().notary(), kNow + std::chrono::seconds(5))));
    CHECK(must(log.make_checkpoint(log_key().notary(), kNow + std::chrono::minutes(10))));
    add_events(database, 2, "tsa.tokens");  // somebody else's too
    integrate_all(log);
    CHECK(must(log.make_checkpoint(log_key().notary(), kNow + std::chrono::minutes(10))));
    add_events(database, 1);
    integrate_all(log);
    CHECK(must(log.make_checkpoint(log_key().notary(), kNow + std::chrono::minutes(10))));
  });
}

TEST_CASE("every change of a file or of the database is found") {
  db::on_each_engine([](db::Database& database) {
    const TestFolder folder;
    Log log(database);
    add_events(database, 600);
    integrate_all(log);
    must(log.make_checkpoint(log_key().notary(), kNow));
    must(export_files(log, folder.path()));
    REQUIRE(verify_folder(folder.path(), &database).is_clean());

    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
      if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files);
    REQUIRE(files.size() >= 8);
    // Any bit, any cut, any missing file.
    CHECK(rc::check([&](std::uint32_t which, std::uint32_t where, std::uint8_t how) {
      const std::filesystem::path& file = files[which % files.size()];
      const Bytes good = must(read_file(file));
      Bytes bad = good;
      if (how % 4 == 0)
        bad.resize(where % bad.size());
      else if (how % 4 == 1)
        bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(where % bad.size()), how);
      else
        bad[where % bad.size()] ^= static_cast<std::uint8_t>(1U << (how % 8U));
      std::ofstream(file, std::ios::binary)
          .write(reinterpret_cast<const char*>(bad.data()), static_cast<std::streamsize>(bad.size()));
      const bool is_clean = verify_folder(folder.path()).is_clean();
      std::ofstream(file, std::ios::binary)
          .write(reinterpret_cast<const char*>(good.data()), static_cast<std::streamsize>(good.size()));
      RC_ASSERT(!is_clean || bad == good);
    }));
    for (const std::filesystem::path& file : files) {
      const std::filesystem::path away = file.string() + ".away";
      std::filesystem::rename(file, away);
      VerifyOptions options;
      options.folder = folder.path();
      options.keys = {log_key().certificate()};
      options.now = kNow;
      const auto report = verify(options);
      CHECK_MESSAGE((!report || !report->is_clean()), file.string());
      std::filesystem::rename(away, file);
    }

    const auto after = [&](std::string_view sql, const db::Values& values) {
      must(database.write([&](db::Transaction& transaction) -> Result<> {
        KYSO_TRY(transaction.execute(sql, values));
        return {};
      }));
      return verify_folder(folder.path(), &database);
    };
    CHECK(!after("UPDATE audit_event SET actor = 'tran-thi-b' WHERE leaf_index = 17", {}).is_clean());
    CHECK(!after("UPDATE audit_event SET actor = 'nguyen-van-a', leaf_index = NULL WHERE leaf_index = 17", {})
               .is_clean());
    CHECK(after("UPDATE audit_event SET leaf_index = 17 WHERE leaf_index IS NULL", {}).is_clean());
    CHECK(!after("DELETE FROM audit_event WHERE leaf_index = 599", {}).is_clean());
  });
}

TEST_CASE("a log that was cut or rewritten does not continue a checkpoint that was kept") {
  db::on_each_engine([](db::Database& database) {
    const TestFolder folder;
    Log log(database);
    add_events(database, 20);
    integrate_all(log);
    must(log.make_checkpoint(log_key().notary(), kNow));
    must(export_files(log, folder.path()));
    VerifyOptions options;
    options.folder = folder.path();
    options.keys = {log_key().certificate()};
    options.now = kNow;
    options.known = Checkpoint{"kyso.example/audit", 20, Bytes(32, 1)};
    CHECK(must(verify(options)).problems.front().code == "audit.log.forked");
    MerkleTree tree = must(log.tree(10));
    options.known = Checkpoint{"kyso.example/audit", 10, must(tree.root())};
    CHECK(must(verify(options)).is_clean());
    options.known = Checkpoint{"kyso.example/audit", 21, Bytes(32, 1)};
    CHECK(!must(verify(options)).is_clean());
  });
}

TEST_CASE("certificates must be what the log says") {
  db::on_each_engine([](db::Database& database) {
    const TestFolder folder;
    Log log(database);
    const Bytes der = to_bytes("certificate"), serial = {1, 2, 3};
    const auto record = [&](const char* kind, const char* sha256) {
      must(database.write([&](db::Transaction& transaction) -> Result<> {
        Event event{kind, "system:authority", "CA/010203", json::Value::object()};
        if (sha256 != nullptr)
          event.details.set("sha256", to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, der)));
        KYSO_TRY(append(transaction, event, kNow));
        return {};
      }));
      integrate_all(log);
      must(log.make_checkpoint(log_key().notary(), kNow));
      must(export_files(log, folder.path()));
    };
    const auto set = [&](std::string_view sql, const db::Values& values = {}) {
      must(database.write([&](db::Transaction& transaction) -> Result<> {
        KYSO_TRY(transaction.execute(sql, values));
        return {};
      }));
    };
    const auto problem = [&]() -> std::string {
      const VerifyReport report = verify_folder(folder.path(), &database);
      return report.problems.empty() ? "" : report.problems.front().code;
    };
    record("certificate.prepared", nullptr);
    CHECK(problem() == "audit.certificate.missing");
    set("INSERT INTO certificate (issuer, serial, intent, request_id, reference, profile, state, subject, search, "
        "key_sha256, not_before, not_after, shard, recorded, linting) VALUES ('CA', ?, 'i', 'r', 'f', 'p', 'waiting', "
        "'s', 's', ?, 0, 1, 0, 0, ?)",
        {serial, serial, serial});
    CHECK(problem().empty());
    set("UPDATE certificate SET der = ?, state = 'good'", {der});
    CHECK(problem() == "audit.certificate.state");
    record("certificate.issued", "sha256");
    CHECK(problem().empty());
    set("UPDATE certificate SET der = ?", {to_bytes("another")});
    CHECK(problem() == "audit.certificate.changed");
    set("UPDATE certificate SET der = ?", {der});
    record("certificate.revoked", nullptr);
    CHECK(problem() == "audit.certificate.state");
    set("UPDATE certificate SET state = 'revoked'");
    CHECK(problem().empty());

    const Bytes first = journal_chain({}, 1, kNow, "key.used", "{}");
    set("INSERT INTO vault_journal (instance, sequence, at, kind, body, chain) VALUES (1, 1, ?, 'key.used', '{}', ?)",
        {kNow, first});
    CHECK(problem().empty());
    set("INSERT INTO vault_journal (instance, sequence, at, kind, body, chain) VALUES (1, 3, ?, 'key.used', '{}', ?)",
        {kNow, first});
    CHECK(problem() == "audit.journal.missing");
    set("UPDATE vault_journal SET sequence = 2 WHERE sequence = 3");
    CHECK(problem() == "audit.journal.changed");
    set("DELETE FROM vault_journal");
    const auto signed_entry = [&](const std::string& intent, const Bytes& content) {
      const std::string body = fmt::format(R"({{"certificates":[{{"intent":"{}","sha256":"{}"}}]}})", intent,
                                           to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, content)));
      set("DELETE FROM vault_journal");
      set("INSERT INTO vault_journal (instance, sequence, at, kind, body, chain) VALUES (1, 1, ?, 'intent.signed', ?, "
          "?)",
          {kNow, body, journal_chain({}, 1, kNow, "intent.signed", body)});
      return problem();
    };
    CHECK(signed_entry("i", der).empty());
    CHECK(signed_entry("another", der) == "audit.journal.unrecorded");
    CHECK(signed_entry("i", to_bytes("another")) == "audit.certificate.changed");
  });
}

TEST_CASE("names of tiles") {
  CHECK(tile_path("0", 0, 256) == "tile/0/000");
  CHECK(tile_path("1", 1'234'067, 256) == "tile/1/x001/x234/067");
  CHECK(tile_path("entries", 5, 17) == "tile/entries/005.p/17");
}

}  // namespace kyso::audit
