#include "registry_data.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <map>

#include "base/text.h"
#include "registry/organisation/provinces.h"
#include "registry/organisation/store.h"

namespace kyso::bench {
namespace {

using namespace std::string_view_literals;
using registry::Version;
namespace store = registry::store;

// ---- organisations --------------------------------------------------------------------------------------------------

constexpr std::array kDepartments = {"Sở Y tế"sv,
                                     "Sở Giáo dục và Đào tạo"sv,
                                     "Sở Nội vụ"sv,
                                     "Sở Tài chính"sv,
                                     "Sở Xây dựng"sv,
                                     "Sở Khoa học và Công nghệ"sv,
                                     "Sở Nông nghiệp và Môi trường"sv,
                                     "Sở Tư pháp"sv,
                                     "Sở Công Thương"sv,
                                     "Sở Văn hóa, Thể thao và Du lịch"sv,
                                     "Sở Ngoại vụ"sv,
                                     "Sở Dân tộc và Tôn giáo"sv};
constexpr std::array kUnits = {"Trường Tiểu học"sv,   "Trường Trung học cơ sở"sv, "Trường Mầm non"sv,
                               "Trạm Y tế"sv,         "Trung tâm Dịch vụ công"sv, "Phòng Kinh tế"sv,
                               "Ban Quản lý dự án"sv, "Trung tâm Văn hóa"sv,      "Văn phòng"sv};
constexpr std::array kPlaces = {"An"sv,   "Bình"sv,  "Minh"sv, "Hòa"sv,  "Phú"sv,   "Thành"sv, "Tân"sv,
                                "Long"sv, "Sơn"sv,   "Hải"sv,  "Đông"sv, "Tây"sv,   "Nam"sv,   "Bắc"sv,
                                "Mỹ"sv,   "Thạnh"sv, "Vĩnh"sv, "Hưng"sv, "Quang"sv, "Trung"sv};

std::string place_of(std::int64_t number) {
  constexpr auto kCount = static_cast<std::int64_t>(kPlaces.size());
  const auto place = [](std::int64_t at) { return kPlaces.at(static_cast<std::size_t>(at % kCount)); };
  return fmt::format("{} {}", place(number * 7 + number / kCount), place(number * 13 + 5));
}

std::string name_of(int level, std::int64_t number) {
  const auto one_of = [&](const auto& names) { return names.at(static_cast<std::size_t>(number) % names.size()); };
  if (level == 1) return fmt::format("{} mẫu {}", number < 26 ? "Bộ" : "Tỉnh", number);
  if (level == 3) return fmt::format("{} {} {}", one_of(kUnits), place_of(number / 9), number);
  if (number % 60 < 12) return fmt::format("{} {}", one_of(kDepartments), number);
  return fmt::format("{} {} {}", number % 3 == 0 ? "Phường" : "Xã", place_of(number), number);
}

Version version_of(int level, std::int64_t number) {
  constexpr std::array<std::int64_t, 3> kChildren = {0, kMiddle / kTop, kLow / kMiddle};
  Version out;
  out.organisation = organisation_id(level, number);
  out.level = level;
  out.name = name_of(level, number);
  std::int64_t above = number;
  for (int i = level; i > 1; --i) {
    above /= kChildren.at(static_cast<std::size_t>(i) - 1);
    if (i == level) out.parent = organisation_id(level - 1, above);
  }
  out.kind = level == 1 ? (number < 26 ? "ministry" : "province") : "unit";
  const auto provinces = registry::provinces();
  if (above >= 26) out.province = provinces[static_cast<std::size_t>(above) % provinces.size()].code;
  return out;
}

Result<> make_organisations(db::Database& database) {
  constexpr std::int64_t kAtOnce = 5'000;
  for (const auto& [level, count] : {std::pair(1, kTop), std::pair(2, kMiddle), std::pair(3, kLow)})
    for (std::int64_t first = 0; first < count; first += kAtOnce) {
      std::vector<std::string> ids;
      std::vector<store::Timeline> timelines;
      for (std::int64_t i = first; i < std::min(count, first + kAtOnce); ++i) {
        Version version = version_of(level, i);
        ids.push_back(version.organisation);
        timelines.push_back({version.organisation, {}, {std::move(version)}});
      }
      KYSO_TRY(database.write([&](db::Transaction& transaction) -> Result<> {
        KYSO_TRY(store::add_nodes(transaction, ids, Instant()));
        return store::put_versions(transaction, timelines);
      }));
    }
  return {};
}

// ---- everything else: statements ------------------------------------------------------------------------------------

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
constexpr std::string_view kUnitsOfDossiers = R"(
CREATE TABLE bench_unit AS SELECT CAST(SUBSTR(v3.organisation, 25) AS BIGINT) AS n, v1.organisation AS o1,
       v2.organisation AS o2, v3.organisation AS o3, '["' || v1.name || '","' || v2.name || '","' || v3.name || '"]' AS chain,
       REPLACE(v1.name_fold || ' ' || v2.name_fold || ' ' || v3.name_fold, ',', '') AS words
FROM organisation_version v3 JOIN organisation_version v2 ON v2.organisation = v3.parent
JOIN organisation_version v1 ON v1.organisation = v2.parent WHERE v3.level = 3)";

constexpr std::array kDossiers = {
    R"(INSERT INTO dossier (id, code, kind, state, step, revision, lines_revision, organisation, organisation_chain,
  on_behalf_of_chain, central_signing, source, creator, creator_name, creator_email, handler, handler_name, stated_count,
  line_count, lines_approved, lines_returned, lines_issued, letter_number, letter_number_folded, letter_subject,
  letter_date, form, created, updated, submitted, received, due, finished, urgent)
SELECT {dossier_id}, o3 || '-' || yymmdd || '-' || LPAD(CAST(i AS TEXT), 7, '0'),
  '0' || 1 + h % 6, state, CASE state WHEN 'completed' THEN 'done' WHEN 'processing' THEN CASE h % 5 WHEN 0 THEN 'lines'
  WHEN 1 THEN 'keys' WHEN 2 THEN 'statement' WHEN 3 THEN 'approval' ELSE 'delivery' END ELSE 'none' END,
  3, 1, o3, chain, '[]', 0, 'ONLINE', 'creator', 'Nguyễn Văn A', 'clerk@coquanmau.example.vn',
  CASE WHEN received IS NULL THEN NULL ELSE 'account-' || h % 30 END,
  CASE WHEN received IS NULL THEN NULL ELSE 'Nguyễn Văn A ' || h % 30 END, 1, 1, 1, 0, 1, letter || '/UBND-VP',
  letter || '/ubnd-vp', 'V/v đề nghị cấp chứng thư số', day,
  '{"letter_number":"' || letter || '/UBND-VP","letter_subject":"V/v đề nghị cấp chứng thư số","letter_date":"' || day ||
  '","receiver":{"name":"Nguyễn Văn A","identity":"001087000001","position":"Chuyên viên","phone":"84912345678",' ||
  '"email":"nva@coquanmau.example.vn","address":"Số 1, phố Mẫu"}}',
  created, created, CASE state WHEN 'draft' THEN NULL ELSE created + 1800 END, received, received + 345600,
  CASE WHEN state IN ('completed', 'rejected') THEN received + (h * 7) % 432000 END,
  COALESCE(received + 345600, created) FROM (
  SELECT r.*, o3, chain, CAST(1 + h % 3000 AS TEXT) AS letter,
    TO_CHAR(TO_TIMESTAMP(created + 25200) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day,
    TO_CHAR(TO_TIMESTAMP(created + 25200) AT TIME ZONE 'UTC', 'YYMMDD') AS yymmdd,
    CASE WHEN state IN ('processing', 'completed', 'rejected') THEN created + 3600 * (1 + h % 20) END AS received FROM (
    SELECT i, {h} AS h, {now} - 94608000 + CAST(i AS BIGINT) * 94000000 / {dossiers} AS created,
      CASE WHEN i > {dossiers} - {dossiers} / 100 THEN CASE {h} % 5 WHEN 0 THEN 'draft' WHEN 1 THEN 'submitted'
      WHEN 4 THEN 'returned' ELSE 'processing' END WHEN {h} % 33 = 0 THEN 'rejected' ELSE 'completed' END AS state
    FROM generate_series(1, {dossiers}) AS s(i)) r JOIN bench_unit o ON o.n = h % {low}) x ORDER BY i)"sv,
    R"(INSERT INTO dossier_scope (scope, box, kind, dossier)
SELECT scope, box, kind, number FROM (
  SELECT d.number, d.kind, CASE WHEN d.state IN ('draft', 'returned') THEN 'draft'
    WHEN d.state IN ('submitted', 'processing') THEN 'submitted' ELSE 'finished' END AS box, o.o1, o.o2, o.o3
  FROM dossier d JOIN bench_unit o ON o.o3 = d.organisation) x
CROSS JOIN LATERAL (VALUES (''), (o1), (o2), (o3)) s(scope) ORDER BY 1, 2, 3, 4)"sv,
    R"(INSERT INTO dossier_word (word, dossier)
