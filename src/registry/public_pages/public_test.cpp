#include <doctest/doctest.h>

#include "registry/public_pages/content.h"
#include "registry/public_pages/file_kind.h"
#include "registry/public_pages/lookups.h"
#include "registry/public_pages/routes.h"
#include "registry/report/report_fixture.h"

namespace kyso::registry {
namespace {

using namespace test;
using std::chrono::hours;
using std::chrono::seconds;
using namespace std::string_literals;

const Instant kNow = at("2026-11-20T10:00:00+07:00");
const std::string kDossiers = "/api/v1/public/dossiers", kCertificates = "/api/v1/public/certificates/{serial}",
                  kFigures = "/api/v1/public/figures", kVerification = "/api/v1/public/verification",
                  kContent = "/api/v1/public/content", kFile = "/api/v1/public/content/{id}/file",
                  kAdministration = "/api/v1/administration/content", kEntry = "/api/v1/administration/content/{id}",
                  kEntryFile = "/api/v1/administration/content/{id}/file";

class FakeVerifier final : public LetterVerifier {
 public:
  std::function<void()> while_it_works = [] {};
  std::size_t calls = 0;
  Result<LetterVerdict> verify(ByteView, Instant) override { return LetterVerdict{}; }
  Result<Report> report(ByteView pdf, std::string_view language, Instant) override {
    ++calls;
    while_it_works();
    return Report{fmt::format(R"({{"size":{},"language":"{}"}})", pdf.size(), language), "<p>ok</p>", "valid"};
  }
};

class FakeAuthority final : public IssuingAuthority {
 public:
  std::map<std::string, IssuedCertificate> known;
  std::optional<Error> failure;
  Result<AuthorityRequest> submit(std::string_view, const Within&) override { return fail("base.internal"); }
  Result<AuthorityRequest> decide(const std::string&, std::string_view, const Within&) override {
    return fail("base.internal");
  }
  Result<AuthorityRequest> request(const std::string&) override { return fail("base.internal"); }
  Result<std::shared_ptr<const vault::Policy>> policy() override { return fail("base.internal"); }
  Result<IssuedCertificate> certificate(const std::string& issuer, const std::string& serial) override {
    if (failure) return *failure;
    const auto found = known.find(issuer + "/" + serial);
    if (found == known.end()) return fail("authority.certificate.missing").with("serial", serial);
    return found->second;
  }
  Result<Changes> changes(std::int64_t, std::size_t) override { return Changes{}; }
  Result<std::vector<std::pair<std::string, Bytes>>> released_so_pins(const std::string&) override {
    return fail("base.internal");
  }
};

struct Portal {
  RegistryWorld world;
  FakeVerifier verifier;
  FakeAuthority authority;
  int asked_authorities = 0;
  std::vector<PortalRoute> routes;
  Caller administrator, clerk;

  explicit Portal(db::Database& database)
      : world(database),
        administrator(RegistryWorld::caller(world.authority, {Role::administrator})),
        clerk(RegistryWorld::caller(world.office, {Role::clerk})) {
    PublicParts parts{database, verifier, &authority, {"CPCA_G1", "CPCA_G2"}, [this] {
                        ++asked_authorities;
                        AuthorityEntry entry;
                        entry.name = "CPCA_G1";
                        entry.subject = "CN=CA mẫu";
                        entry.crl_urls = {"http://example.vn/crl"};
                        return Result<std::vector<AuthorityEntry>>({entry});
                      }};
    parts.verifications_at_once = 1;
    routes = public_routes(std::move(parts));
  }

