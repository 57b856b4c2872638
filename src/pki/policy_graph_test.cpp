#include "pki/policy_graph.h"

#include "pki/extension_ids.h"
#include "pki/path_test_support.h"

namespace kyso::pki {
namespace {

using namespace testing;
using Strings = std::vector<std::string>;

const std::string kAny(kAnyPolicy);

CertificateExtensions with(std::optional<Strings> policies, std::vector<PolicyMapping> mapped = {}) {
  CertificateExtensions out;
  out.policies = std::move(policies);
  out.policy_mappings = std::move(mapped);
  return out;
}

struct Step {
  CertificateExtensions extensions;
  bool any_allowed = true, mapping_allowed = true;
};

// The user-constrained set after these certificates, the last of which is the target.
Strings run(const std::vector<Step>& steps, const Strings& user = {}) {
  PolicyGraph graph(4096);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    graph.add_certificate(steps[i].extensions, steps[i].any_allowed);
    if (i + 1 < steps.size()) REQUIRE(graph.map_policies(steps[i].extensions, steps[i].mapping_allowed));
  }
  return graph.user_policies(user);
}

TEST_CASE("policies along a path") {
  CHECK(run({}) == Strings{kAny});
  CHECK(run({{with(Strings{"1.1"})}, {with(Strings{"1.1", "1.2"})}}) == Strings{"1.1"});
  CHECK(run({{with(Strings{"1.1"})}, {with(Strings{"1.2"})}}).empty());
  CHECK(run({{with(Strings{"1.1"})}, {with(std::nullopt)}}).empty());
  CHECK(run({{with(std::nullopt)}, {with(Strings{"1.1"})}}).empty());
  CHECK(run({{with(Strings{kAny})}, {with(Strings{"1.1"})}}) == Strings{"1.1"});
  CHECK(run({{with(Strings{"1.1"})}, {with(Strings{kAny})}}) == Strings{"1.1"});
  CHECK(run({{with(Strings{kAny})}, {with(Strings{kAny})}}) == Strings{kAny});
  CHECK(run({{with(Strings{kAny}), false}, {with(Strings{kAny})}}).empty());
  CHECK(run({{with(Strings{"1.1"})}, {with(Strings{kAny}), false}}).empty());
  CHECK(run({{with(Strings{kAny, "1.1"})}, {with(Strings{"1.1", "1.2"})}}) == Strings{"1.1", "1.2"});
}

TEST_CASE("the user's policies") {
  const std::vector<Step> path{{with(Strings{"1.1", "1.2"})}, {with(Strings{"1.1", "1.2"})}};
  CHECK(run(path, {"1.2", "1.3"}) == Strings{"1.2"});
  CHECK(run(path, {"1.3"}).empty());
  CHECK(run(path, {kAny}) == Strings{"1.1", "1.2"});
  CHECK(run({{with(Strings{kAny})}}, {"1.7"}) == Strings{"1.7"});
}

TEST_CASE("mappings") {
  // Told in the terms of the anchor's domain.
  CHECK(run({{with(Strings{"1.1"}, {{"1.1", "2.1"}})}, {with(Strings{"2.1"})}}) == Strings{"1.1"});
  CHECK(run({{with(Strings{"1.1"}, {{"1.1", "2.1"}})}, {with(Strings{"1.1"})}}).empty());
  CHECK(run({{with(Strings{"1.1"}, {{"1.1", "2.1"}}), true, false}, {with(Strings{"2.1"})}}).empty());
  CHECK(run({{with(Strings{kAny}, {{"1.1", "2.1"}})}, {with(Strings{"2.1"})}}) == Strings{"1.1"});
  CHECK(run({{with(Strings{"1.1"}, {{"1.9", "2.1"}})}, {with(Strings{"2.1"})}}).empty());
  CHECK(run({{with(Strings{"1.1", "1.2"}, {{"1.1", "2.1"}, {"1.2", "2.1"}})}, {with(Strings{"2.1"})}}) ==
        Strings{"1.1", "1.2"});
  CHECK(run({{with(Strings{"1.1"}, {{"1.1", "2.1"}, {"1.1", "2.2"}})}, {with(Strings{"2.2"})}}) == Strings{"1.1"});
  PolicyGraph graph(10);
  graph.add_certificate(with(Strings{"1.1"}), true);
  CHECK_FALSE(graph.map_policies(with({}, {{kAny, "1.1"}}), true));
  CHECK_FALSE(graph.map_policies(with({}, {{"1.1", kAny}}), true));
}

TEST_CASE("hostile policies cost what they weigh") {
  // Each level maps every policy to every other: 30^15 paths through the tree of RFC 5280.
  Strings all;
  std::vector<PolicyMapping> mapped;
  for (int i = 0; i < 30; ++i) all.push_back(fmt::format("1.2.{}", i));
  for (const std::string& a : all)
    for (const std::string& b : all) mapped.push_back({a, b});
  PolicyGraph graph(1'000'000);
  for (int level = 0; level < 15; ++level) {
    graph.add_certificate(with(all, mapped), true);
    REQUIRE(graph.map_policies(with(all, mapped), true));
  }
  CHECK(graph.size() < 20'000);
  CHECK(graph.user_policies({}).size() == 30);
  PolicyGraph small(100);
  small.add_certificate(with(all, mapped), true);
  REQUIRE(small.map_policies(with(all, mapped), true));
  CHECK(small.is_over_limit());
  CHECK(small.size() <= 103);
}

TEST_CASE("policy constraints of the path") {
  const Key root_key, ca_key, leaf_key;
  TrustStore trust;
  trust.add({.certificate = issue("Root", "Root", ca(), root_key, root_key)});
  const auto verdict = [&](const Bytes& of_ca, const Bytes& of_leaf, PathRequest request = {}) {
    request.time = kNow;
    CertificatePool pool;
    pool.add(issue("CA", "Root", der::concat(ca(), of_ca), ca_key, root_key));
    return verdict_of(find_path(issue("Leaf", "CA", of_leaf, leaf_key, ca_key), pool, trust, request));
  };
  const auto limit = [](int which, std::uint8_t count) {
    return extension("2.5.29.36",
                     der::sequence(der::encode(der::context(static_cast<std::uint8_t>(which), false), Bytes{count})),
                     true);
  };
  const auto inhibit_any = [](std::uint8_t count) { return extension("2.5.29.54", Bytes{2, 1, count}, true); };
  PathRequest explicit_policy;
  explicit_policy.explicit_policy = true;
  PathRequest wanted = explicit_policy;
  wanted.user_policies = {"1.9"};
  CHECK(verdict({}, {}) == "valid");
  CHECK(verdict({}, {}, explicit_policy) == "pki.path.policy");
  CHECK(verdict(policies({"1.1"}), policies({"1.1"}), explicit_policy) == "valid");
  CHECK(verdict(policies({"1.1"}), policies({"1.1"}), wanted) == "pki.path.policy");
  CHECK(verdict(limit(0, 0), {}) == "pki.path.policy");
  CHECK(verdict(limit(0, 0), policies({"1.1"})) == "pki.path.policy");
  CHECK(verdict(der::concat(policies({"1.1"}), limit(0, 0)), policies({"1.1"})) == "valid");
  CHECK(verdict(limit(0, 5), {}) == "valid");
  CHECK(verdict({}, limit(0, 0)) == "pki.path.policy");
  CHECK(verdict(der::concat(policies({kAny}), limit(0, 0)), policies({kAny})) == "valid");
  CHECK(verdict(der::concat(policies({kAny}), limit(0, 0), inhibit_any(0)), policies({kAny})) == "pki.path.policy");
  CHECK(verdict(der::concat(policies({"1.1"}), mappings({{"1.1", kAny}})), {}) == "pki.path.policy");
  const Bytes mapped = der::concat(policies({"1.1"}), limit(0, 0), mappings({{"1.1", "2.1"}}));
  CHECK(verdict(mapped, policies({"2.1"})) == "valid");
  PathRequest no_mapping;
  no_mapping.inhibit_policy_mapping = true;
  CHECK(verdict(mapped, policies({"2.1"}), no_mapping) == "pki.path.policy");
}

}  // namespace
}  // namespace kyso::pki