SELECT DISTINCT w.word, x.number FROM (
  SELECT d.number, o.words || ' ' || SUBSTR(d.code, 38, 6) || ' ' || SUBSTR(d.code, 45) || ' ' ||
    REPLACE(REPLACE(d.letter_number_folded, '/', ' '), '-', ' ') || ' ' || f.fold || ' ' || m.fold || ' ' || g.fold AS words
  FROM (SELECT number, organisation, code, letter_number_folded, {person_of_dossier} AS p FROM dossier) d
  JOIN bench_unit o ON o.o3 = d.organisation {person}) x
CROSS JOIN LATERAL UNNEST(STRING_TO_ARRAY(x.words, ' ')) w(word) ORDER BY 1, 2)"sv,
    R"(INSERT INTO dossier_line (id, dossier, number, state, content, name, identity, organisation, organisation_chain,
  device, issuer, serial, findings, worst, population, key_sha256, token_serial, profile, valid_to, decision_reason,
  decided_by, certificate_issuer, certificate_serial, failure, updated)
SELECT 'l' || SUBSTR(d.id, 2) || '-' || n, d.id, n, 'issued', '{"name":"Nguyễn Văn A","identity":"001087000001"}',
  'Nguyễn Văn A', '001087000001', d.organisation, d.organisation_chain, 'token', '', '', '[]',
  CASE WHEN n % 100 = 7 THEN 'warn' ELSE '' END, 'matches', '', '', 'PERSON_5Y', '', '', '', 'CPCA_G1', '', '', d.created