  using Query = std::vector<std::pair<std::string, std::string>>;
  net::ServerResponse get(const std::string& where, Query query, const std::string& address = "192.0.2.1",
                          Instant now = kNow, const std::optional<Caller>& caller = std::nullopt) {
    net::ServerRequest http;
    http.query = std::move(query);
    http.remote_address = address;
    return ask(routes, "GET", where, std::move(http), caller, now);
  }
  net::ServerResponse send(const std::string& method, const std::string& where, const std::string& id,
                           const std::string& body, const Caller& caller) {
    net::ServerRequest http;
    http.captures = {{"id", id}};
    http.body = to_bytes(body);
    return ask(routes, method, where, std::move(http), caller, kNow);
  }
  static net::ServerRequest form(const std::string& name, const std::string& file_name, const std::string& content) {
    net::ServerRequest http;
    http.headers = {{"content-type", "multipart/form-data; boundary=b"}};
    http.body = to_bytes("--b\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + file_name +
                         "\"\r\nContent-Type: application/pdf\r\n\r\n" + content + "\r\n--b--\r\n");
    http.remote_address = "192.0.2.1";
    return http;
  }
  net::ServerResponse verify(net::ServerRequest http, Instant now = kNow) {
    return ask(routes, "POST", kVerification, std::move(http), std::nullopt, now);
  }
  net::ServerResponse upload(const std::string& id, const std::string& file_name, const std::string& content) {
    net::ServerRequest http = form("file", file_name, content);
    http.captures = {{"id", id}};
    return ask(routes, "PUT", kEntryFile, std::move(http), administrator, kNow);
  }
  std::string add(const std::string& body) {
    const auto answer = send("POST", kAdministration, "", body, administrator);
    REQUIRE_MESSAGE(answer.status == 201, text_of(answer));
    return std::string(*body_of(answer).find("id")->as_string());
  }
};

std::string code_in(const net::ServerResponse& answer) {
  const json::Value body = body_of(answer);
  const json::Value* code = body.find("code");
  return code == nullptr ? "" : std::string(code->as_string().value_or(""));
}
std::size_t items_in(const net::ServerResponse& answer) {
  const json::Value body = body_of(answer);
  return body.find("items")->as_array()->size();
}

TEST_CASE("public figures are exact, and a minute old at most") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    RegistryWorld& world = portal.world;
    world.dossier(world.office, DossierKind::person, kNow - hours(9));  // a draft: nobody's matter
    Dossier open = world.dossier(world.office, DossierKind::person, kNow - hours(9));
    world.move(open, DossierState::submitted, kNow - hours(8));
    world.finished(world.office, DossierKind::person, kNow - hours(200), hours(10));
    world.finished(world.other, DossierKind::person, kNow - hours(200), hours(72));
    world.finished(world.other, DossierKind::person, kNow - hours(200), hours(73));
    CHECK(text_of(portal.get(kFigures, {})) == R"({"total":4,"finished":3,"processing":1,"on_time_percent":66.7})");
    world.move(open, DossierState::processing, kNow);
    world.move(open, DossierState::completed, kNow);
    CHECK(text_of(portal.get(kFigures, {}, "a", kNow + seconds(59))).find("\"finished\":3") != std::string::npos);
    CHECK(text_of(portal.get(kFigures, {}, "a", kNow + seconds(60))) ==
          R"({"total":4,"finished":4,"processing":0,"on_time_percent":75.0})");
  });
}

TEST_CASE("an empty registry has figures too") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    CHECK(text_of(portal.get(kFigures, {})) == R"({"total":0,"finished":0,"processing":0,"on_time_percent":100.0})");
  });
}

