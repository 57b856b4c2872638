#include "registry/checks/checks.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>

#include "base/error_text.h"

namespace kyso::registry {
namespace {

using std::chrono::August;
using std::chrono::July;
constexpr Day kToday = std::chrono::year(2026) / 9 / 14;

// "block registry.check.…" of each finding.
std::vector<std::string> told(const CheckFindings& findings) {
  std::vector<std::string> out;
  for (const CheckFinding& finding : findings) {
    const ErrorText vi = describe(finding.error(), Language::vietnamese);
    const ErrorText en = describe(finding.error(), Language::english);
    CHECK_MESSAGE(find_error_row(finding.code) != nullptr, finding.code);
    for (const std::string& text : {vi.message, vi.next_step, en.message, en.next_step}) {
      CAPTURE(text);
      CHECK(text.find('?') == std::string::npos);  // a place without parameter
      CHECK(text.find('{') == std::string::npos);
    }
    out.push_back(std::string(name_of(finding.level)) + " " + std::string(finding.code.substr(15)));
  }
  return out;
}
using Told = std::vector<std::string>;

std::optional<Day> day(std::string_view text) {
  return parse_day(text);
}

TEST_CASE("personal numbers") {
  const auto check = [](std::string_view number, std::string_view birth, std::optional<Gender> gender = {}) {
    return told(check_identity(number, day(birth), gender).findings);
  };
  CHECK(check("020087000001", "12/07/1987", Gender::male).empty());
  CHECK(check("020 187 000 001", "12/07/1987", Gender::female).empty());
  CHECK(check("001205000001", "01/01/2005", Gender::male).empty());
  CHECK(check("020087000001", "12/07/1987", Gender::female) == Told{"warn identity.gender"});
  // The guide's template, and the row that the population database refused there.
  CHECK(check("012345678910", "12/07/1987") == Told{"warn identity.year"});
  CHECK(check("020100000001", "05/03/1993") == Told{"warn identity.year"});
  CHECK(check("999087000001", "12/07/1987") == Told{"warn identity.place"});
  CHECK(check("020987000001", "12/07/1987") == Told{"warn identity.century"});
  CHECK(check("", "12/07/1987") == Told{"block identity.missing"});
  CHECK(check("20087000001", "12/07/1987") == Told{"block identity.zero"});
  CHECK(check("0200870000012", "12/07/1987") == Told{"block identity.length"});
  CHECK(check("02008700000A", "12/07/1987") == Told{"block identity.characters"});
  CHECK(check("082123456", "12/07/1987") == Told{"warn identity.old"});
  CHECK(check("b1234567", "12/07/1987") == Told{"warn identity.passport"});
  CHECK(check_identity(" b1234567 ", {}).value == "B1234567");
  CHECK(check_identity("020.087.000-001", {}).value == "020087000001");
}

TEST_CASE("no finding tells a whole identity number") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& raw) {
    std::string number;
    for (const std::uint8_t digit : raw) number += static_cast<char>('0' + digit % 10);
    for (const CheckFinding& finding : check_identity(number, day("12/07/1987"), Gender::male).findings)
      for (const auto& [name, value] : finding.params) RC_ASSERT(value.size() <= 4);
  }));
}

TEST_CASE("telephone numbers") {
  const auto check = [](std::string_view number) {
    const Checked checked = check_msisdn(number);
    return std::pair(checked.value, told(checked.findings));
  };
  using Pair = std::pair<std::string, Told>;
  CHECK(check("0912345678") == Pair{"84912345678", {}});
  CHECK(check("+84 912 345 678") == Pair{"84912345678", {}});
  CHECK(check("84912345678") == Pair{"84912345678", {}});
  CHECK(check("(0084) 912.345.678") == Pair{"84912345678", {}});
  CHECK(check("+84 0912 345 678") == Pair{"84912345678", {}});
  CHECK(check("0841234567") == Pair{"84841234567", {}});
  CHECK(check("01681234567") == Pair{"84381234567", {"warn msisdn.old"}});
  CHECK(check("841991234567") == Pair{"84591234567", {"warn msisdn.old"}});
  CHECK(check("0123456789").second == Told{"block msisdn.placeholder"});
  CHECK(check("841234567890").second == Told{"block msisdn.placeholder"});
  CHECK(check("01121234567").second == Told{"block msisdn.length"});
  CHECK(check("0243123456").second == Told{"block msisdn.first"});
  CHECK(check("912345678").second == Told{"block msisdn.length"});
  CHECK(check("09123456789").second == Told{"block msisdn.length"});
  CHECK(check("0912 345 67x").second == Told{"block msisdn.characters"});
  CHECK(check("").second == Told{"block msisdn.characters"});
}

