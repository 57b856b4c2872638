#include <algorithm>
#include <chrono>

#include "pki/revocation_test_support.h"

namespace kyso::pki {
namespace {

using namespace testing;

// Root -> CA -> leaf number 5, and whatever a test adds.
struct World {
  Key root_key, ca_key, leaf_key, other_key;
  ParsedCertificate root =
      make_certificate({.subject = "Root", .issuer = "Root", .extensions = authority()}, root_key, root_key);
  ParsedCertificate ca =
      make_certificate({.subject = "CA", .issuer = "Root", .serial = 2, .extensions = authority()}, ca_key, root_key);
  ParsedCertificate leaf = issue_leaf();
  TrustStore trust;
  CertificatePool pool;
  RevocationEvidence evidence;
  RevocationRequest request{.time = kNow};

  World() {
    trust.add({.certificate = root});
    pool.add(ca);
  }
  ParsedCertificate issue_leaf(const Bytes& extensions = {}) const {
    return make_certificate({.subject = "Leaf", .issuer = "CA", .serial = 5, .extensions = extensions}, leaf_key,
                            ca_key);
  }
  // A certificate of the CA for another key.
  ParsedCertificate issue(const std::string& subject, const Key& key, const Bytes& extensions) const {
    return make_certificate({.subject = subject, .issuer = "CA", .serial = 20, .extensions = extensions}, key, ca_key);
  }
  void list(const ListText& text) { evidence.lists.push_back(make_list(text, ca_key)); }
  void list(const ListText& text, const Key& key) { evidence.lists.push_back(make_list(text, key)); }
  void answer(const Bytes& status, const Bytes& extensions = {}) {
    respond({.singles = {single({.id = id(), .status = status, .extensions = extensions})}}, ca_key);
  }
  void respond(const ResponseText& text, const Key& key) { evidence.responses.push_back(make_response(text, key)); }
  Bytes id(std::int64_t serial = 5) const { return certificate_id("CA", ca_key, serial); }