FROM dossier d CROSS JOIN LATERAL generate_series(1, CASE d.number % {long} WHEN 1 THEN {long_list} ELSE 1 END) AS l(n)
ORDER BY d.number, n)"sv,
    R"(INSERT INTO dossier_event (dossier, at, kind, account, by_name, parameters, internal)
SELECT d.id, d.created + e.n * 900, e.kind, 'creator', 'Nguyễn Văn A', '{"count":"1","letter":"1/UBND-VP"}', 0 FROM dossier d
CROSS JOIN (VALUES (0, 'created'), (1, 'lines.added'), (2, 'submitted'), (3, 'received')) e(n, kind) ORDER BY d.number, e.n)"sv,
    R"(INSERT INTO dossier_import (id, dossier, account, created, file_name, sha256, rows_total, rows_compatible,
  faults_total, remarks) VALUES ('{import}', '{first}', 'creator', {now}, 'mau-01.xlsx', '', {import_rows}, 1, 1, '[]'))"sv,
    R"(INSERT INTO dossier_import_row (import, number, compatible, faulty, line, faults)
SELECT '{import}', i, CASE i % 20 WHEN 3 THEN 0 ELSE 1 END, CASE i % 20 WHEN 3 THEN 1 ELSE 0 END,
  '{"name":"Nguyễn Văn A","identity":"001087000001"}', '[]' FROM generate_series(1, {import_rows}) AS s(i))"sv,
};

constexpr std::array kCertificates = {
    R"(INSERT INTO subscriber_certificate (issuer, serial, kind, device, device_serial, iccid, name, name_folded, subject,
  email, identity, tax_code, budget_code, phone, organisation, organisation_chain, province, profile, state, reason,
  renewed, changed, not_before, not_after, replaces, replaced_by, dossier, line, request_id, is_stale, recorded, der)
SELECT 'CPCA_G1', {serial}, CASE h % 20 WHEN 0 THEN 'organisation' WHEN 1 THEN 'device' ELSE 'person' END,
  CASE h % 10 WHEN 0 THEN 'pkcs10' WHEN 1 THEN 'sim_pki' ELSE 'token' END, '0' || UPPER(TO_HEX(16777216 + i)), '', name,
  fold, 'CN=' || name || ',O=Cơ quan mẫu,C=VN', 'n' || i || '@coquanmau.example.vn', '00' || (1087000000 + i), '', '',
  '84912345678', o3, chain, '01', 'PERSON_5Y',
  CASE WHEN h % 10 = 3 THEN 'revoked' WHEN h % 500 = 7 THEN 'suspended' ELSE 'good' END, CASE WHEN h % 10 = 3 THEN 4 END,
  0, CASE WHEN h % 10 = 3 THEN starts + 8640000 END, starts, starts + 157766400, '', '', '', '', '',
  CASE WHEN h % 10 <> 3 AND h % 500 <> 7 AND h % 40 = 5 THEN 1 ELSE 0 END, starts, DECODE(REPEAT('30', 900), 'hex')