TEST_CASE("all old prefixes lead to a new one of the same operator") {
  const std::pair<std::string_view, std::string_view> pairs[] = {
      {"0162", "Viettel"},   {"0163", "Viettel"},   {"0164", "Viettel"},      {"0165", "Viettel"},
      {"0166", "Viettel"},   {"0167", "Viettel"},   {"0168", "Viettel"},      {"0169", "Viettel"},
      {"0120", "MobiFone"},  {"0121", "MobiFone"},  {"0122", "MobiFone"},     {"0126", "MobiFone"},
      {"0128", "MobiFone"},  {"0123", "VinaPhone"}, {"0124", "VinaPhone"},    {"0125", "VinaPhone"},
      {"0127", "VinaPhone"}, {"0129", "VinaPhone"}, {"0186", "Vietnamobile"}, {"0188", "Vietnamobile"},
      {"0199", "Gmobile"}};
  for (const auto& [prefix, name] : pairs) {
    CAPTURE(prefix);
    const Checked checked = check_msisdn(std::string(prefix) + "7654321");
    CHECK_FALSE(checked.is_blocked());
    REQUIRE(operator_of(checked.value).has_value());
    CHECK(name_of(*operator_of(checked.value)) == name);
  }
}

TEST_CASE("operators and SIM PKI") {
  CHECK(operator_of("84987654321") == Operator::viettel);
  CHECK(operator_of("84877654321") == Operator::itel);
  CHECK_FALSE(operator_of("84957654321").has_value());
  CHECK_FALSE(operator_of("0987654321").has_value());
  CHECK(operator_by_name("vina phone") == Operator::vinaphone);
  CHECK(operator_by_name("MOBIFONE") == Operator::mobifone);
  CHECK(network_code(Operator::viettel) == "452-04");

  const SimChoice kept = check_sim_choice("Viettel/cs", "84987654321");
  CHECK(kept.carrier == Operator::viettel);
  CHECK(kept.keeps_number);
  CHECK(told(kept.findings) == Told{"info sim.network"});
  CHECK(told(check_sim_choice("Viettel", "84912345678").findings) == Told{"warn sim.prefix", "info sim.network"});
  CHECK(told(check_sim_choice("Vietnamobile", "84522345678").findings) == Told{"block sim.operator"});
  CHECK(told(check_sim_choice("Viettel/abc", "").findings) == Told{"block sim.choice", "info sim.network"});
  CHECK(check_sim_choice("  ", "").findings.empty());
  CHECK_FALSE(check_sim_choice("", "").carrier.has_value());
}

TEST_CASE("ICCID") {
  CHECK(check_iccid("8984048000700022075").findings.empty());  // 19 digits: without the check digit
  CHECK(check_iccid("89840480007000220753").findings.empty());
  CHECK(told(check_iccid("89840480007000220754").findings) == Told{"block iccid.digit"});
  CHECK(check_iccid("8984 0480 0070 0022 075").value == "8984048000700022075");
  CHECK(check_iccid("8984998000700022075").findings.empty());  // an unknown issuer is no fault
  CHECK(told(check_iccid("8986048000700022075").findings) == Told{"block iccid.country"});
  CHECK(told(check_iccid("898404800070002207").findings) == Told{"block iccid.length"});
  CHECK(told(check_iccid("").findings) == Told{"block iccid.length"});
  CHECK_FALSE(has_luhn_digit("8984048000700022075"));
}

TEST_CASE("Luhn's digit finds each wrong digit") {
  CHECK(rc::check([] {
    std::string digits = *rc::gen::container<std::string>(19, rc::gen::inRange('0', '9'));
    for (char last = '0'; last <= '9' && !has_luhn_digit(digits + last); ++last);
    std::string whole;
    for (char last = '0'; last <= '9'; ++last)
      if (has_luhn_digit(digits + last)) whole = digits + last;
    RC_ASSERT(whole.size() == 20U);
    const auto at = *rc::gen::inRange<std::size_t>(0, 20);
    const char other = *rc::gen::inRange('0', '9');
    RC_PRE(whole[at] != other);
    whole[at] = other;
    RC_ASSERT(!has_luhn_digit(whole));
  }));
}

