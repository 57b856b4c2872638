#include "registry_data.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>

#include "base/working_calendar.h"

namespace kyso::bench {
namespace {

using namespace std::string_view_literals;

// Places {…} of the statements.
using Words = std::map<std::string, std::string, std::less<>>;

std::string filled(std::string_view sql, const Words& words) {
  std::string out;
  while (!sql.empty()) {
    const std::size_t open = std::min(sql.find('{'), sql.size());
    out += sql.substr(0, open);
    sql.remove_prefix(open);
    if (sql.empty()) break;
    const std::size_t close = sql.find('}');
    const auto found = words.find(sql.substr(1, close - 1));
    out += found == words.end() ? std::string(sql.substr(0, close + 1)) : found->second;
    sql.remove_prefix(close + 1);
  }
  return out;
}

// Statements use `i` for the number of the row from 1, {h} for a number below a million that it leads to.
constexpr std::array kOrganisations = {
    "CREATE TABLE bench_org (n BIGINT NOT NULL PRIMARY KEY, a BIGINT NOT NULL, b BIGINT NOT NULL, o1 TEXT NOT NULL, "
    "o2 TEXT NOT NULL, o3 TEXT NOT NULL, chain TEXT NOT NULL)"sv,
    "INSERT INTO bench_org SELECT i, i / 240, i / 4, {o1}, {o2}, {o3}, '[\"Bộ, ngành, tỉnh mẫu ' || i / 240 || "
    "'\",\"Sở mẫu "
    "' || i / 4 || '\",\"Đơn vị ' || i || '\"]' FROM generate_series(0, {low} - 1) AS g(i)"sv,
    "INSERT INTO organisation (id, created, revision) SELECT id, 0, 1 FROM (SELECT DISTINCT o1 AS id FROM bench_org "
    "UNION ALL SELECT DISTINCT o2 FROM bench_org UNION ALL SELECT o3 FROM bench_org) x"sv,
    "INSERT INTO organisation_version (organisation, valid_from, valid_to, parent, level, name, name_key, name_fold, "
    "search, kind, province, code, tax_code, budget_code, address, mail_domains, sector, instrument) "
    "SELECT id, 0, 253402300800, parent, level, name, name, fold, ' ' || fold || ' ', 'unit', '01', '', '', '', '', "
    "'', "
    "'', '' FROM (SELECT DISTINCT o1 AS id, '' AS parent, 1 AS level, 'Bộ, ngành, tỉnh mẫu ' || a AS name, 'bo nganh "
    "tinh "
    "mau ' || a AS fold FROM bench_org UNION ALL SELECT DISTINCT o2, o1, 2, 'Sở mẫu ' || b, 'so mau ' || b FROM "
    "bench_org UNION ALL SELECT o3, o2, 3, 'Đơn vị ' || n, 'don vi ' || n FROM bench_org) x"sv,
};

constexpr std::array kDossiers = {
    "INSERT INTO dossier (id, code, kind, state, step, revision, lines_revision, organisation, organisation_chain, "
    "on_behalf_of_chain, central_signing, source, creator, creator_name, creator_email, handler, handler_name, "
    "stated_count, line_count, lines_approved, lines_returned, lines_issued, letter_number, letter_number_folded, "
    "letter_subject, letter_date, form, created, updated, submitted, received, due, finished, urgent) "
    "SELECT 'd0000000-0000-4000-8000-' || LPAD(CAST(i AS TEXT), 12, '0'), o3 || '-' || yymmdd || '-' || LPAD(CAST(i AS "
    "TEXT), 7, '0'), "
    "'0' || 1 + h % 6, state, CASE state WHEN 'completed' THEN 'done' WHEN 'processing' THEN CASE h % 5 WHEN 0 THEN "
    "'lines' WHEN 1 THEN 'keys' WHEN 2 THEN 'statement' WHEN 3 THEN 'approval' ELSE 'delivery' END ELSE 'none' END, "
    "3, 1, o3, chain, '[]', 0, 'ONLINE', 'creator', 'Nguyễn Văn A', 'clerk@coquanmau.example.vn', "
    "CASE WHEN received IS NULL THEN NULL ELSE 'account-' || h % 30 END, CASE WHEN received IS NULL THEN NULL ELSE "
    "'Nguyễn Văn A ' || h % 30 END, 1, 1, 1, 0, 1, letter || '/UBND-VP', letter || '/ubnd-vp', 'V/v đề nghị cấp chứng "
    "thư số', day, "
    "'{\"letter_number\":\"' || letter || '/UBND-VP\",\"letter_subject\":\"V/v đề nghị cấp chứng thư số\","
    "\"letter_date\":\"' || day || '\",\"receiver\":{\"name\":\"Nguyễn Văn A\",\"identity\":\"001087000001\","
    "\"position\":\"Chuyên viên\",\"phone\":\"84912345678\",\"email\":\"nva@coquanmau.example.vn\",\"address\":\"Số 1, "
    "phố "
    "Mẫu\"}}', "
    "created, created, CASE state WHEN 'draft' THEN NULL ELSE created + 1800 END, received, received + 345600, "
    "CASE WHEN state IN ('completed', 'rejected') THEN received + (h * 7) % 432000 END, COALESCE(received + 345600, "
    "created) FROM ({dossier_rows}) x ORDER BY i"sv,
    "INSERT INTO dossier_scope (scope, box, kind, dossier) SELECT scope, box, kind, number FROM (SELECT d.number, "
    "d.kind, CASE WHEN d.state IN ('draft', 'returned') THEN 'draft' WHEN d.state IN ('submitted', 'processing') THEN "
    "'submitted' ELSE 'finished' END AS box, o.o1, o.o2, o.o3 FROM dossier d JOIN bench_org o ON o.o3 = "
    "d.organisation) "
    "x CROSS JOIN LATERAL (VALUES (''), (o1), (o2), (o3)) s(scope) ORDER BY 1, 2, 3, 4"sv,
    "INSERT INTO dossier_word (word, dossier) SELECT DISTINCT word, number FROM (SELECT d.number, o.n, o.a, o.b, "
    "SUBSTR(d.code, 38, 6) AS day, SUBSTR(d.code, 45) AS last, REPLACE(d.letter_number, '/UBND-VP', '') AS letter FROM "
    "dossier d JOIN bench_org o ON o.o3 = d.organisation) x CROSS JOIN LATERAL (VALUES ('don'), ('vi'), ('mau'), "
    "('so'), ('bo'), ('ubnd'), ('vp'), (CAST(n AS TEXT)), (CAST(a AS TEXT)), (CAST(b AS TEXT)), (day), (last), "
    "(letter)) w(word) ORDER BY 1, 2"sv,
    "INSERT INTO dossier_line (id, dossier, number, state, content, name, identity, organisation, organisation_chain, "
    "device, issuer, serial, findings, worst, population, key_sha256, token_serial, profile, valid_to, "
    "decision_reason, "
    "decided_by, certificate_issuer, certificate_serial, failure, updated) SELECT 'l' || SUBSTR(id, 2), id, 1, "
    "'issued', "
    "'{}', 'Nguyễn Văn A', '001087000001', organisation, organisation_chain, 'token', '', '', '[]', '', 'matches', '', "
    "'', "
    "'PERSON_5Y', '', '', '', 'CPCA_G1', '', '', created FROM dossier ORDER BY number"sv,
};

constexpr std::array kCertificates = {
    "INSERT INTO subscriber_certificate (issuer, serial, kind, device, device_serial, iccid, name, name_folded, "
    "subject, "
    "email, identity, tax_code, budget_code, phone, organisation, organisation_chain, province, profile, state, "
    "reason, "
    "renewed, changed, not_before, not_after, replaces, replaced_by, dossier, line, request_id, is_stale, recorded, "
    "der) "
    "SELECT 'CPCA_G1', {serial}, CASE h % 20 WHEN 0 THEN 'organisation' WHEN 1 THEN 'device' ELSE 'person' END, "
    "CASE h % 10 WHEN 0 THEN 'pkcs10' WHEN 1 THEN 'sim_pki' ELSE 'token' END, '0' || UPPER(TO_HEX(16777216 + i)), '', "
    "name, fold, 'CN=' || name || ',O=Cơ quan mẫu,C=VN', 'n' || i || '@coquanmau.example.vn', '00' || (1087000000 + "
    "i), "
    "'', '', '84912345678', o3, chain, '01', 'PERSON_5Y', CASE WHEN h % 10 = 3 THEN 'revoked' WHEN h % 500 = 7 THEN "
    "'suspended' ELSE 'good' END, CASE WHEN h % 10 = 3 THEN 4 END, 0, CASE WHEN h % 10 = 3 THEN starts + 8640000 END, "
    "starts, starts + 157766400, '', '', '', '', '', CASE WHEN h % 10 <> 3 AND h % 500 <> 7 AND h % 40 = 5 THEN 1 ELSE "
    "0 END, "
    "starts, {der} FROM (SELECT i, {h} AS h, {now} - 189216000 + CAST(i AS BIGINT) * 189216000 / {certificates} AS "
    "starts, f.word || ' "
    "' "
    "|| m.word || ' ' || g.word AS name, f.fold || ' ' || m.fold || ' ' || g.fold AS fold, o.o3, o.chain FROM "
    "generate_series(1, {certificates}) AS s(i) JOIN bench_org o ON o.n = {h} % {low} JOIN bench_name f ON f.n = {h} % "
    "30 JOIN bench_name m ON m.n = (i * 7) % 30 JOIN bench_name g ON g.n = (i * 13 + {h}) % 30) x ORDER BY i"sv,
    "INSERT INTO certificate_scope (scope, certificate, state, device, is_stale, not_after) SELECT scope, number, "
    "state, "
    "device, is_stale, not_after FROM subscriber_certificate c JOIN bench_org o ON o.o3 = c.organisation CROSS JOIN "
    "LATERAL (VALUES (''), (o1), (o2), (o3)) s(scope) ORDER BY 1, 2"sv,
    "INSERT INTO certificate_word (word, certificate) SELECT DISTINCT word, number FROM subscriber_certificate c CROSS "
    "JOIN LATERAL UNNEST(STRING_TO_ARRAY(c.name_folded, ' ')) w(word) ORDER BY 1, 2"sv,
};

constexpr std::array kCounters = {
    "INSERT INTO registry_count (scope, what, shard, value) SELECT s.scope, 'dossier/' || d.kind || '/' || d.state, "
    "d.number % 16, COUNT(*) FROM dossier d JOIN dossier_scope s ON s.dossier = d.number GROUP BY 1, 2, 3"sv,
    "INSERT INTO registry_count (scope, what, shard, value) SELECT s.scope, 'dossier.event/' || {day} || '/' || e.kind "
    "|| "
    "'/' || e.state, e.number % 16, COUNT(*) FROM (SELECT number, kind, 'draft' AS state, created AS at FROM dossier "
    "UNION ALL SELECT number, kind, 'submitted', submitted FROM dossier WHERE submitted IS NOT NULL UNION ALL SELECT "
    "number, kind, 'processing', received FROM dossier WHERE received IS NOT NULL UNION ALL SELECT number, kind, "
    "state, "
    "finished FROM dossier WHERE finished IS NOT NULL) e JOIN dossier_scope s ON s.dossier = e.number GROUP BY 1, 2, 3"sv,
    "INSERT INTO registry_count (scope, what, shard, value) SELECT s.scope, 'certificate/' || c.state || '/' || c.kind "
    "|| "
    "'/' || c.device, c.number % 16, COUNT(*) FROM subscriber_certificate c JOIN certificate_scope s ON s.certificate "
    "= "
    "c.number GROUP BY 1, 2, 3"sv,
    "INSERT INTO registry_count (scope, what, shard, value) SELECT scope, 'certificate.expiry/' || {end}, certificate "
    "% "
    "16, COUNT(*) FROM certificate_scope WHERE state = 'good' GROUP BY 1, 2, 3"sv,
    "INSERT INTO registry_count (scope, what, shard, value) SELECT scope, 'certificate.stale', certificate % 16, "
    "COUNT(*) "
    "FROM certificate_scope WHERE is_stale = 1 GROUP BY 1, 2, 3"sv,
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 30> kNames = {
    {{"Nguyễn", "nguyen"}, {"Trần", "tran"},   {"Lê", "le"},       {"Phạm", "pham"},     {"Hoàng", "hoang"},
     {"Vũ", "vu"},         {"Đặng", "dang"},   {"Bùi", "bui"},     {"Đỗ", "do"},         {"Hồ", "ho"},
     {"Ngô", "ngo"},       {"Dương", "duong"}, {"Lý", "ly"},       {"Văn", "van"},       {"Thị", "thi"},
     {"Đức", "duc"},       {"Minh", "minh"},   {"Thanh", "thanh"}, {"Hữu", "huu"},       {"An", "an"},
     {"Bình", "binh"},     {"Chi", "chi"},     {"Dũng", "dung"},   {"Giang", "giang"},   {"Hà", "ha"},
     {"Khánh", "khanh"},   {"Lan", "lan"},     {"Nam", "nam"},     {"Phương", "phuong"}, {"Quỳnh", "quynh"}}};

std::string id_sql(int level, std::string_view number) {
  return fmt::format("'o{}000000-0000-4000-8000-' || LPAD(CAST({} AS TEXT), 12, '0')", level, number);
}

Words words_of(const RegistrySize& size, Instant now) {
  const auto day = [](std::string_view time) {
    return fmt::format("TO_CHAR(TO_TIMESTAMP({} + 25200) AT TIME ZONE 'UTC', 'YYYY-MM-DD')", time);
  };
  Words words = {{"low", std::to_string(kLow)},
                 {"o1", id_sql(1, "i / 240")},
                 {"o2", id_sql(2, "i / 4")},
                 {"o3", id_sql(3, "i")},
                 {"now", std::to_string(now.time_since_epoch().count())},
                 {"certificates", std::to_string(size.certificates)},
                 {"dossiers", std::to_string(size.dossiers)},
                 {"h", "((CAST(i AS BIGINT) * 2654435761) % 1000003)"},
                 {"serial", "UPPER(TO_HEX(268435456 + CAST(i AS BIGINT) * 64007))"},
                 {"day", day("e.at")},
                 {"end", day("not_after")}};
  words["der"] = "DECODE(REPEAT('30', 900), 'hex')";
  words["dossier_rows"] = filled(
      "SELECT i, h, state, created, o3, chain, CAST(1 + h % 3000 AS TEXT) AS letter, TO_CHAR(TO_TIMESTAMP(created + "
      "25200) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, TO_CHAR(TO_TIMESTAMP(created + 25200) AT TIME ZONE 'UTC', "
      "'YYMMDD') AS yymmdd, CASE WHEN state IN ('processing', 'completed', 'rejected') THEN created + 3600 * (1 + h % "
      "20) "
      "END AS received FROM (SELECT i, {h} AS h, {now} - 94608000 + CAST(i AS BIGINT) * 94000000 / {dossiers} AS "
      "created, "
      "CASE WHEN i > {dossiers} - {dossiers} / 100 THEN CASE {h} % 5 WHEN 0 THEN 'draft' WHEN 1 THEN 'submitted' WHEN "
      "4 "
      "THEN 'returned' ELSE 'processing' END WHEN {h} % 33 = 0 THEN 'rejected' ELSE 'completed' END AS state FROM "
      "generate_series(1, {dossiers}) AS s(i)) r JOIN bench_org o ON o.n = h % {low}",
      words);
  return words;
}

using Steps = std::vector<std::string>;

Result<> run(db::Database& database, const std::string& sql) {
  const auto begin = std::chrono::steady_clock::now();
  KYSO_TRY(database.write([&](db::Transaction& transaction) { return transaction.execute(sql); }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (took.count() > 1) fmt::print(stderr, "{:7.1f} s  {}…\n", took.count(), sql.substr(0, 60));
  return {};
}

// Secondary indexes are made when the rows are there: that is many times quicker.
Result<Steps> drop_indexes(db::Database& database) {
  struct Index {
    std::string name, definition;
  };
  std::vector<Index> indexes;
  KYSO_TRY(database.read([&](db::Transaction& transaction) -> Result<> {
    for (const db::Row& row : KYSO_TRY(transaction.query(
             "SELECT CAST(indexname AS TEXT), indexdef FROM pg_indexes WHERE schemaname = current_schema() AND "
             "tablename "
             "IN ('dossier', 'dossier_scope', 'dossier_word', 'dossier_line', 'subscriber_certificate', "
             "'certificate_scope', 'certificate_word') AND indexname NOT IN (SELECT conname FROM pg_constraint)")))
      indexes.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1))});
    return {};
  }));
  Steps out;
  for (const Index& index : indexes) {
    KYSO_TRY(run(database, "DROP INDEX " + index.name));
    // The engine prints casts in its own way.
    std::string definition = index.definition;
    for (std::size_t cast = definition.find("::"); cast != std::string::npos; cast = definition.find("::"))
      definition.erase(cast, definition.find_first_not_of("abcdefghijklmnopqrstuvwxyz", cast + 2) - cast);
    out.push_back(std::move(definition));
  }
  return out;
}

}  // namespace