FROM (
  SELECT i, h, starts, f.word || ' ' || m.word || ' ' || g.word AS name,
    f.fold || ' ' || m.fold || ' ' || g.fold AS fold, o.o3, o.chain
  FROM (SELECT i, {h} AS h, {now} - 189216000 + CAST(i AS BIGINT) * 189216000 / {certificates} AS starts,
    {person_of_i} AS p FROM generate_series(1, {certificates}) AS s(i)) c JOIN bench_unit o ON o.n = h % {low}
  {person}) x ORDER BY i)"sv,
    R"(INSERT INTO certificate_scope (scope, certificate, state, device, is_stale, not_after)
SELECT scope, number, state, device, is_stale, not_after FROM subscriber_certificate c
JOIN bench_unit o ON o.o3 = c.organisation CROSS JOIN LATERAL (VALUES (''), (o1), (o2), (o3)) s(scope) ORDER BY 1, 2)"sv,
    R"(INSERT INTO certificate_word (word, certificate)
SELECT DISTINCT word, number FROM subscriber_certificate c
CROSS JOIN LATERAL UNNEST(STRING_TO_ARRAY(c.name_folded, ' ')) w(word) ORDER BY 1, 2)"sv,
    R"(INSERT INTO token (serial, model, batch, state, is_old_model, dossier, line, holder, certificate_issuer,
  certificate_serial, written, note, added, changed)
SELECT device_serial, 'M1', 'L1', 'delivered', 0, '', '', name, issuer, serial, 1, '', not_before, not_before
FROM subscriber_certificate WHERE device = 'token' ORDER BY 1)"sv,
    R"(INSERT INTO token (serial, model, batch, state, is_old_model, dossier, line, holder, certificate_issuer,
  certificate_serial, written, note, added, changed)
SELECT '0F' || UPPER(TO_HEX(16777216 + i)), 'M1', 'L2', CASE i % 50 WHEN 0 THEN 'faulty' ELSE 'stock' END, 0, '', '', '',
  '', '', 0, '', {now}, {now} FROM generate_series(1, 10000) AS s(i))"sv,
};

constexpr std::array kAccounts = {
    R"(CREATE TABLE bench_account AS SELECT i, 'a0000000-0000-4000-8000-' || LPAD(CAST(i AS TEXT), 12, '0') AS id,
  f.word || ' ' || m.word || ' ' || g.word AS name, f.fold || ' ' || m.fold || ' ' || g.fold AS fold,
  'vt' || i || '@coquanmau.example.vn' AS email, o.o3
FROM (SELECT i, {person_of_i} AS p FROM generate_series(1, {accounts}) AS s(i)) c
JOIN bench_unit o ON o.n = {h} % {low} {person})"sv,
    R"(INSERT INTO account (id, email, email_key, name, phone, organisation, language, state, created)
SELECT id, email, email, name, '84912345678', o3, 'vi', CASE i % 50 WHEN 0 THEN 'waiting' ELSE 'active' END,
  {now} - 94608000 + CAST(i AS BIGINT) * 94000000 / {accounts} FROM bench_account ORDER BY i)"sv,
    "INSERT INTO account_role (account, role) SELECT id, CASE i % 5 WHEN 0 THEN 'head' ELSE 'clerk' END FROM bench_account"sv,
    R"(INSERT INTO account_word (word, account) SELECT DISTINCT w.word, id FROM bench_account
CROSS JOIN LATERAL UNNEST(STRING_TO_ARRAY(fold || ' vt' || i || ' coquanmau example vn', ' ')) w(word) ORDER BY 1, 2)"sv,
    R"(INSERT INTO account (id, email, email_key, name, phone, organisation, language, state, created)