TEST_CASE("tax codes") {
  for (const char* good : {"0100109106", "0300942001", "0100686209", "0101245486", "0106026495", "0100233583"}) {
    CAPTURE(good);
    CHECK(check_tax_code(good).findings.empty());
    CHECK(check_tax_code(std::string(good) + "-001").value == std::string(good) + "-001");
    CHECK(check_tax_code(std::string(good) + "001").value == std::string(good) + "-001");
    std::string wrong = good;
    wrong[4] = wrong[4] == '9' ? '0' : static_cast<char>(wrong[4] + 1);
    CHECK(told(check_tax_code(wrong).findings) == Told{"block tax_code.digit"});
  }
  CHECK(told(check_tax_code("0100109107-001").findings) == Told{"block tax_code.digit"});
  CHECK(told(check_tax_code("020087000001").findings) == Told{"info tax_code.person"});
  CHECK(told(check_tax_code("01001091").findings) == Told{"block tax_code.length"});
  CHECK(told(check_tax_code("01001091O6").findings) == Told{"block tax_code.length"});
}

TEST_CASE("codes of budget and organisations") {
  CHECK(check_budget_code("1 053 399").value == "1053399");
  CHECK(check_budget_code("1053399").findings.empty());
  CHECK(told(check_budget_code("0053399").findings) == Told{"warn budget_code.shape"});
  CHECK(told(check_budget_code("105339").findings) == Told{"warn budget_code.shape"});
  for (const char* good : {"H26.01", "G12.18", "h37.dn.002", "G22", "000.00.13.H53"}) {
    CAPTURE(good);
    CHECK(check_organisation_code(good).findings.empty());
  }
  CHECK(check_organisation_code("h37.dn.002").value == "H37.DN.002");
  for (const char* odd : {"", "A37.05", "H3705", "H37.", "H37..05", "000.00.13.X53", "00.00.13.H53"}) {
    CAPTURE(odd);
    CHECK(told(check_organisation_code(odd).findings) == Told{"warn organisation_code.shape"});
  }
}

TEST_CASE("serial numbers") {
  CHECK(check_serial("31C106").value == "31C106");
  CHECK(check_serial("2a:05:f8:12:67:36:07:b0").value == "2A05F812673607B0");
  CHECK(check_serial("0x0031c106").value == "31C106");
  CHECK(check_serial("0031C106").value == check_serial("31 C1 06").value);
  for (const char* wrong : {"", "0", "000", "31G106"}) CHECK(check_serial(wrong).is_blocked());
  CHECK(check_serial(std::string(41, 'F')).is_blocked());
  CHECK_FALSE(check_serial(std::string(40, 'F')).is_blocked());
}

TEST_CASE("official e-mail addresses") {
  const auto check = [](std::string_view address, const std::vector<std::string>& domains) {
    return told(check_official_mail(address, domains).findings);
  };
  CHECK(check("NguyenVanA@LangSon.gov.vn", {"langson.gov.vn"}).empty());
  CHECK(check_official_mail(" NguyenVanA@LangSon.gov.vn ", {}).value == "nguyenvana@langson.gov.vn");
  CHECK(check("a@soyte.langson.gov.vn", {"langson.gov.vn"}).empty());
  CHECK(check("a@soyte.langson.gov.vn", {}).empty());
  CHECK(check("a@notlangson.gov.vn", {"langson.gov.vn"}) == Told{"block mail.domain"});
  CHECK(check("a@truong.edu.vn", {"gov.vn", "edu.vn"}).empty());
  for (const char* free : {"a@gmail.com", "a@yahoo.com.vn", "a@hotmail.com", "A@GMAIL.COM"})
    CHECK(check(free, {"gmail.com"}) == Told{"block mail.public"});
  for (const char* wrong : {"", "a", "a@", "@gov.vn", "a b@gov.vn", "a..b@gov.vn", ".a@gov.vn", "a@gov", "a@-x.gov.vn",
                            "a@gov..vn", "nguyễn@gov.vn", "a@b@"})
    CHECK_MESSAGE(check(wrong, {"gov.vn"}) == Told{"block mail.malformed"}, wrong);
}