TEST_CASE("a dossier is found when organisation, number and day fit, and tells of nobody") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    RegistryWorld& world = portal.world;
    Dossier dossier = world.dossier(world.office, DossierKind::person, kNow - hours(50));
    const Dossier draft = world.dossier(world.office, DossierKind::person, kNow - hours(50));
    world.move(dossier, DossierState::submitted, kNow - hours(49));
    world.move(dossier, DossierState::processing, kNow - hours(48));
    dossier.reason = "Nguyễn Văn A thiếu ngày cấp";
    world.move(dossier, DossierState::returned, kNow - hours(47));
    const auto look = [&](const std::string& organisation, const std::string& number, const std::string& date) {
      static int address = 0;
      return portal.get(kDossiers, {{"organisation", organisation}, {"number", number}, {"date", date}},
                        fmt::format("192.0.2.{}", ++address % 200));
    };
    const std::string number = dossier.form.letter_number;
    const auto found = look(world.office, number, "2026-11-20");
    const std::string text = text_of(found);
    CHECK(items_in(found) == 1);
    CHECK(text.find(dossier.code) != std::string::npos);
    CHECK(text.find("\"state\":\"returned\"") != std::string::npos);
    CHECK(text.find("\"line_count\":3") != std::string::npos);
    for (const char* secret : {"Nguyễn", "Trần", "001087", "@", "handler", "thiếu"})
      CHECK(text.find(secret) == std::string::npos);
    CHECK(items_in(look(world.office, " 1/ttm ", "2026-11-20")) == 1);

    const std::string none = text_of(look(world.office, "99/TTM", "2026-11-20"));
    CHECK(none == R"({"items":[]})");
    CHECK(text_of(look(world.other, number, "2026-11-20")) == none);
    CHECK(text_of(look(world.ministry, number, "2026-11-20")) == none);
    CHECK(text_of(look("no-such", number, "2026-11-20")) == none);
    CHECK(text_of(look(world.office, number, "2026-11-21")) == none);
    CHECK(text_of(look(world.office, draft.form.letter_number, "2026-11-20")) == none);
    CHECK(text_of(look(world.office, "' OR 1=1 --", "2026-11-20")) == none);
    for (const auto& [organisation, asked, date] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"", number, "2026-11-20"},
             {world.office, " ", "2026-11-20"},
             {world.office, number, "20/11/2026"},
             {world.office, std::string(101, '1'), "2026-11-20"}})
      CHECK(look(organisation, asked, date).status == 400);
  });
}

TEST_CASE("look-ups are limited for one address, and one alone") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    const auto look = [&](const std::string& address, Instant now) {
      return portal.get(kCertificates, {{"serial", "31C106"}}, address, now).status;
    };
    for (int i = 0; i < 30; ++i) CHECK(look("192.0.2.7", kNow) == 200);
    CHECK(look("192.0.2.7", kNow + seconds(59)) == 429);
    CHECK(look("192.0.2.8", kNow + seconds(59)) == 200);
    CHECK(look("192.0.2.7", kNow + seconds(60)) == 200);
  });
}