SELECT 'account-' || i, 'cb' || i || '@coquanmau.example.vn', 'cb' || i || '@coquanmau.example.vn', 'Nguyễn Văn A ' || i,
  '84912345678', {authority}, 'vi', 'active', {now} - 94608000 FROM generate_series(0, 29) AS s(i))"sv,
    "INSERT INTO account_role (account, role) SELECT 'account-' || i, 'receiving' FROM generate_series(0, 29) AS s(i)"sv,
    R"(INSERT INTO outbox (id, kind, channel, recipient, language, payload, about, state, attempts, created, finished)
SELECT 'm' || LPAD(CAST(i AS TEXT), 12, '0'), 'dossier.completed', 'mail', 'n' || i || '@coquanmau.example.vn', 'vi', '', '',
  CASE i % 2000 WHEN 0 THEN 'failed' ELSE 'sent' END, 1, {now} - 7776000 + CAST(i AS BIGINT) * 7776000 / {dossiers},
  {now} - 7776000 + CAST(i AS BIGINT) * 7776000 / {dossiers} + 5 FROM generate_series(1, {dossiers}) AS s(i))"sv,
    R"(INSERT INTO organisation_change (id, kind, instrument, valid_from, effects, organisations, done, actor)
SELECT 'c' || i, 'change', 'Quyết định số ' || i, {now}, '{"changed":1}', 1, {now}, 'account:account-0'
FROM generate_series(1, 10000) AS s(i))"sv,
    "DROP TABLE bench_account"sv,
};

constexpr std::array kCounters = {
    R"(INSERT INTO registry_count (scope, what, shard, value)
SELECT s.scope, 'dossier/' || d.kind || '/' || d.state, d.number % 16, COUNT(*)
FROM dossier d JOIN dossier_scope s ON s.dossier = d.number GROUP BY 1, 2, 3)"sv,
    R"(INSERT INTO registry_count (scope, what, shard, value)
SELECT s.scope, 'dossier.event/' || {day} || '/' || e.kind || '/' || e.state, e.number % 16, COUNT(*) FROM (
  SELECT number, kind, 'draft' AS state, created AS at FROM dossier UNION ALL
  SELECT number, kind, 'submitted', submitted FROM dossier WHERE submitted IS NOT NULL UNION ALL
  SELECT number, kind, 'processing', received FROM dossier WHERE received IS NOT NULL UNION ALL
  SELECT number, kind, state, finished FROM dossier WHERE finished IS NOT NULL) e
JOIN dossier_scope s ON s.dossier = e.number GROUP BY 1, 2, 3)"sv,
    R"(INSERT INTO registry_count (scope, what, shard, value)
SELECT s.scope, 'certificate/' || c.state || '/' || c.kind || '/' || c.device, c.number % 16, COUNT(*)
FROM subscriber_certificate c JOIN certificate_scope s ON s.certificate = c.number GROUP BY 1, 2, 3)"sv,
    R"(INSERT INTO registry_count (scope, what, shard, value)
SELECT scope, 'certificate.expiry/' || {end}, certificate % 16, COUNT(*) FROM certificate_scope
WHERE state = 'good' GROUP BY 1, 2, 3)"sv,
    R"(INSERT INTO registry_count (scope, what, shard, value)
SELECT scope, 'certificate.stale', certificate % 16, COUNT(*) FROM certificate_scope WHERE is_stale = 1 GROUP BY 1, 2, 3)"sv,
};

constexpr std::array<std::string_view, 30> kNames = {
    "Nguyễn", "Trần",  "Lê",   "Phạm",  "Hoàng", "Vũ",    "Đặng", "Bùi",   "Đỗ",     "Hồ",
    "Ngô",    "Dương", "Lý",   "Văn",   "Thị",   "Đức",   "Minh", "Thanh", "Hữu",    "An",
    "Bình",   "Chi",   "Dũng", "Giang", "Hà",    "Khánh", "Lan",  "Nam",   "Phương", "Quỳnh"};