std::string organisation_id(int level, std::int64_t number) {
  return fmt::format("o{}000000-0000-4000-8000-{:012}", level, number);
}

std::string certificate_serial(std::int64_t number) {
  return fmt::format("{:X}", 268'435'456 + number * 64'007);
}

Result<> make_registry(db::Database& database, const RegistrySize& size, Instant now) {
  const Words words = words_of(size, now);
  const Steps indexes = KYSO_TRY(drop_indexes(database));
  KYSO_TRY(
      run(database, "CREATE TABLE bench_name (n BIGINT NOT NULL PRIMARY KEY, word TEXT NOT NULL, fold TEXT NOT NULL)"));
  KYSO_TRY(database.write([&](db::Transaction& transaction) {
    std::vector<db::Values> rows;
    for (std::size_t i = 0; i < kNames.size(); ++i) rows.push_back({i, kNames[i].first, kNames[i].second});
    return transaction.execute_many("INSERT INTO bench_name (n, word, fold) VALUES (?, ?, ?)", rows);
  }));
  const auto is_for_search = [](std::string_view sql) {
    return sql.starts_with("INSERT INTO dossier_word") || sql.starts_with("INSERT INTO dossier_line") ||
           sql.starts_with("INSERT INTO certificate_word");
  };
  const auto all = [&](const auto& statements) -> Result<> {
    for (const std::string_view sql : statements)
      if (size.has_words || !is_for_search(sql)) KYSO_TRY(run(database, filled(sql, words)));
    return {};
  };
  KYSO_TRY(all(kOrganisations));
  KYSO_TRY(all(kDossiers));
  KYSO_TRY(all(kCertificates));
  KYSO_TRY(all(kCounters));
  for (const std::string& definition : indexes) KYSO_TRY(run(database, definition));
  KYSO_TRY(run(database, "DROP TABLE bench_name"));
  KYSO_TRY(run(database, "DROP TABLE bench_org"));
  return run(database, "ANALYZE");
}

}  // namespace kyso::bench