TEST_CASE("limits: networks of IPv6, a clock that goes back, very many addresses") {
  CHECK(network_of("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(network_of("192.0.2.1") == "192.0.2.1");
  CHECK(network_of("::ffff:192.0.2.1") == "::ffff:192.0.2.1");
  CHECK(network_of("nonsense") == "nonsense");
  AddressLimiter limiter({1, seconds(60)}, 100);
  CHECK(limiter.take("a", kNow));
  CHECK(parameter(limiter.take("a", kNow + seconds(20)).error(), "seconds") == "40");
  CHECK(limiter.take("a", kNow - hours(1)));
  for (int i = 0; i < 10'000; ++i) CHECK(limiter.take(fmt::format("x{}", i), kNow));
  Gate gate(1);
  {
    const auto place = gate.enter();
    CHECK(place);
    CHECK(code_of(gate.enter()) == "registry.limit.rate");
  }
  CHECK(gate.enter());
}

TEST_CASE("a certificate's state is told, a person's name is not") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    RegistryWorld& world = portal.world;
    const auto person = world.certificate(world.office, at("2028-01-01"));
    const auto office = world.certificate(world.office, at("2028-01-01"), "organisation");
    const auto over = world.certificate(world.office, kNow);
    SubscriberCertificate revoked = world.certificate(world.office, at("2028-01-01"));
    revoked.state = "revoked";
    revoked.changed = kNow - hours(1);
    world.change(revoked);
    const auto look = [&](const std::string& serial) { return portal.get(kCertificates, {{"serial", serial}}); };
    const std::string text = text_of(look(person.serial));
    CHECK(text.find("\"state\":\"good\"") != std::string::npos);
    CHECK(text.find("Trung tâm mẫu") != std::string::npos);
    for (const char* secret : {"Nguyễn", "001087", "@", "name", "subject", "email"})
      CHECK(text.find(secret) == std::string::npos);
    CHECK(text_of(look("00" + person.serial)) == text);
    CHECK(text_of(look(office.serial)).find("\"name\":\"Trung tâm mẫu\"") != std::string::npos);
    CHECK(text_of(look(over.serial)).find("\"state\":\"expired\"") != std::string::npos);
    CHECK(text_of(look(revoked.serial)).find("\"revoked\":\"2026-11-20T09:00:00+07:00\"") != std::string::npos);
    CHECK(text_of(look("ABCDEF")) == R"({"items":[]})");
    for (const char* odd : {"xyz", "31C1 OR 1", "", "0123456789012345678901234567890123456789012345678901234567890"})
      CHECK(look(odd).status == 400);

    // What only the authority knows: no subject, for it names people.
    IssuedCertificate issued;
    issued.issuer = "CPCA_G2";
    issued.serial = person.serial;
    issued.state = "suspended";
    issued.subject = "CN=Nguyễn Văn A";
    issued.not_after = at("2030-01-01");
    portal.authority.known["CPCA_G2/" + person.serial] = issued;
    const auto both = look(person.serial);
    CHECK(items_in(both) == 2);
    CHECK(text_of(both).find("\"state\":\"suspended\"") != std::string::npos);
    CHECK(text_of(both).find("Nguyễn") == std::string::npos);
    portal.authority.known["CPCA_G2/" + person.serial].state = "waiting";
    CHECK(items_in(look(person.serial)) == 1);
    portal.authority.failure = fail("vault.unreachable");
    CHECK(look("ABCDEF").status >= 500);
  });
}

TEST_CASE("authorities are asked for once a minute") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    const auto first = portal.get("/api/v1/public/authorities", {});
    CHECK(items_in(first) == 1);
    CHECK(text_of(portal.get("/api/v1/public/authorities", {}, "a", kNow + seconds(30))) == text_of(first));
    CHECK(portal.asked_authorities == 1);
    portal.get("/api/v1/public/authorities", {}, "a", kNow + seconds(61));
    CHECK(portal.asked_authorities == 2);
  });
}

TEST_CASE("a PDF is verified and forgotten; other uploads are refused") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    const auto good = portal.verify(Portal::form("file", "văn bản.pdf", "%PDF-1.7 …"));
    CHECK(good.status == 200);
    CHECK(text_of(good) == R"({"verdict":"valid","html":"<p>ok</p>","report":{"size":12,"language":"vi"}})");
    CHECK(portal.verifier.calls == 1);
    // A second one while the first is being looked at.
    int other = 0;
    bool is_first = true;
    portal.verifier.while_it_works = [&] {
      if (!std::exchange(is_first, false)) return;
      other = portal.verify(Portal::form("file", "b.pdf", "%PDF-1.7")).status;
    };
    CHECK(portal.verify(Portal::form("file", "a.pdf", "%PDF-1.7")).status == 200);
    CHECK(other == 429);
    CHECK(portal.verifier.calls == 2);
    const Instant later = kNow + hours(1);
    CHECK(portal.verify(Portal::form("file", "a.pdf", "MZ not a PDF"), later).status == 422);
    CHECK(portal.verify(Portal::form("file", "a.pdf", std::string(1024, ' ') + "%PDF-1.7"), later).status == 422);
    CHECK(portal.verify(Portal::form("file", "a.pdf", ""), later).status == 422);
    CHECK(portal.verify(Portal::form("other", "a.pdf", "%PDF-1.7"), later).status == 422);
    net::ServerRequest broken = Portal::form("file", "a.pdf", "%PDF-1.7");
    broken.body.resize(broken.body.size() - 9);
    CHECK(code_in(portal.verify(broken, later)) == "registry.content.file");
    net::ServerRequest no_form;
    no_form.body = to_bytes("%PDF-1.7");
    CHECK(code_in(portal.verify(no_form, later)) == "registry.content.file");
    const auto large = portal.verify(Portal::form("file", "a.pdf", "%PDF-1.7" + std::string(50U << 20U, ' ')), later);
    CHECK(large.status == 413);
    net::ServerRequest language = Portal::form("file", "a.pdf", "%PDF-1.7");
    language.query = {{"lang", "fr"}};
    CHECK(portal.verify(language, later).status == 400);
    CHECK(portal.verifier.calls == 2);
    // Ten a minute for one address.
    int refused = 0;
    for (int i = 0; i < 20; ++i)
      if (portal.verify(Portal::form("file", "a.pdf", "%PDF-1.7"), later + hours(1)).status == 429) ++refused;
    CHECK(refused == 10);
  });
}