Words words_of(const RegistrySize& size, Instant now) {
  const auto day = [](std::string_view time) {
    return fmt::format("TO_CHAR(TO_TIMESTAMP({} + 25200) AT TIME ZONE 'UTC', 'YYYY-MM-DD')", time);
  };
  return {{"low", std::to_string(kLow)},
          {"now", std::to_string(now.time_since_epoch().count())},
          {"certificates", std::to_string(size.certificates)},
          {"dossiers", std::to_string(size.dossiers)},
          {"accounts", std::to_string(size.accounts)},
          {"h", "((CAST(i AS BIGINT) * 2654435761) % 1000003)"},
          // Two of five are called Nguyễn.
          {"person",
           "JOIN bench_name f ON f.n = CASE WHEN p % 5 < 2 THEN 0 ELSE p % 30 END JOIN bench_name m ON m.n = p / 30 % "
           "30 JOIN bench_name g ON g.n = p / 900 % 30"},
          {"person_of_i", "(CAST(i AS BIGINT) * 48271) % 999983"},
          {"person_of_dossier", "(number * 48271) % 999983"},
          {"dossier_id", "'d0000000-0000-4000-8000-' || LPAD(CAST(i AS TEXT), 12, '0')"},
          {"first", dossier_id(1)},
          {"long", std::to_string(kLong)},
          {"long_list", std::to_string(kLongList)},
          {"import", kImport},
          {"import_rows", std::to_string(kImportRows)},
          {"authority", "'" + organisation_id(1, 0) + "'"},
          {"serial", "UPPER(TO_HEX(268435456 + CAST(i AS BIGINT) * 64007))"},
          {"day", day("e.at")},
          {"end", day("not_after")}};
}

Result<> run(db::Database& database, const std::string& sql) {
  const auto begin = std::chrono::steady_clock::now();
  KYSO_TRY(database.write([&](db::Transaction& transaction) { return transaction.execute(sql); }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  if (took.count() > 1) fmt::print(stderr, "{:7.1f} s  {}…\n", took.count(), sql.substr(0, 60));
  return {};
}

// Secondary indexes are made when the rows are there: that is many times quicker.
Result<std::vector<std::string>> drop_indexes(db::Database& database) {
  struct Index {
    std::string name, definition;
  };
  std::vector<Index> indexes;
  KYSO_TRY(database.read([&](db::Transaction& transaction) -> Result<> {
    for (const db::Row& row : KYSO_TRY(transaction.query(
             R"(SELECT CAST(indexname AS TEXT), indexdef FROM pg_indexes WHERE schemaname = current_schema()
AND tablename IN ('dossier', 'dossier_scope', 'dossier_word', 'dossier_line', 'dossier_event', 'subscriber_certificate',
  'certificate_scope', 'certificate_word', 'token', 'account', 'account_word', 'outbox')
AND indexname NOT IN (SELECT conname FROM pg_constraint))")))
      indexes.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1))});
    return {};
  }));
  std::vector<std::string> out;
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

Result<> make_names(db::Database& database) {
  KYSO_TRY(
      run(database, "CREATE TABLE bench_name (n BIGINT NOT NULL PRIMARY KEY, word TEXT NOT NULL, fold TEXT NOT NULL)"));
  return database.write([&](db::Transaction& transaction) {
    std::vector<db::Values> rows;
    for (std::size_t i = 0; i < kNames.size(); ++i) rows.push_back({i, kNames.at(i), fold_accents(kNames.at(i))});
    return transaction.execute_many("INSERT INTO bench_name (n, word, fold) VALUES (?, ?, ?)", rows);
  });
}

}  // namespace

std::string organisation_id(int level, std::int64_t number) {
  return fmt::format("o{}000000-0000-4000-8000-{:012}", level, number);
}

std::string dossier_id(std::int64_t number) {
  return fmt::format("d0000000-0000-4000-8000-{:012}", number);
}

std::string certificate_serial(std::int64_t number) {
  return fmt::format("{:X}", 268'435'456 + number * 64'007);
}

Result<> make_registry(db::Database& database, const RegistrySize& size, Instant now) {
  const Words words = words_of(size, now);
  KYSO_TRY(make_organisations(database));
  const std::vector<std::string> indexes = KYSO_TRY(drop_indexes(database));
  KYSO_TRY(make_names(database));
  KYSO_TRY(run(database, std::string(kUnitsOfDossiers)));
  const auto all = [&](const auto& statements) -> Result<> {
    for (const std::string_view sql : statements) KYSO_TRY(run(database, filled(sql, words)));
    return {};
  };
  KYSO_TRY(all(kDossiers));
  KYSO_TRY(all(kCertificates));
  KYSO_TRY(all(kAccounts));
  KYSO_TRY(all(kCounters));
  for (const std::string& definition : indexes) KYSO_TRY(run(database, definition));
  KYSO_TRY(run(database, "DROP TABLE bench_name"));
  KYSO_TRY(run(database, "DROP TABLE bench_unit"));
  return run(database, "ANALYZE");
}

}  // namespace kyso::bench