  RevocationReport report() const { return find_revocation(leaf, ca, evidence, pool, trust, request); }
  // "good 1fe" for each answer, newest first; then what was ignored.
  std::string summary() const {
    const RevocationReport all = report();
    std::string out;
    for (const RevocationAnswer& each : all.answers) {
      const char* status = each.status == CertificateStatus::good      ? "good"
                           : each.status == CertificateStatus::revoked ? "revoked"
                                                                       : "unknown";
      out += fmt::format("{}{}", out.empty() ? "" : " ", status);
      if (each.reason) out += fmt::format(":{}", *each.reason);
      if (each.covered_reasons != kAllReasons) out += fmt::format("/{:x}", each.covered_reasons);
      if (each.delta_index) out += "+delta";
    }
    for (const Finding& each : all.ignored) out += fmt::format("{}{}", out.empty() ? "" : " ", each.code);
    return out;
  }
};

Bytes crl_sign() {
  return key_usage(0x02);
}
const Bytes kSomeReasons = {6, 0x40};         // keyCompromise
const Bytes kOtherReasons = {0, 0x3f, 0x80};  // all others

}  // namespace

TEST_CASE("a list of the issuer tells the status") {
  World world;
  world.list({.issuer = "CA", .entries = {entry(4), entry(6, reason(1))}});
  CHECK(world.summary() == "good");
  const RevocationAnswer answer = world.report().answers.front();
  CHECK(answer.source == RevocationAnswer::Source::crl);
  CHECK(answer.this_update == kNow - kDay);
  CHECK(answer.produced_at == kNow - kDay);
  CHECK(answer.next_update == kNow + kDay);
  CHECK_FALSE(answer.signer);
  CHECK_FALSE(answer.archive_cutoff);
  CHECK(crypto::name_of(answer.scheme) == "ed25519");

  world.evidence.lists.clear();
  world.list({.issuer = "CA", .entries = {entry(5, reason(4), kNow - 3 * kDay)}});
  CHECK(world.summary() == "revoked:4");
  CHECK(world.report().answers.front().revoked_at == kNow - 3 * kDay);
  world.list({.issuer = "CA",
              .extensions = der::concat(crl_number(2), extension("2.5.29.60", time(kNow - kYear))),
              .this_update = kNow - kDay / 2});
  // Newest first.
  CHECK(world.summary() == "good revoked:4");
  CHECK(world.report().answers.front().archive_cutoff == kNow - kYear);
}

TEST_CASE("lists that nobody must rely on are set aside by name") {
  const auto with = [](const std::function<void(World&)>& change) {
    World world;
    change(world);
    return world.summary();
  };
  CHECK(with([](World& w) { w.list({.issuer = "Another CA"}); }) == "pki.crl.issuer");
  CHECK(with([](World& w) { w.list({.issuer = "CA"}, w.other_key); }) == "pki.crl.signature");
  CHECK(with([](World& w) { w.list({.issuer = "CA", .extensions = extension("1.2.3.4", Bytes{5, 0}, true)}); }) ==
        "pki.crl.critical_extension");
  CHECK(with([](World& w) { w.list({.issuer = "CA", .entries = {entry(9, extension("1.2.3.4", {}, true))}}); }) ==
        "pki.crl.critical_extension");
  CHECK(with([](World& w) { w.list({.issuer = "CA", .this_update = kNow + kDay}); }) == "pki.revocation.not_yet_valid");
  CHECK(with([](World& w) { w.list({.issuer = "CA", .extensions = scope(flag(2))}); }) == "pki.crl.scope");
  CHECK(with([](World& w) { w.list({.issuer = "CA", .extensions = scope(flag(5))}); }) == "pki.crl.scope");
  CHECK(with([](World& w) {
          w.list({.issuer = "CA", .extensions = scope(full_name(uri("http://example.vn/khac.crl")))});
        }) == "pki.crl.scope");
  CHECK(with([](World& w) { w.list({.issuer = "CA", .extensions = der::concat(crl_number(2), delta_of(1))}); }) ==
        "pki.crl.delta_mismatch");
  // Signed by a certificate that the CA has given for signing lists, but to another name; by one that must not sign
  // lists; by one that nobody trusted has issued.
  CHECK(with([](World& w) {
          w.pool.add(w.issue("CA", w.other_key, key_usage(0x80)));
          w.list({.issuer = "CA"}, w.other_key);
        }) == "pki.crl.signature");
  CHECK(with([](World& w) {
          w.pool.add(
              make_certificate({.subject = "CA", .issuer = "CA", .extensions = authority()}, w.other_key, w.other_key));
          w.list({.issuer = "CA"}, w.other_key);
        }) == "pki.revocation.signer");
  // The issuer itself isn't allowed to.
  CHECK(with([](World& w) {
          w.ca = make_certificate(
              {.subject = "CA",
               .issuer = "Root",
               .extensions = der::concat(extension("2.5.29.19", der::sequence(boolean(true)), true), key_usage(0x04))},
              w.ca_key, w.root_key);
          w.pool = {};
          w.pool.add(w.ca);
          w.list({.issuer = "CA"});
        }) == "pki.crl.signature");
}

TEST_CASE("what was set aside says whose it is and weighs by what it was") {
  World world;
  world.list({.issuer = "Another CA"});
  world.list({.issuer = "CA"}, world.other_key);
  const std::vector<Finding> ignored = world.report().ignored;
  REQUIRE(ignored.size() == 2);
  CHECK(ignored[0].code == "pki.crl.signature");
  CHECK(ignored[0].severity == Severity::warning);
  CHECK(ignored[0].parameters ==
        std::vector<std::pair<std::string, std::string>>{{"source", "crl"}, {"index", "1"}, {"issuer", "CN=CA"}});
  CHECK(ignored[1].code == "pki.crl.issuer");
  CHECK(ignored[1].severity == Severity::note);
}

TEST_CASE("separate keys for lists and key roll-over: any certificate of the name that leads to the anchor") {
  World world;
  world.pool.add(world.issue("CA", world.other_key, crl_sign()));
  world.list({.issuer = "CA", .entries = {entry(5)}}, world.other_key);
  CHECK(world.summary() == "revoked");
  REQUIRE(world.report().answers.front().signer);
  CHECK(world.report().answers.front().signer->certificates.size() == 3);

  // Rolled over twice: each key certified by the one before.
  World rolled;
  Key next;
  rolled.pool.add(make_certificate({.subject = "CA", .issuer = "CA", .serial = 21, .extensions = authority()},
                                   rolled.other_key, rolled.ca_key));
  rolled.pool.add(make_certificate({.subject = "CA", .issuer = "CA", .serial = 22, .extensions = authority()}, next,
                                   rolled.other_key));
  rolled.list({.issuer = "CA"}, next);
  CHECK(rolled.summary() == "good");
  // Certified by whoever certified the CA.
  World sibling;
  sibling.pool.add(make_certificate({.subject = "CA", .issuer = "Root", .serial = 23, .extensions = crl_sign()},
                                    sibling.other_key, sibling.root_key));
  sibling.list({.issuer = "CA"}, sibling.other_key);
  CHECK(sibling.summary() == "good");
}

TEST_CASE("a name alone doesn't make a signer of lists") {
  // Another authority below the same anchor certifies somebody by the name of the CA.
  World world;
  const ParsedCertificate evil = make_certificate(
      {.subject = "Evil", .issuer = "Root", .serial = 3, .extensions = authority()}, world.leaf_key, world.root_key);
  world.pool.add(evil);
  world.pool.add(
      make_certificate({.subject = "CA", .issuer = "Evil", .extensions = crl_sign()}, world.other_key, world.leaf_key));
  world.list({.issuer = "CA"}, world.other_key);
  CHECK(world.summary() == "pki.revocation.signer");
  // So does another anchor.
  World foreign;
  foreign.trust.add({.certificate = make_certificate({.subject = "CA", .issuer = "CA", .extensions = authority()},
                                                     foreign.other_key, foreign.other_key)});
  foreign.list({.issuer = "CA"}, foreign.other_key);
  CHECK(foreign.summary() == "pki.revocation.signer");
}

TEST_CASE("signers lead to the anchor of the path that is checked") {
  World world;
  world.leaf = world.issue_leaf(points({point({}, {}, directory(name("Lists")))}));
  world.trust.add({.certificate = make_certificate({.subject = "Lists", .issuer = "Lists", .extensions = authority()},
                                                   world.other_key, world.other_key)});
  world.list({.issuer = "Lists", .extensions = scope(flag(4))}, world.other_key);
  CHECK(world.summary() == "good");
  const TrustAnchor anchor = world.trust.anchors()[0];
  world.request.anchor = &anchor;
  CHECK(world.summary() == "pki.revocation.signer");
}

TEST_CASE("partitions: names, kinds and reasons") {
  const Bytes here = uri("http://example.vn/1.crl");
  const Bytes there = uri("http://example.vn/2.crl");
  World world;
  world.leaf = world.issue_leaf(points({point(here)}));
  world.list({.issuer = "CA", .extensions = scope(full_name(here))});
  CHECK(world.summary() == "good");
  world.evidence.lists.clear();
  world.list({.issuer = "CA", .extensions = scope(full_name(der::concat(there, here)))});
  CHECK(world.summary() == "good");
  world.evidence.lists.clear();
  world.list({.issuer = "CA", .extensions = scope(full_name(there))});
  CHECK(world.summary() == "pki.crl.scope");
  // A list for everything is good for the part as well; a certificate without the extension has the issuer's name.
  world.evidence.lists.clear();
  world.list({.issuer = "CA"});
  CHECK(world.summary() == "good");
  world.leaf = world.issue_leaf();
  world.evidence.lists.clear();
  world.list({.issuer = "CA", .extensions = scope(full_name(directory(name("ca"))))});
  CHECK(world.summary() == "good");
  // Names relative to the issuer.
  const Bytes rdn = der::sequence(der::encode_oid("2.5.4.11"), text("Danh sách 1"));
  const Bytes relative = der::encode(der::context(0), der::encode(der::context(1), rdn));
  const Bytes absolute = der::sequence(der::encode(der::kSet, der::sequence(der::encode_oid("2.5.4.3"), text("CA"))),
                                       der::encode(der::kSet, rdn));
  world.leaf = world.issue_leaf(points({der::sequence(relative)}));
  world.evidence.lists.clear();
  world.list({.issuer = "CA", .extensions = scope(full_name(directory(absolute)))});
  CHECK(world.summary() == "good");
  world.leaf = world.issue_leaf(points({point(directory(absolute))}));
  world.evidence.lists.clear();
  world.list({.issuer = "CA", .extensions = scope(relative)});
  CHECK(world.summary() == "good");
  world.evidence.lists.clear();
  world.list({.issuer = "CA", .extensions = scope(flag(1))});
  CHECK(world.summary() == "good");
  const RevocationReport of_ca = [&] {
    World upper;
    upper.list({.issuer = "Root", .extensions = scope(flag(1))}, upper.root_key);
    upper.list({.issuer = "Root", .extensions = scope(flag(2))}, upper.root_key);
    return find_revocation(upper.ca, upper.root, upper.evidence, upper.pool, upper.trust, upper.request);
  }();
  CHECK(of_ca.answers.size() == 1);
  CHECK(codes(of_ca.ignored) == std::vector<std::string>{"pki.crl.scope"});
}

TEST_CASE("reasons are those that the list and the distribution point have in common") {
  World world;
  world.list({.issuer = "CA", .extensions = scope(der::encode(der::context(3, false), kSomeReasons))});
  CHECK(world.summary() == "good/2");
  world.list({.issuer = "CA", .extensions = scope(der::encode(der::context(3, false), kOtherReasons))});
  CHECK(world.summary() == "good/2 good/1fc");
  const Bytes here = uri("http://example.vn/1.crl");
  world.leaf = world.issue_leaf(points({point(here, kSomeReasons)}));
  world.evidence.lists.clear();
  world.list({.issuer = "CA", .extensions = scope(full_name(here))});
  CHECK(world.summary() == "good/2");
  world.evidence.lists.clear();
  world.list({.issuer = "CA",
              .extensions = scope(der::concat(full_name(here), der::encode(der::context(3, false), kOtherReasons)))});
  CHECK(world.summary() == "pki.crl.scope");
}

TEST_CASE("another authority's lists count where the certificate names it and they say so") {
  const auto world_with = [](const Bytes& list_scope, bool is_named) {
    World world;
    const Bytes here = directory(name("Danh sách"));
    if (is_named) world.leaf = world.issue_leaf(points({point(here, {}, directory(name("Lists")))}));
    world.pool.add(make_certificate({.subject = "Lists", .issuer = "Root", .serial = 9, .extensions = crl_sign()},
                                    world.other_key, world.root_key));
    const Bytes issuer = extension("2.5.29.29", der::sequence(directory(name("CA"))), true);
    world.list(
        {.issuer = "Lists", .entries = {entry(5), entry(5, der::concat(reason(1), issuer))}, .extensions = list_scope},
        world.other_key);
    return world.summary();
  };
  const Bytes here = full_name(directory(name("Danh sách")));
  CHECK(world_with(scope(der::concat(here, flag(4))), true) == "revoked:1");
  CHECK(world_with(scope(flag(4)), true) == "revoked:1");
  CHECK(world_with(scope(here), true) == "pki.crl.scope");
  CHECK(world_with(scope(der::concat(full_name(uri("http://x")), flag(4))), true) == "pki.crl.scope");
  CHECK(world_with(scope(der::concat(here, flag(4))), false) == "pki.crl.issuer");
  // An entry of the list's own issuer isn't about the certificate of the same number.
  World world;
  world.leaf = world.issue_leaf(points({point(directory(name("Danh sách")), {}, directory(name("Lists")))}));
  world.pool.add(make_certificate({.subject = "Lists", .issuer = "Root", .serial = 9, .extensions = crl_sign()},
                                  world.other_key, world.root_key));
  world.list({.issuer = "Lists", .entries = {entry(5)}, .extensions = scope(flag(4))}, world.other_key);
  CHECK(world.summary() == "good");
  // Distribution point without a name: those of the list are compared with the name of its issuer.
  world.leaf = world.issue_leaf(points({point({}, {}, directory(name("Lists")))}));
  world.evidence.lists.clear();
  world.list({.issuer = "Lists", .extensions = scope(der::concat(full_name(directory(name("LISTS"))), flag(4)))},
             world.other_key);
  CHECK(world.summary() == "good");
}

TEST_CASE("a delta list is combined with the list that it completes") {
  const auto delta = [](std::int64_t base, std::int64_t number, std::vector<Bytes> entries, const Bytes& more = {}) {
    return ListText{.issuer = "CA",
                    .entries = std::move(entries),
                    .extensions = der::concat(crl_number(number), delta_of(base), more),
                    .this_update = kNow - kDay / 2,
                    .next_update = kNow + kDay / 2};
  };
  const auto with = [](std::vector<Bytes> entries, const ListText& change) {
    World world;
    world.list({.issuer = "CA", .entries = std::move(entries), .extensions = crl_number(10)});
    world.list(change);
    return world;
  };
  CHECK(with({}, delta(10, 11, {entry(5, reason(1))})).summary() == "revoked:1+delta");
  CHECK(with({entry(5, reason(6))}, delta(10, 11, {entry(5, reason(8))})).summary() == "good+delta");
  CHECK(with({entry(5, reason(6))}, delta(10, 11, {entry(4, reason(8))})).summary() == "revoked:6+delta");
  CHECK(with({entry(5, reason(6))}, delta(9, 11, {entry(5, reason(1))})).summary() == "revoked:1+delta");
  CHECK(with({entry(5)}, delta(10, 11, {})).summary() == "revoked+delta");
  const RevocationAnswer answer = with({}, delta(10, 11, {})).report().answers.front();
  CHECK(answer.index == 0);
  CHECK(answer.delta_index == 1);
  CHECK(answer.this_update == kNow - kDay / 2);
  CHECK(answer.next_update == kNow + kDay);
  // Made for a later list, of another scope, from another key, from the future.
  CHECK(with({}, delta(11, 12, {entry(5)})).summary() == "good pki.crl.delta_mismatch");
  CHECK(with({}, delta(10, 11, {entry(5)}, scope(flag(1)))).summary() == "good pki.crl.delta_mismatch");
  World nameless;
  nameless.list({.issuer = "CA", .extensions = {}});
  nameless.list(delta(0, 1, {entry(5)}));
  CHECK(nameless.summary() == "good pki.crl.delta_mismatch");  // the list has no number
  World forged = with({}, delta(10, 9, {}));
  CHECK(forged.summary() == "good");  // nothing newer in it
  forged.list(delta(10, 11, {entry(5)}), forged.other_key);
  CHECK(forged.summary() == "good pki.crl.delta_mismatch");
  // Of several the newest.
  World several = with({}, delta(10, 11, {entry(5, reason(6))}));
  several.list(delta(10, 12, {entry(5, reason(8))}));
  CHECK(several.summary() == "good+delta");
  CHECK(several.report().answers.front().delta_index == 2);
}

TEST_CASE("one OCSP response with good and revoked for the same certificate says revoked") {
  for (const bool is_good_first : {true, false}) {
    World world;
    std::vector<Bytes> singles{single({.id = world.id(), .status = good(), .this_update = kNow - kDay / 2}),
                               single({.id = world.id(4), .status = good()}),
                               single({.id = world.id(), .status = revoked(1)})};
    if (!is_good_first) std::ranges::reverse(singles);
    world.respond({.singles = singles}, world.ca_key);
    CHECK(world.summary() == "revoked:1");
  }
  World world;
  world.respond(
      {.singles = {single({.id = world.id(), .status = good()}), single({.id = world.id(), .status = unknown()})}},
      world.ca_key);
  CHECK(world.summary() == "unknown");
}

TEST_CASE("an OCSP answer is about the whole CertID") {
  World world;
  world.respond({.singles = {single({.id = world.id(6), .status = good()})}}, world.ca_key);
  world.respond({.singles = {single({.id = certificate_id("Root", world.ca_key, 5), .status = good()})}}, world.ca_key);
  world.respond({.singles = {single({.id = certificate_id("CA", world.other_key, 5), .status = good()})}},
                world.ca_key);
  CHECK(world.summary() == "pki.ocsp.certificate_id pki.ocsp.certificate_id pki.ocsp.certificate_id");
  // A digest that nobody computes.
  Bytes id = world.id();
  const Bytes sha1 = der::encode_oid("1.3.14.3.2.26");
  const auto place = std::ranges::search(id, sha1).begin();
  *(place + 6) = 0x1b;
  world.evidence = {};
  world.respond({.singles = {single({.id = id, .status = good()})}}, world.ca_key);
  CHECK(world.summary() == "pki.ocsp.certificate_id");
}

TEST_CASE("extensions of OCSP answers") {
  World world;
  world.answer(good(), extension("1.3.6.1.5.5.7.48.1.6", time(kNow - 2 * kYear)));
  CHECK(world.summary() == "good");
  CHECK(world.report().answers.front().archive_cutoff == kNow - 2 * kYear);
  const auto with = [](const Bytes& status, const Bytes& single_extensions, const Bytes& extensions = {}) {
    World one;
    one.respond({.singles = {single({.id = one.id(), .status = status, .extensions = single_extensions})},
                 .extensions = extensions},
                one.ca_key);
    return one.summary();
  };
  // A cut-off later than the end of the certificate: the responder may have forgotten it. It hasn't what it revoked.
  const Bytes late = extension("1.3.6.1.5.5.7.48.1.6", time(kNow + 2 * kYear));
  CHECK(with(good(), late) == "pki.ocsp.archive_cutoff");
  CHECK(with(revoked(1), late) == "revoked:1");
  const Bytes strange = extension("1.2.3.4", Bytes{5, 0}, true);
  CHECK(with(good(), strange) == "pki.ocsp.critical_extension");
  CHECK(with(good(), {}, strange) == "pki.ocsp.critical_extension");
  CHECK(with(good(), extension("1.2.3.4", Bytes{5, 0})) == "good");
  // RFC 6960 section 4.4.8: a number that was never issued.
  CHECK(with(revoked(6, Instant{}), {}, extension("1.3.6.1.5.5.7.48.1.9", der::encode(der::kNull, {}), true)) ==
        "revoked:6");
}

TEST_CASE("a responder speaks for the key that certified it, and for no other") {
  const auto delegated = [](const std::function<ParsedCertificate(World&)>& make, bool by_name = true) {
    World world;
    const ParsedCertificate delegate = make(world);
    world.respond({.singles = {single({.id = world.id(), .status = good()})},
                   .by_name = by_name ? "Responder" : "",
                   .certificates = {delegate}},
                  world.other_key);
    return world.summary();
  };
  const Bytes usage = der::concat(ocsp_signing(), key_usage(0x80), ocsp_no_check());
  CHECK(delegated([&](World& w) { return w.issue("Responder", w.other_key, usage); }) == "good");
  CHECK(delegated([&](World& w) { return w.issue("Responder", w.other_key, usage); }, false) == "good");
  CHECK(delegated([&](World& w) { return w.issue("Responder", w.other_key, key_usage(0x80)); }) ==
        "pki.ocsp.responder");
  // Issued by the issuer's issuer, by itself, by a delegate's delegate.
  CHECK(delegated([&](World& w) {
          return make_certificate({.subject = "Responder", .issuer = "Root", .extensions = usage}, w.other_key,
                                  w.root_key);
        }) == "pki.ocsp.responder");
  CHECK(delegated([&](World& w) {
          return make_certificate({.subject = "Responder", .issuer = "Responder", .extensions = usage}, w.other_key,
                                  w.other_key);
        }) == "pki.ocsp.responder");
  CHECK(delegated([&](World& w) {
          const ParsedCertificate between = w.issue("Between", w.leaf_key, der::concat(authority(), ocsp_signing()));
          w.pool.add(between);
          return make_certificate({.subject = "Responder", .issuer = "Between", .extensions = usage}, w.other_key,
                                  w.leaf_key);
        }) == "pki.ocsp.responder");
  // A name alone proves nothing: the issuer's name, another key.
  CHECK(delegated([&](World& w) {
          return make_certificate({.subject = "Responder", .issuer = "CA", .extensions = usage}, w.other_key,
                                  w.leaf_key);
        }) == "pki.ocsp.responder");
  // Nobody knows who signed.
  CHECK(delegated([&](World& w) { return w.leaf; }) == "pki.ocsp.responder");
  // Its own path isn't valid: the CA must not have it below itself.
  CHECK(delegated([&](World& w) {
          return w.issue("Responder", w.other_key, der::concat(usage, extension("1.2.3.4", {}, true)));
        }) == "pki.revocation.signer");
}

TEST_CASE("an expired responder is told, not refused") {
  World world;
  const ParsedCertificate delegate = make_certificate(
      {.subject = "Responder", .issuer = "CA", .serial = 20, .extensions = ocsp_signing(), .until = kNow - kDay / 4},
      world.other_key, world.ca_key);
  world.respond({.singles = {single({.id = world.id(), .status = good()})}, .certificates = {delegate}},
                world.other_key);
  CHECK(world.summary() == "good");
  CHECK(codes(world.report().answers.front().signer->findings) == std::vector<std::string>{"pki.certificate.expired"});
}

TEST_CASE("weak algorithms are set aside where rules say so") {
  World world;
  world.list({.issuer = "CA"});
  AlgorithmRules rules;
  rules.digests = {{.name = "*"}};
  rules.keys = {{.type = "ed25519"}};
  world.request.algorithms = &rules;
  CHECK(world.summary() == "good");
  rules.keys = {{.type = "rsa", .min_bits = 2048}};
  CHECK(world.summary() == "pki.algorithm.weak");
}

TEST_CASE("hostile evidence costs a bounded time and leaves a bounded report") {
  World world;
  world.request.budget.signatures = 8;
  for (int i = 0; i < 50; ++i) world.list({.issuer = "CA", .extensions = crl_number(i)}, world.other_key);
  for (int i = 0; i < 200; ++i) world.list({.issuer = fmt::format("CA {}", i)}, world.other_key);
  world.list({.issuer = "CA"});
  const RevocationReport report = world.report();
  CHECK(report.answers.empty());
  CHECK(report.ignored.size() <= 64);
  CHECK(std::ranges::count(codes(report.ignored), "pki.revocation.budget") == 1);
  // What was verified once is free: the next certificate of this issuer finds its list.
  for (int i = 0; i < 10; ++i) static_cast<void>(world.report());
  CHECK(world.report().answers.size() == 1);
}

TEST_CASE("a megabyte of forged lists, answers and certificates is set aside in a moment") {
  World world;
  std::vector<Key> keys(20);
  for (int i = 0; i < 1500; ++i) {
    const Key& key = keys[static_cast<std::size_t>(i) % keys.size()];
    const bool is_self_signed = i % 2 == 0;
    world.pool.add(make_certificate({.subject = "CA", .issuer = "CA", .serial = i, .extensions = crl_sign()}, key,
                                    is_self_signed ? key : keys[static_cast<std::size_t>(i + 1) % keys.size()]));
    world.list({.issuer = "CA", .extensions = crl_number(i)}, key);
    world.respond({.singles = {single({.id = world.id(), .status = good()})}, .by_name = "CA"}, key);
  }
  const auto begin = std::chrono::steady_clock::now();
  const RevocationReport report = world.report();
  // For slow, instrumented and busy builds; what grows with the square takes minutes.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
  CHECK(report.answers.empty());
  CHECK(report.ignored.size() <= 64);
}

}  // namespace kyso::pki