TEST_CASE("uploads are what their bytes are") {
  const auto type = [](std::string_view name, const std::string& content) {
    const auto kind = file_kind(name, to_bytes(content));
    return kind ? std::string(kind->content_type) : std::string("refused");
  };
  CHECK(type("mau.PDF", "%PDF-1.4") == "application/pdf");
  CHECK(type("mau.xlsx", "PK\x03\x04…").find("spreadsheetml") != std::string::npos);
  CHECK(type("cai-dat.exe", "MZ\x90") == "application/octet-stream");
  CHECK(type("doc.txt", "Tiếng Việt\r\n") == "text/plain; charset=utf-8");
  CHECK(type("bo.tar.gz", "\x1F\x8B\x08") == "application/gzip");
  for (const auto& [name, content] :
       std::vector<std::pair<std::string, std::string>>{{"a.html", "<script>alert(1)</script>"},
                                                        {"a.svg", "<svg/>"},
                                                        {"a.pdf", "<html>"},
                                                        {"a.pdf", ""},
                                                        {"a.png", "GIF89a"},
                                                        {"a.pdf.html", "%PDF-1.4"},
                                                        {"a.js", "1"},
                                                        {"pdf", "%PDF-1.4"},
                                                        {".pdf", "%PDF-1.4"},
                                                        {"a.txt", "\xFF\xFE"s},
                                                        {"a.txt", "a\0b"s},
                                                        {"a.exe", "PK\x03\x04"},
                                                        {"a", "MZ"},
                                                        {"", "MZ"}})
    CHECK(type(name, content) == "refused");
}

TEST_CASE("Markdown without HTML; links lead only where they may") {
  for (const char* good : {"Chọn **Lưu**, rồi `Nộp`.", "a < b và 3<4", "[trang](https://example.vn/a?b=1&c=2#d)",
                           "[thư](mailto:a@example.vn)", "[mẫu](/api/v1/templates/01.xlsx)", "[x](#muc)", "[1]: /a",
                           "- [ ] việc", "a]b", "]", "](", "tỷ lệ 5<"})
    CHECK_MESSAGE(code_of(check_markup(good)) == "ok", good);
  for (const char* bad : {"<script>",
                          "a<b>",
                          "</p>",
                          "<!--",
                          "<?php",
                          "<https://example.vn>",
                          "<IMG src=x>",
                          "[x](javascript:alert(1))",
                          "[x]( JaVaScRiPt:alert(1))",
                          "[x](\tjavascript:1)",
                          "[x](data:text/html,1)",
                          "[x](vbscript:1)",
                          "[x](java&#115;cript:1)",
                          "[x](&#x6A;:1)",
                          "[x](//evil.example)",
                          "[x]: javascript:1",
                          "[x]:\njavascript:1",
                          "![x](data:image/png,1)",
                          "[x](java\\script:1)",
                          "[x](file:///etc/passwd)",
                          "[x](<javascript:1>)"})
    CHECK_MESSAGE(code_of(check_markup(bad)) == "registry.content.markup", bad);
  for (const char* good : {"/api/v1/templates/01.xlsx", "https://example.vn", "http://crl.example.vn/a.crl"})
    CHECK(check_link(good));
  for (const char* bad : {"javascript:1", "//evil.example", "/\\evil.example", "ftp://a", "https://a b", "a", "/a\nb"})
    CHECK_FALSE(check_link(bad));
}

