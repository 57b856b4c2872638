#include <algorithm>

#include "pki/revocation_test_support.h"

namespace kyso::pki {
namespace {

using namespace testing;

Bytes crl_sign() {
  return key_usage(0x02);
}

// Root -> CA -> leaf number 5. The list of the root is there; that of the CA is left to the test.
struct World {
  Key root_key, ca_key, leaf_key, other_key;
  ParsedCertificate root =
      make_certificate({.subject = "Root", .issuer = "Root", .extensions = authority()}, root_key, root_key);
  ParsedCertificate ca =
      make_certificate({.subject = "CA", .issuer = "Root", .serial = 2, .extensions = authority()}, ca_key, root_key);
  ParsedCertificate leaf = issue_leaf({});
  TrustAnchor anchor{.certificate = root};
  CertificatePool pool;
  RevocationEvidence evidence;
  PathRequest request{.time = kNow};
  ValidationOptions options;

  World() {
    pool.add(ca);
    list({.issuer = "Root"}, root_key);
  }
  ParsedCertificate issue_leaf(const Bytes& extensions) const {
    return make_certificate({.subject = "Leaf", .issuer = "CA", .serial = 5, .extensions = extensions}, leaf_key,
                            ca_key);
  }
  void list(const ListText& text, const Key& key) { evidence.lists.push_back(make_list(text, key)); }
  void list(const ListText& text) { list(text, ca_key); }
  void answer(const Bytes& status, Instant when = kNow - kDay, std::optional<Instant> next = kNow + kDay) {
    const Bytes id = certificate_id("CA", ca_key, 5);
    evidence.responses.push_back(
        make_response({.singles = {single({.id = id, .status = status, .this_update = when, .next_update = next})},
                       .produced_at = when},
                      ca_key));
  }
  PathResult validate() const {
    TrustStore trust;
    trust.add(anchor);
    return validate_certificate(leaf, pool, trust, evidence, request, options);
  }
  // "valid", or the first reason.
  std::string verdict() const {
    const PathResult result = validate();
    if (result.path) return "valid";
    return result.reasons.empty() ? "without reason" : result.reasons.front().code;
  }
  Finding first_reason() const { return validate().reasons.front(); }
};

std::string parameter_of(const Finding& finding, std::string_view name) {
  for (const auto& [key, value] : finding.parameters)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("every certificate but the anchor must be known not to be revoked") {
  World world;
  CHECK(world.verdict() == "pki.revocation.missing");
  CHECK(parameter_of(world.first_reason(), "subject") == "Leaf");
  world.list({.issuer = "CA"});
  CHECK(world.verdict() == "valid");
  world.evidence.lists.erase(world.evidence.lists.begin());
  CHECK(world.verdict() == "pki.revocation.missing");
  CHECK(parameter_of(world.first_reason(), "subject") == "CA");
  world.list({.issuer = "Root", .entries = {entry(2, reason(2))}}, world.root_key);
  CHECK(world.verdict() == "pki.certificate.revoked");
  CHECK(parameter_of(world.first_reason(), "reason") == "2");
  CHECK(parameter_of(world.first_reason(), "time") == iso8601_vietnam(kNow - 30 * kDay));
}

TEST_CASE("answers that were set aside are told beside the missing one") {
  World world;
  world.list({.issuer = "CA"}, world.other_key);
  const std::vector<Finding> reasons = world.validate().reasons;
  CHECK(codes(reasons) == std::vector<std::string>{"pki.revocation.missing", "pki.crl.signature"});
  CHECK(parameter_of(reasons[1], "subject") == "Leaf");
  CHECK(parameter_of(reasons[1], "source") == "crl");
}

TEST_CASE("relaxations have names and are told") {
  World world;
  world.evidence = {};
  world.options.revocation = ValidationOptions::Revocation::off;
  CHECK(world.verdict() == "valid");
  CHECK(codes(world.validate().path->findings) == std::vector<std::string>{"pki.revocation.not_checked"});
  // What the anchor asks for: its certificates publish nothing.
  world.options.revocation = ValidationOptions::Revocation::by_anchor;
  CHECK(world.verdict() == "pki.revocation.missing");
  world.anchor.revocation = RevocationDuty::if_published;
  CHECK(world.verdict() == "valid");
  CHECK(codes(world.validate().path->findings) ==
        std::vector<std::string>{"pki.revocation.not_checked", "pki.revocation.not_checked"});
  world.leaf = world.issue_leaf(points({point(uri("http://example.vn/1.crl"))}));
  CHECK(world.verdict() == "pki.revocation.missing");
  world.options.revocation = ValidationOptions::Revocation::required;
  world.leaf = world.issue_leaf({});
  CHECK(world.verdict() == "pki.revocation.missing");
}

TEST_CASE("an end-entity certificate that promises no status needs none") {
  World world;
  world.leaf = world.issue_leaf(extension("2.5.29.56", der::encode(der::kNull, {})));
  CHECK(world.verdict() == "valid");
  const Finding told = world.validate().path->findings.front();
  CHECK(told.code == "pki.revocation.not_checked");
  CHECK(parameter_of(told, "why") == "no_revocation_available");
}

TEST_CASE("an answer is fresh until its next update") {
  World world;
  world.list({.issuer = "CA", .next_update = kNow - std::chrono::seconds(1)});
  CHECK(world.verdict() == "pki.revocation.stale");
  CHECK(parameter_of(world.first_reason(), "next_update") == iso8601_vietnam(kNow - std::chrono::seconds(1)));
  world.list({.issuer = "CA", .next_update = kNow});
  CHECK(world.verdict() == "valid");
  World without;
  without.list({.issuer = "CA", .next_update = std::nullopt});
  CHECK(without.verdict() == "pki.revocation.stale");
  without.answer(good(), kNow - 2 * kDay, std::nullopt);
  CHECK(without.verdict() == "pki.revocation.stale");
  without.answer(good(), kNow - kDay, std::nullopt);
  CHECK(without.verdict() == "valid");
  World from_later;
  from_later.list({.issuer = "CA", .this_update = kNow + std::chrono::seconds(301)});
  CHECK(from_later.verdict() == "pki.revocation.missing");
  from_later.list({.issuer = "CA", .this_update = kNow + std::chrono::seconds(300)});
  CHECK(from_later.verdict() == "valid");
}

TEST_CASE("a revocation is for ever, a hold until something newer says good") {
  const auto verdict = [](int why, bool is_newer_good) {
    World world;
    world.list({.issuer = "CA",
                .entries = {entry(5, reason(why))},
                .this_update = kNow - 10 * kDay,
                .next_update = kNow - 9 * kDay});
    if (is_newer_good) world.list({.issuer = "CA", .extensions = crl_number(2)});
    return world.verdict();
  };
  CHECK(verdict(1, false) == "pki.certificate.revoked");
  CHECK(verdict(1, true) == "pki.certificate.revoked");
  CHECK(verdict(6, false) == "pki.certificate.on_hold");
  CHECK(verdict(6, true) == "valid");
  // Held again since.
  World world;
  world.list({.issuer = "CA", .this_update = kNow - 2 * kDay});
  world.list({.issuer = "CA", .entries = {entry(5, reason(6))}, .extensions = crl_number(2)});
  CHECK(world.verdict() == "pki.certificate.on_hold");
  // At the same time the worse counts; so it does across sources.
  world.evidence.lists.pop_back();
  world.answer(revoked(6));
  CHECK(world.verdict() == "pki.certificate.on_hold");
  world.answer(good(), kNow - kDay / 2);
  CHECK(world.verdict() == "valid");
  world.answer(revoked(1), kNow - 5 * kDay);
  CHECK(world.verdict() == "pki.certificate.revoked");
}

TEST_CASE("unknown is not good") {
  World world;
  world.answer(unknown());
  CHECK(world.verdict() == "pki.revocation.missing");
  world.list({.issuer = "CA"});
  CHECK(world.verdict() == "valid");
}

TEST_CASE("lists for some reasons must cover them all together") {
  const auto some = [](Bytes bits) { return scope(der::encode(der::context(3, false), bits)); };
  World world;
  world.list({.issuer = "CA", .extensions = some({6, 0x40})});
  CHECK(world.verdict() == "pki.revocation.incomplete");
  world.list({.issuer = "CA", .extensions = some({0, 0x3f, 0x80})});
  CHECK(world.verdict() == "valid");
  world.evidence.lists.back() =
      make_list({.issuer = "CA", .extensions = some({0, 0x3f, 0x80}), .next_update = kNow - kDay / 2}, world.ca_key);
  CHECK(world.verdict() == "pki.revocation.incomplete");
}

TEST_CASE("who signs an answer must be good as well") {
  const auto world_with = [](const CertificateText& signer) {
    World world;
    CertificateText text = signer;
    text.subject = "CA";
    text.issuer = "CA";
    text.serial = 30;
    world.pool.add(make_certificate(text, world.other_key, world.ca_key));
    world.list({.issuer = "CA"}, world.other_key);
    return world;
  };
  const Bytes own_list = points({point(directory(name("Danh sách khác")))});
  // Its own status is unknown; told by another list; told as revoked.
  World world = world_with({.extensions = der::concat(crl_sign(), own_list)});
  CHECK(world.verdict() == "pki.revocation.missing");
  const Bytes other_scope = scope(full_name(directory(name("Danh sách khác"))));
  world.list({.issuer = "CA", .extensions = other_scope});
  CHECK(world.verdict() == "valid");
  world.evidence.lists.back() =
      make_list({.issuer = "CA", .entries = {entry(30)}, .extensions = other_scope}, world.ca_key);
  CHECK(world.verdict() == "pki.revocation.missing");
  // Its certificate isn't valid any more.
  World expired = world_with({.extensions = der::concat(crl_sign(), own_list), .until = kNow - kDay / 4});
  expired.list({.issuer = "CA", .extensions = other_scope});
  CHECK(expired.verdict() == "pki.revocation.missing");
  // It vouches for itself only where its issuer has put it in charge.
  const Bytes self = points({point(directory(name("Danh sách")), {}, directory(name("CA")))});
  World in_charge = world_with({.extensions = der::concat(crl_sign(), self)});
  in_charge.evidence.lists.pop_back();
  in_charge.list({.issuer = "CA", .extensions = scope(flag(4))}, in_charge.other_key);
  CHECK(in_charge.verdict() == "valid");
  in_charge.evidence.lists.back() =
      make_list({.issuer = "CA", .entries = {entry(30)}, .extensions = scope(flag(4))}, in_charge.other_key);
  CHECK(in_charge.verdict() == "pki.revocation.missing");
}

TEST_CASE("a responder is exempt only when its certificate says so") {
  const auto verdict = [](const Bytes& extensions, std::optional<Bytes> status_of_responder) {
    World world;
    const ParsedCertificate responder =
        make_certificate({.subject = "Responder",
                          .issuer = "CA",
                          .serial = 40,
                          .extensions = der::concat(ocsp_signing(), key_usage(0x80), extensions)},
                         world.other_key, world.ca_key);
    world.evidence.responses.push_back(
        make_response({.singles = {single({.id = certificate_id("CA", world.ca_key, 5), .status = good()})},
                       .certificates = {responder}},
                      world.other_key));
    if (status_of_responder)
      world.evidence.responses.push_back(make_response(
          {.singles = {single({.id = certificate_id("CA", world.ca_key, 40), .status = *status_of_responder})}},
          world.ca_key));
    return world.verdict();
  };
  CHECK(verdict(ocsp_no_check(), {}) == "valid");
  CHECK(verdict({}, {}) == "pki.revocation.missing");
  CHECK(verdict({}, good()) == "valid");
  CHECK(verdict({}, revoked(1)) == "pki.revocation.missing");
}

TEST_CASE("two signers of lists that vouch for each other vouch for nobody") {
  World world;
  Key first, second;
  const auto issue = [&](std::int64_t serial, const Key& key, const char* listed_in) {
    world.pool.add(make_certificate({.subject = "CA",
                                     .issuer = "CA",
                                     .serial = serial,
                                     .extensions = der::concat(crl_sign(), points({point(uri(listed_in))}))},
                                    key, world.ca_key));
  };
  issue(50, first, "http://example.vn/second");
  issue(51, second, "http://example.vn/first");
  world.list({.issuer = "CA", .extensions = scope(full_name(uri("http://example.vn/first")))}, first);
  world.list({.issuer = "CA", .extensions = scope(full_name(uri("http://example.vn/second")))}, second);
  world.leaf = world.issue_leaf(points({point(uri("http://example.vn/first"))}));
  CHECK(world.verdict() == "pki.revocation.missing");
}

TEST_CASE("the caller's own question is asked too, after revocation") {
  World world;
  int asked = 0;
  world.request.accept = [&asked](Path&) {
    ++asked;
    return false;
  };
  CHECK(world.verdict() == "pki.revocation.missing");
  CHECK(asked == 0);
  world.list({.issuer = "CA"});
  CHECK(world.verdict() != "valid");
  CHECK(asked == 1);
}

}  // namespace kyso::pki