TEST_CASE("names of persons") {
  CHECK(check_person_name("Nguyễn Văn A").findings.empty());
  CHECK(check_person_name("NGUYEN VAN A").findings.empty());
  CHECK(check_person_name("  Nguyễn \t Thị  Đào ").value == "Nguyễn Thị Đào");
  CHECK(check_person_name("Nguye\xCC\x82\xCC\x83n Va\xCC\x86n A").value == "Nguyễn Văn A");
  CHECK(check_person_name("H'Hen Niê").findings.empty());
  CHECK(told(check_person_name("Nguyễn Văn A2").findings) == Told{"warn name.digits"});
  CHECK(told(check_person_name("Nguyễn Văn А").findings) == Told{"warn name.scripts"});  // a Cyrillic А
  CHECK(told(check_person_name("Nguyễn Văn A*").findings) == Told{"warn name.signs"});
  CHECK(told(check_person_name(" ").findings) == Told{"block name.missing"});
  CHECK(told(check_person_name(std::string(101, 'a')).findings) == Told{"block name.long"});
  // What can't be seen or turns the text around: the whole answer, with the place.
  const std::vector<std::pair<std::string, std::string>> hidden = {{"Nguyễn \u202EVăn A", "U+202E"},
                                                                   {"Nguyễn \u200BVăn A", "U+200B"},
                                                                   {"Nguyễn \uFEFFVăn A", "U+FEFF"},
                                                                   {"Nguyễn \u2066Văn A", "U+2066"},
                                                                   {"Nguyễn \u00ADVăn A", "U+00AD"}};
  for (const auto& [name, character] : hidden) {
    const CheckFindings findings = check_person_name(name).findings;
    REQUIRE_MESSAGE(told(findings) == Told{"block text.hidden"}, name);
    CHECK(findings[0].params ==
          decltype(CheckFinding::params){{"place", "8"}, {"before", "Nguyễn "}, {"character", character}});
  }
  CHECK(told(check_printed("Chánh Văn phòng (Tổ 2) – A&B").findings).empty());
  CHECK(check_printed("Phó \u00A0Giám\tđốc").value == "Phó Giám đốc");
  CHECK(told(check_printed("Giám\u200D đốc").findings) == Told{"block text.hidden"});
  CHECK(same_person_name("NGUYỄN VĂN A", "Nguyen  Van a"));
  CHECK_FALSE(same_person_name("Đào", "Dao"));
}

TEST_CASE("days") {
  CHECK(iso_day(*parse_day("12/07/1987")) == "1987-07-12");
  CHECK(iso_day(*parse_day(" 1.2.2024 ")) == "2024-02-01");
  CHECK(iso_day(*parse_day("1987-07-12")) == "1987-07-12");
  CHECK(display_day(*parse_day("29-02-2024")) == "29/02/2024");
  for (const char* wrong : {"", "29/02/2023", "31/04/2024", "12/13/1987", "12/07/87", "12-07/1987", "1987/07/12",
                            "12/07", "12/07/1987x", "99999/1/1", "12/07/0087"})
    CHECK_MESSAGE(!parse_day(wrong).has_value(), wrong);
  CHECK(iso_day(vietnam_day(*parse_time("2026-09-13T17:00:00Z"))) == "2026-09-14");
  CHECK(iso_day(vietnam_day(*parse_time("2026-09-13T16:59:59Z"))) == "2026-09-13");
  CHECK(start_of(*parse_day("14/09/2026")) == *parse_time("2026-09-13T17:00:00Z"));

  CHECK(check_birth("12/07/1987", kToday).empty());
  CHECK(told(check_birth("15/09/2026", kToday)) == Told{"block birth.future"});
  CHECK(told(check_birth("15/09/2011", kToday)) == Told{"warn birth.age"});
  CHECK(check_birth("14/09/2011", kToday).empty());
  CHECK(told(check_birth("01/01/1890", kToday)) == Told{"warn birth.age"});
  CHECK(told(check_birth("x", kToday)) == Told{"block day.unreadable"});
  CHECK(check_issue_day("01/01/2020", day("12/07/1987"), kToday).empty());
  CHECK(told(check_issue_day("15/09/2026", day("12/07/1987"), kToday)) == Told{"warn issue.future"});
  CHECK(told(check_issue_day("12/07/1987", day("12/07/1987"), kToday)) == Told{"warn issue.birth"});
  CHECK(told(check_issue_day("0", {}, kToday)) == Told{"block day.unreadable"});
}

TEST_CASE("lists and counts") {
  std::vector<ListLine> lines(4);
  lines[0] = {"020087000001", "a", "84912345678", "8984048000700022075", ""};
  lines[1] = {"020087000001", "b", "84912345679", "", "31C106"};
  lines[2] = {"020087000001", "a", "84912345678", "", ""};
  lines[3] = {"", "a", "", "", "31C106"};
  const auto found = check_duplicates(lines);
  REQUIRE(found.size() == 3);
  CHECK(found[0].line == 2);
  CHECK(found[0].field == "identity");
  CHECK(found[0].finding.params == decltype(CheckFinding::params){{"other", "1"}});
  CHECK(found[1].field == "msisdn");
  CHECK(found[2].line == 3);
  CHECK(found[2].field == "serial");
  CHECK(told({found[0].finding}) == Told{"block list.twice"});

  CHECK(check_count(40, 40, 40).empty());
  CHECK(told(check_count(40, 39)) == Told{"block count.lines"});
  CHECK(told(check_count(39, 39, 40)) == Told{"block count.letter"});
}

}  // namespace
}  // namespace kyso::registry