TEST_CASE("administrators write, everybody reads what is published") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    const std::string now_shown = portal.add(R"({"kind":"news","title":"Tin một","text":"Nội dung"})");
    const std::string later =
        portal.add(R"({"kind":"news","title":"Tin sau","published":"2026-11-20T11:00:00+07:00"})");
    portal.add(R"({"kind":"guide","title":"Hướng dẫn"})");
    const auto news = [&](Instant now, const std::optional<Caller>& caller) {
      return items_in(portal.get(kContent, {{"kind", "news"}}, "a", now, caller));
    };
    CHECK(news(kNow, std::nullopt) == 1);
    CHECK(news(kNow, portal.clerk) == 1);
    CHECK(news(kNow, portal.administrator) == 2);
    CHECK(news(at("2026-11-20T11:00:00+07:00"), std::nullopt) == 2);
    CHECK(portal.get(kContent, {{"kind", "secrets"}}).status == 400);
    // Pages, newest first.
    const auto first =
        body_of(portal.get(kContent, {{"kind", "news"}, {"limit", "1"}}, "a", kNow, portal.administrator));
    CHECK(first.find("items")->as_array()->front().find("id")->as_string() == later);
    const std::string next(*first.find("next")->as_string());
    const auto second = body_of(
        portal.get(kContent, {{"kind", "news"}, {"limit", "1"}, {"after", next}}, "a", kNow, portal.administrator));
    CHECK(second.find("items")->as_array()->front().find("id")->as_string() == now_shown);
    CHECK(second.find("next") == nullptr);

    const auto changed =
        portal.send("PUT", kEntry, now_shown, R"({"kind":"news","title":"Tin hai"})", portal.administrator);
    CHECK(changed.status == 200);
    CHECK(body_of(changed).find("text")->as_string() == "");
    CHECK(body_of(changed).find("published")->as_string() == "2026-11-20T10:00:00+07:00");
    CHECK(portal.send("PUT", kEntry, "none", R"({"kind":"news","title":"x"})", portal.administrator).status == 404);
    CHECK(portal.send("DELETE", kEntry, now_shown, "", portal.administrator).status == 204);
    CHECK(portal.send("DELETE", kEntry, now_shown, "", portal.administrator).status == 404);

    const auto bad =
        portal.send("POST", kAdministration, "",
                    R"_({"kind":"x","text":"<b>","text_en":"[a](javascript:1)","link":"ftp://a","published":"soon"})_",
                    portal.administrator);
    CHECK(bad.status == 422);
    CHECK(body_of(bad).find("fields")->as_array()->size() == 6);
    const auto events = must(database.read([](db::Transaction& transaction) {
      return transaction.query("SELECT kind FROM audit_event WHERE subject LIKE 'content:%' ORDER BY id");
    }));
    CHECK(events.size() == 5);
    CHECK(must(events.back().get<std::string>(0)) == "content.removed");
  });
}

