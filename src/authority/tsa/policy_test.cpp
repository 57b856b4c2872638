#include "authority/tsa/policy.h"

#include "base/test_support.h"

namespace kyso::authority::tsa {
namespace {

Result<TsaOptions> tsa(const std::string& text) {
  const TomlReader reader = must(TomlReader::parse(text, "kysod.toml"));
  TsaOptions options = KYSO_TRY(read_tsa_options(reader));
  KYSO_TRY(reader.refuse_unknown_keys());
  return options;
}
Result<ClockOptions> clock(const std::string& text) {
  const TomlReader reader = must(TomlReader::parse("[clock]\n" + text, "clock.toml"));
  ClockOptions options = KYSO_TRY(read_clock_options(reader));
  KYSO_TRY(reader.refuse_unknown_keys());
  return options;
}
template <typename T>
std::string problem(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return parameter(result.error(), "line") + ": " + parameter(result.error(), "problem");
}

const std::string kUsual = "[tsa]\n[[tsa.policy]]\noid = \"1.2.3\"\n";

}  // namespace

TEST_CASE("policies are read, with defaults that are right") {
  const TsaOptions none = must(tsa(""));
  CHECK_FALSE(none.is_enabled);
  const TsaOptions usual = must(tsa(kUsual));
  CHECK(usual.is_enabled);
  CHECK(usual.path == "/tsa");
  REQUIRE(usual.policies.size() == 1);
  const Policy& policy = usual.policies.front();
  CHECK(policy.accuracy == kSecond);
  CHECK_FALSE(policy.is_ordered);
  CHECK(policy.digests ==
        std::vector{crypto::DigestAlgorithm::sha256, crypto::DigestAlgorithm::sha384, crypto::DigestAlgorithm::sha512});
  const TsaOptions all = must(tsa(
      "[tsa]\npath = \"/dau-thoi-gian\"\nsigner = \"tsa-1\"\nname_in_token = false\nsend_root = true\nmax_batch = 10\n"
      "max_waiting = 100\nserial_block = 1000\nordering_lease_ms = 2000\nrefresh_ms = 1000\n"
      "clock_status = \"/run/x\"\nclock_owners = [\"kyso-clock\"]\n"
      "[[tsa.policy]]\noid = \"1.2.3\"\nname = \"thường\"\naccuracy = 0.1\nordering = true\ndigests = [\"sha256\"]\n"
      "[[tsa.policy]]\noid = \"1.2.4\"\nlegacy = true\ndigests = [\"sha1\", \"sha256\"]\n"
      "[[tsa.policy]]\noid = \"1.2.5\"\ntrial = true\n"));
  CHECK(all.policies.size() == 3);
  CHECK(all.policies[0].accuracy == 100 * kMillisecond);
  CHECK(all.policies[0].is_ordered);
  CHECK(all.policies[1].is_legacy);
  CHECK(all.policies[2].is_trial);
  CHECK(all.clock_status == "/run/x");
  CHECK(all.serial_block == 1000);
}

TEST_CASE("policies that must not be are refused at their line") {
  CHECK(problem(tsa("[tsa]\n")) == "1: [[tsa.policy]]");
  CHECK(problem(tsa(kUsual + "digests = [\"sha1\"]\n")) == "4: sha1: legacy = true");
  CHECK(problem(tsa(kUsual + "digests = [\"md5\"]\n")) == "4: md5");
  CHECK(problem(tsa(kUsual + "digests = []\n")) == "4: []");
  CHECK(problem(tsa(kUsual + "digests = [\"sha256\", \"sha256\"]\n")) == "4: sha256 × 2");
  CHECK(problem(tsa(kUsual + "legacy = true\n")) == "4: [[tsa.policy]] 1");
  CHECK(problem(tsa(kUsual + "accuracy = 2\n")) == "4: 2 (0.001…1)");
  CHECK(problem(tsa(kUsual + "[[tsa.policy]]\noid = \"1.2.3\"\n")) == "5: 1.2.3 × 2");
  for (const char* oid : {"", "1", "1.2.", "1..2", "3.1", "1.40", "a.b", "01.2"})
    CHECK_FALSE_MESSAGE(tsa(fmt::format("[tsa]\n[[tsa.policy]]\noid = \"{}\"\n", oid)), oid);
  CHECK(code_of(tsa(kUsual + "accuracyy = 1\n")) == "base.config.unknown_key");
  CHECK(code_of(tsa("[tsa]\npath = \"tsa\"\n")) == "base.config.invalid");
}

TEST_CASE("the clock's sources: more than half must agree, and three where there are as many") {
  const auto quorum = [](const std::string& text) { return must(clock(text)).monitor.guard.quorum; };
  CHECK(quorum("servers = [\"a\"]") == 1);
  CHECK(quorum("servers = [\"a\", \"b\"]") == 2);
  CHECK(quorum("servers = [\"a\", \"b\", \"c\"]") == 3);
  CHECK(quorum("servers = [\"a\", \"b\", \"c\"]\nquorum = 2") == 2);
  CHECK(quorum("servers = [\"a\", \"b\", \"c\", \"d\"]") == 3);
  CHECK(quorum("servers = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"]") == 4);
  CHECK(problem(clock("servers = [\"a\", \"b\", \"c\"]\nquorum = 1")) == "3: 1 (2…3)");
  CHECK(code_of(clock("")) == "base.config.invalid");
  const ClockOptions real = must(clock("servers = [\"a\"]\npoll_ms = 1000\nmax_drift_ppm = 50\nstatus = \"/run/y\""));
  CHECK(real.monitor.guard.needs_kernel);
  CHECK_FALSE(real.monitor.guard.is_trial);
  CHECK(real.monitor.guard.max_drift_ppb == 50'000);
  CHECK(real.monitor.guard.sample_life == 4 * kSecond);
  CHECK(make_sources(real, machine_clock()).size() == 1);
  // The clock compared with itself is no clock for real time-stamps.
  const ClockOptions trial = must(clock("own_clock = true"));
  CHECK(trial.monitor.guard.is_trial);
  CHECK_FALSE(trial.monitor.guard.needs_kernel);
  CHECK(make_sources(trial, machine_clock()).front()->name() == "own");
  CHECK(code_of(clock("own_clock = true\nservers = [\"a\"]")) == "base.config.invalid");
}

TEST_CASE("the clock compared with itself serves a trial within moments") {
  SharedClockStatus status;
  const ClockOptions options = must(clock("own_clock = true\npoll_ms = 50"));
  const auto monitor =
      ClockMonitor::start(options.monitor, make_sources(options, machine_clock()), machine_clock(),
                          {.publish = [&](const ClockStatus& now) { status.publish(now); }, .tell = {}});
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  ClockRefusal refusal = ClockRefusal::missing;
  while (refusal != ClockRefusal::none && std::chrono::steady_clock::now() < until)
    if (const auto now = status.status()) refusal = judge(*now, machine_clock().read(), kSecond, true).refusal;
  CHECK(refusal == ClockRefusal::none);
  CHECK(judge(*status.status(), machine_clock().read(), kSecond, false).refusal == ClockRefusal::trial);
}

}  // namespace kyso::authority::tsa