TEST_CASE("files of resources come back byte by byte, always as attachments") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    const std::string id = portal.add(R"({"kind":"resource","title":"Phần mềm","group":"Phần mềm"})");
    CHECK(portal.get(kFile, {{"id", id}}).status == 404);
    std::string content = "MZ";
    for (int i = 0; content.size() < (5U << 19U); ++i) content += static_cast<char>(i * 31 % 251);
    CHECK(portal.upload(id, "trang.html", "<script>").status == 422);
    CHECK(portal.upload(id, "cài đặt.exe", content).status == 204);
    const auto read = [](net::ServerResponse& answer) {
      std::string out;
      for (;;) {
        const Bytes piece = must(answer.next_piece());
        if (piece.empty()) return out;
        out += as_chars(piece);
      }
    };
    auto answer = portal.get(kFile, {{"id", id}});
    CHECK(answer.status == 200);
    CHECK(answer.stream_length == content.size());
    CHECK(read(answer) == content);
    const auto header = [&](std::string_view name) {
      for (const auto& [key, value] : answer.headers)
        if (key == name) return value;
      return std::string();
    };
    CHECK(header("Content-Disposition").starts_with("attachment; "));
    CHECK(body_of(portal.get(kContent, {{"kind", "resource"}}))
              .find("items")
              ->as_array()
              ->front()
              .find("size")
              ->as_integer() == static_cast<std::int64_t>(content.size()));
    // Replaced while it is read: the answer is cut short, never mixed.
    auto old = portal.get(kFile, {{"id", id}});
    CHECK_FALSE(must(old.next_piece()).empty());
    CHECK(portal.upload(id, "b.pdf", "%PDF-1.7 new").status == 204);
    CHECK(code_of(old.next_piece()) == "registry.content.missing");
    auto fresh = portal.get(kFile, {{"id", id}});
    CHECK(read(fresh) == "%PDF-1.7 new");
    CHECK(portal.send("DELETE", kEntry, id, "", portal.administrator).status == 204);
    CHECK(must(must(database.read([](db::Transaction& transaction) {
                 return transaction.one("SELECT COUNT(*) FROM content_file");
               })).get<std::int64_t>(0)) == 0);
    CHECK(portal.upload("none", "b.pdf", "%PDF-1.7").status == 404);
    // Not published yet: nobody else downloads it.
    const std::string hidden = portal.add(R"({"kind":"resource","title":"Sau","published":"2027-01-01"})");
    CHECK(portal.upload(hidden, "b.pdf", "%PDF-1.7").status == 204);
    CHECK(portal.get(kFile, {{"id", hidden}}).status == 404);
    CHECK(portal.get(kFile, {{"id", hidden}}, "a", kNow, portal.administrator).status == 200);
  });
}

TEST_CASE("content that comes with the software is put in once") {
  db::on_each_engine([](db::Database& database) {
    const std::filesystem::path folder = KYSO_SOURCE_DIR "/share/content";
    const std::size_t added = must(add_original_content(database, folder, kNow));
    CHECK(added >= 15);
    CHECK(must(add_original_content(database, folder, kNow)) == 0);
    Contents contents(database);
    content_store::Filter filter;
    filter.kind = "legal";
    filter.published_until = kNow;
    const auto legal = must(contents.list(filter));
    REQUIRE(legal.size() >= 5);
    CHECK(legal.front().title == "Luật Giao dịch điện tử số 20/2023/QH15");
    // What an administrator removes stays away.
    Portal portal(database);
    must(contents.remove(portal.administrator, legal.front().id, kNow));
    CHECK(must(add_original_content(database, folder, kNow)) == 0);
    CHECK(must(contents.list(filter)).size() == legal.size() - 1);

    const TestFolder bad;
    bad.write("a.vi.md", "Kind: guide\nTitle: Một\n\n<script>");
    bad.write("a.en.md", "Title: One\n");
    CHECK(code_of(add_original_content(database, bad.path(), kNow)) == "registry.content.origin");
  });
}

TEST_CASE("routes of content are open to whom they name") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    for (const PortalRoute& route : portal.routes) {
      const bool is_public = route.where.starts_with("/api/v1/public/");
      CHECK((route.access.kind == Access::Kind::public_) == is_public);
      if (!is_public) CHECK(route.access.roles == Roles{Role::administrator});
    }
    CHECK(portal.routes.size() == 11);
  });
}

}  // namespace
}  // namespace kyso::registry
