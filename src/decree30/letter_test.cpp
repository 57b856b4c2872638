#include <rapidcheck.h>

#include <numeric>

#include "decree30/letter_boxes.h"
#include "decree30/letter_samples.h"
#include "decree30/letter_setting.h"
#include "decree30/letter_words.h"
#include "decree30/name_place.h"
#include "decree30/test_support.h"

namespace kyso::decree30 {
namespace {

using namespace test;

const LetterOptions kOptions{
    {{"Dossier", "00000000-0000-0000-0000-000000000000-270305-0001"}, {"Rows", "danh sách 40"}}, kNow, "vi"};

pdf::Document opened(const Bytes& bytes) {
  return must(pdf::Document::open(pdf::Source::from_bytes(bytes)));
}
Bytes pdf_of(const Letter& letter) {
  return must(letter_to_pdf(letter, kOptions));
}

std::string text_of_page(const pdf::Document& document, std::size_t page) {
  std::string out;
  for (const pdf::Line& line : must(pdf::read_page_text(document, page)).lines) out += line.text() + "\n";
  return out;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

std::string shell(const std::filesystem::path& path, const std::string& command) {
  const auto done = run_command(command + " '" + path.string() + "' 2>&1");
  CHECK_MESSAGE(done.status == 0, done.output);
  return done.output;
}

void save(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

// Mẫu số 01 with a body of so many lines.
Letter letter_of(std::size_t lines) {
  Letter letter = form_01(1);
  letter.body.clear();
  for (std::size_t i = 0; i < lines; ++i) letter.body.push_back(LetterParagraph{fmt::format("Dòng thứ {}.", i + 1)});
  letter.notes.clear();
  return letter;
}

TEST_CASE("Mẫu 01 with 40 people: an upright letter, its list on lying pages with a head on each") {
  const Bytes file = pdf_of(form_01(40));
  const pdf::Document document = opened(file);
  REQUIRE(document.pages().count() >= 3);
  const pdf::Page first = must(document.pages().page(0));
  CHECK(first.visible_width() < first.visible_height());
  const std::string letter = text_of_page(document, 0);
  for (const char* part :
       {"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "ỦY BAN NHÂN DÂN TỈNH MẪU", "SỞ NỘI VỤ",
        "/SNV-VP", "Kính gửi: Cục Chứng thực số và Bảo mật thông tin, Ban Cơ yếu Chính phủ.", "(Phụ lục kèm theo)",
        "Nơi nhận:", "- Như trên;", "- Lưu: VT, VP.", "GIÁM ĐỐC", "Nguyễn Văn A"}) {
    CHECK_MESSAGE(letter.find(part) != std::string::npos, part);
  }
  CHECK(letter.find("Họ và tên Ngày sinh") == std::string::npos);
  std::size_t rows = 0;
  for (std::size_t i = 1; i < document.pages().count(); ++i) {
    const pdf::Page page = must(document.pages().page(i));
    CHECK(page.visible_width() > page.visible_height());
    const std::string text = text_of_page(document, i);
    CHECK(text.starts_with(std::to_string(i + 1) + "\n"));  // the number in the upper margin
    CHECK(count_of(text, "Ngày sinh") == 1);
    rows += count_of(text, ".phongmau@");
  }
  CHECK(rows == 40);
  CHECK(text_of_page(document, 1).find("DANH SÁCH ĐỀ NGHỊ CẤP CHỨNG THƯ") != std::string::npos);
}

TEST_CASE("other programs read the letter: sound, tagged, with its fonts, in reading order") {
  const TestFolder folder;
  const auto path = folder / "letter.pdf";
  save(path, pdf_of(form_01(40)));
  CHECK(shell(path, "qpdf --check").find("No syntax or stream encoding errors") != std::string::npos);
  const std::string info = shell(path, "pdfinfo");
  CHECK(info.find("Tagged:          yes") != std::string::npos);
  CHECK(info.find("Title:           V/v đề nghị cấp chứng thư") != std::string::npos);
  CHECK(info.find("PDF version:     1.7") != std::string::npos);
  const std::string structure = shell(path, "pdfinfo -struct-text");
  CHECK(structure.find("H1 (block)") != std::string::npos);
  CHECK(count_of(structure, "TR\n") == 41);
  CHECK(count_of(structure, "TH:") == 11);  // the heads of later pages are artifacts
  CHECK(count_of(structure, "TD\n") == 40 * 11);
  CHECK(structure.find("Họ và tên") != std::string::npos);  // over two lines
  const std::string fonts = shell(path, "pdffonts");
  CHECK(count_of(fonts, "LiberationSerif") == 4);
  CHECK(count_of(fonts, "yes yes yes") == 4);
  const std::string text = run_command("pdftotext -layout '" + path.string() + "' -").output;
  const std::size_t addressee = text.find("Kính gửi: Cục"), hint = text.find("(Phụ lục kèm theo)");
  CHECK(text.find("Phạm Thị Đỗ") != std::string::npos);
  CHECK(addressee < hint);
  CHECK(hint < text.find("Nơi nhận:"));
  CHECK(run_command("mutool draw -F text -o /dev/null '" + path.string() + "' 2>&1").output.find("error") ==
        std::string::npos);
}

TEST_CASE("the roles of kyso find their boxes: signature, number, date, seal") {
  const pdf::Document draft = opened(pdf_of(form_01(40)));
  SheetReader reader(draft);
  const Sheet& sheet = *must(reader.sheet(0));
  const auto number = find_number_box(sheet);
  REQUIRE((number && number->gap));
  CHECK(number->suffix == "SNV-VP");
  CHECK(number->gap->box.width() > 26);  // four digits of 13 points
  const auto date = find_date_box(sheet);
  REQUIRE((date && date->day && date->month && date->year));
  CHECK(date->printed_year == "20");
  CHECK(std::abs(number->label.y0 - date->line.y0) < 1);  // boxes 3 and 4 are level

  FoundPlace found;
  const RoleRequest leader = request_for(Role::leader);
  const sign::Plan plan = must(plan_role(draft, leader, &found));
  CHECK(found.by == "name");
  CHECK(found.page == 0);
  CHECK(plan.rect.width() == doctest::Approx(150).epsilon(0.001));
  const NamePlace name = must(find_name(reader, "Nguyễn Văn A", 0, Wanted::signature_place));
  REQUIRE(name.title);
  CHECK(std::abs((plan.rect.x0 + plan.rect.x1) / 2 - (name.name.x0 + name.name.x1) / 2) < 1);
  CHECK(plan.rect.y0 > name.name.y1);
  CHECK(plan.rect.y1 < name.title->y0);

  const pdf::Document signed_once = signed_with(draft, plan, leader.certificate);
  RoleRequest clerk = request_for(Role::organisation);
  clerk.number = "5/SNV-VP";
  const sign::Plan seal = must(plan_role(signed_once, clerk, &found));
  CHECK(found.page == 0);
  CHECK(seal.rect.width() == doctest::Approx(37 * 72 / 25.4).epsilon(0.01));
  CHECK(std::abs(seal.rect.x1 - (plan.rect.x0 + plan.rect.width() / 3)) < 2);
  const pdf::Document issued = signed_with(signed_once, seal, clerk.certificate);
  const pdf::Field* filled = issued.form().find("SoVanBan");
  REQUIRE(filled != nullptr);
  CHECK(filled->value == "05");
  CHECK(must(read_letter_marks(issued.graph().source())) == kOptions.marks);
}

TEST_CASE("number and date that are known are printed as the decree writes them") {
  Letter letter = form_01(3, false);
  letter.number = "7";
  letter.date = parse_time("2027-02-05").value();
  const pdf::Document document = opened(pdf_of(letter));
  SheetReader reader(document);
  const auto number = find_number_box(*must(reader.sheet(0)));
  REQUIRE(number);
  CHECK(number->printed == "07");
  const std::string text = text_of_page(document, 0);
  CHECK(text.find("Tỉnh Mẫu, ngày 05 tháng 02 năm 2027") != std::string::npos);
  letter.has_wide_tables = true;
  CHECK(text_of_page(opened(pdf_of(letter)), 1)
            .find("(Kèm theo Công văn số 07/SNV-VP ngày 05 tháng 02 năm 2027 của SỞ NỘI VỤ)") != std::string::npos);
}

TEST_CASE("the signature never stands alone, whatever the length of the text") {
  for (std::size_t lines = 1; lines <= 60; ++lines) {
    CAPTURE(lines);
    const pdf::Document document = opened(pdf_of(letter_of(lines)));
    const std::size_t last = document.pages().count() - 1;
    const std::string text = text_of_page(document, last);
    const std::size_t own = text.find(fmt::format("Dòng thứ {}.", lines));
    CHECK(own < text.find("GIÁM ĐỐC"));
    CHECK(text.find("GIÁM ĐỐC") < text.find("Nguyễn Văn A"));
    std::size_t all = 0;
    for (std::size_t i = 0; i <= last; ++i) all += count_of(text_of_page(document, i), "Dòng thứ ");
    CHECK(all == lines);
  }
}

TEST_CASE("after a table, rows come along with the signature, under their head") {
  for (std::size_t rows = 1; rows <= 45; ++rows) {
    CAPTURE(rows);
    Letter letter = letter_of(1);
    letter.has_wide_tables = false;
    letter.body.emplace_back(people_table(rows));
    auto& columns = std::get<LetterTable>(letter.body.back()).columns;
    columns.resize(4);
    const pdf::Document document = opened(pdf_of(letter));
    const std::string text = text_of_page(document, document.pages().count() - 1);
    const std::size_t head = text.find("Họ và tên"), last = text.find(fmt::format("0010{}", 87'000'000 + rows - 1));
    CHECK_MESSAGE(head < last, text);
    CHECK(last < text.find("GIÁM ĐỐC"));
  }
}

TEST_CASE("the same letter gives the same bytes") {
  CHECK(pdf_of(form_01(5)) == pdf_of(form_01(5)));
  CHECK(must(letter_to_docx(form_01(5), kOptions)) == must(letter_to_docx(form_01(5), kOptions)));
}

TEST_CASE("marks: kept in order, any letters; other files have none") {
  CHECK(must(read_letter_marks(pdf::Source::from_bytes(pdf_of(form_01(1))))) == kOptions.marks);
  CHECK(must(read_letter_marks(must(pdf::Source::open(kData + "vn-cong-van.pdf")))).empty());
  CHECK(!read_letter_marks(pdf::Source::from_bytes(to_bytes("no PDF"))));
}

TEST_CASE("rows higher than a page go on over pages and nothing is lost") {
  for (const bool wide : {false, true}) {
    CAPTURE(wide);
    Letter letter = form_01(1, wide);
    std::string endless;
    for (int i = 0; i < 3000; ++i) endless += fmt::format("từ{} ", i);
    LetterTable table;
    table.columns = {{"TT", 1}, {"Nội dung", 3}};
    table.rows = {{"1", endless, "beyond the columns"}, {"2"}, {}};
    letter.body.emplace_back(table);
    const pdf::Document document = opened(pdf_of(letter));
    std::string all;
    for (std::size_t i = 0; i < document.pages().count(); ++i) all += text_of_page(document, i);
    for (int i = 0; i < 3000; i += 7) CHECK(all.find(fmt::format("từ{}", i)) != std::string::npos);
    CHECK(all.find("beyond") == std::string::npos);
  }
}

TEST_CASE("letters that the fonts lack do not stop a letter") {
  Letter letter = form_01(1, false);
  letter.body = {LetterParagraph{"Tên: 中文 và \xFF\xFE, e\xCC\x81 thành é; Đặng Thị Ẵm, Nguyễn Ỷ."}};
  const std::string text = text_of_page(opened(pdf_of(letter)), 0);
  CHECK(text.find("thành é; Đặng Thị Ẵm, Nguyễn Ỷ.") != std::string::npos);
  CHECK(text.find("中") == std::string::npos);
  CHECK(letter_to_docx(letter, kOptions));
}

TEST_CASE("a letter with a title: boxes 5a instead of 5b, several addressees, many recipients, no signer") {
  Letter letter = form_01(2, false);
  letter.title = "Biên bản";
  letter.subject = "Bàn giao thiết bị lưu khóa bí mật";
  letter.addressees = {"Bộ Nội vụ", "Cục Chứng thực số và Bảo mật thông tin"};
  letter.recipients.assign(120, "Sở Mẫu");
  letter.signer.clear();
  letter.notation.clear();
  const pdf::Document document = opened(pdf_of(letter));
  const std::string text = text_of_page(document, 0);
  CHECK(text.find("BIÊN BẢN\nBàn giao thiết bị lưu khóa bí mật\n") != std::string::npos);
  CHECK(text.find("- Bộ Nội vụ;") != std::string::npos);
  CHECK(text.find("- Cục Chứng thực số và Bảo mật thông tin.") != std::string::npos);
  std::string all;
  for (std::size_t i = 0; i < document.pages().count(); ++i) all += text_of_page(document, i);
  CHECK(count_of(all, "- Sở Mẫu") == 120);
  SheetReader reader(document);
  const auto number = find_number_box(*must(reader.sheet(0)));
  REQUIRE((number && number->gap));
  CHECK(number->suffix.empty());
}

TEST_CASE("limits: what is too large is refused with its name") {
  const auto refused = [](auto change) {
    Letter letter = form_01(1);
    change(letter);
    const auto pdf = letter_to_pdf(letter, kOptions);
    CHECK(code_of(pdf) == "decree30.letter.limit");
    CHECK(code_of(letter_to_docx(letter, kOptions)) == "decree30.letter.limit");
    return pdf ? std::string() : parameter(pdf.error(), "limit");
  };
  CHECK(refused([](Letter& l) { l.organisation.assign(1000, 'A'); }) == "organisation");
  CHECK(refused([](Letter& l) { l.subject.assign(100, '\n'); }) == "subject");
  CHECK(refused([](Letter& l) { l.recipients.resize(501); }) == "recipients");
  CHECK(refused([](Letter& l) { l.body.emplace_back(LetterTable{}); }) == "columns");
  CHECK(refused([](Letter& l) { std::get<LetterTable>(l.body.back()).rows.resize(100'001); }) == "rows");
  CHECK(refused([](Letter& l) { l.body.resize(10'001); }) == "blocks");
  // Words of few letters that are wide.
  const auto too_high = [](auto change) {
    Letter letter = form_01(1);
    change(letter);
    return parameter(letter_to_pdf(letter, kOptions).error(), "limit");
  };
  CHECK(too_high([](Letter& l) { l.subject.assign(1500, 'W'); }) == "head");
  CHECK(too_high([](Letter& l) { l.capacity = l.position = std::string(500, 'W'); }) == "signature");
}

TEST_CASE("long names stay on the page") {
  Letter letter = form_01(1);
  const std::string name =
      "Trung tâm Ứng dụng và Phát triển công nghệ thông tin và truyền thông trực thuộc Sở Mẫu tỉnh Mẫu ";
  letter.superior = letter.organisation = letter.position = name + name;
  letter.capacity = "KT. " + name;
  letter.subject += " " + name + name + name;
  letter.place = "Thành phố Hồ Chí Minh";
  const pdf::Document document = opened(pdf_of(letter));
  SheetReader reader(document);
  for (std::size_t i = 0; i < document.pages().count(); ++i) {
    const Sheet& sheet = *must(reader.sheet(i));
    for (const Segment& segment : sheet.segments) CHECK(sheet.bounds().contains(segment.box));
  }
  const auto date = find_date_box(*must(reader.sheet(0)));
  REQUIRE((date && date->day && date->month && date->year));
  CHECK(find_number_box(*must(reader.sheet(0)))->suffix == "SNV-VP");
}

TEST_CASE("an empty letter is a page") {
  CHECK(opened(pdf_of(Letter{})).pages().count() == 1);
  CHECK(letter_to_docx(Letter{}, kOptions));
}

TEST_CASE("lines are never wider than their column and lose no letter") {
  const pdf::Typeface face = must(pdf::Typeface::shipped(pdf::FontStyle::regular));
  rc::check([&] {
    const auto words = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::element('a', 'W', '@', '.', '-', '/', '1', '7', ',')));
    std::string text, letters;
    for (const std::string& word : words) {
      text += word + (word.size() % 5 == 4 ? "\n" : " ");
      letters += word;
    }
    const double width = *rc::gen::inRange(12, 300);
    std::string seen;
    for (const LetterLine& line : break_lines(face, text, 12, width, 10)) {
      std::string plain = to_utf8(line.letters);
      RC_ASSERT(std::abs(face.width(line.letters, 12) - line.width) < 1e-6);
      RC_ASSERT(line.width <= width + 1e-6);
      RC_ASSERT(static_cast<std::size_t>(std::ranges::count(plain, ' ')) == line.blanks);
      std::erase(plain, ' ');
      seen += plain;
    }
    RC_ASSERT(seen == letters);
  });
}

TEST_CASE("addresses are broken behind signs, dates and short ends stay whole") {
  const pdf::Typeface face = must(pdf::Typeface::shipped(pdf::FontStyle::regular));
  const auto lines = [&](std::string_view text, double width) {
    std::vector<std::string> out;
    for (const LetterLine& line : break_lines(face, text, 10, width)) out.push_back(to_utf8(line.letters));
    return out;
  };
  using Lines = std::vector<std::string>;
  CHECK(lines("nguyenvana@mau.gov.vn", 60) == Lines{"nguyenvana@", "mau.gov.vn"});
  CHECK(lines("ngày 01/01/1970", 50) == Lines{"ngày", "01/01/1970"});
  CHECK(lines("a\r\nb\n\nc", 50) == Lines{"a", "b", "", "c"});
}

// The linear cost shows in the number of pages: each holds as many rows as it can.
TEST_CASE("long lists: 3,000 rows, each once and in order") {
  const pdf::Document document = opened(pdf_of(form_01(3000)));
  std::size_t next = 1;
  for (std::size_t i = 1; i < document.pages().count(); i += 17) {
    const std::string text = text_of_page(document, i);
    const std::size_t at = text.find("canbo");
    REQUIRE(at != std::string::npos);
    const auto row = static_cast<std::size_t>(std::stoul(text.substr(at + 5)));
    CHECK(row >= next);
    next = row + 1;
  }
  CHECK(text_of_page(document, document.pages().count() - 1).find("canbo3000.") != std::string::npos);
}

// python-docx's own questions, asked with what every Python has.
constexpr std::string_view kJudge = R"(
import sys, zipfile, xml.etree.ElementTree as E
z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
names = z.namelist(); assert names[0] == '[Content_Types].xml'
parts = {n: E.fromstring(z.read(n)) for n in names}
T = '{http://schemas.openxmlformats.org/package/2006/content-types}'
declared = {o.get('PartName') for o in parts['[Content_Types].xml'].iter(T + 'Override')}
assert declared == {'/' + n for n in names if n.endswith('.xml') and n[0] != '['}, declared
R = '{http://schemas.openxmlformats.org/package/2006/relationships}'
for n, base in (('_rels/.rels', ''), ('word/_rels/document.xml.rels', 'word/')):
    for r in parts[n].iter(R + 'Relationship'): assert base + r.get('Target') in names
W = '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}'
d = parts['word/document.xml']
ids = {s.get(W + 'styleId') for s in parts['word/styles.xml'].iter(W + 'style')}
for tag in ('pStyle', 'tblStyle'):
    for s in d.iter(W + tag): assert s.get(W + 'val') in ids, s.get(W + 'val')
order = ['pStyle','keepNext','pageBreakBefore','pBdr','spacing','ind','jc','rPr','sectPr']
for p in d.iter(W + 'pPr'):
    at = [order.index(c.tag[len(W):]) for c in p]; assert at == sorted(at), at
for c in d.iter(W + 'tc'): assert c[-1].tag == W + 'p'
for t in d.iter(W + 'tbl'):
    grid = len(list(t.find(W + 'tblGrid')))
    for row in t.iter(W + 'tr'): assert len(row.findall(W + 'tc')) == grid
body = d.find(W + 'body'); assert body[-1].tag == W + 'sectPr' and body[-2].tag == W + 'p'
for a, b in zip(body, list(body)[1:]): assert not (a.tag == b.tag == W + 'tbl')
print('sections', [s.find(W + 'pgSz').get(W + 'orient') for s in d.iter(W + 'sectPr')])
print('heads', len(list(d.iter(W + 'tblHeader'))), 'rows', len(list(d.iter(W + 'tr'))))
print('title', parts['docProps/core.xml'].find('{http://purl.org/dc/elements/1.1/}title').text)
print('marks', [(p.get('name'), p[0].text) for p in parts['docProps/custom.xml']])
print('text', ''.join(t.text or '' for t in d.iter(W + 't')))
)";

TEST_CASE("DOCX: parts, relations, styles and sections as word processors need them") {
  const TestFolder folder;
  const auto judge = folder.write("judge.py", kJudge);
  const auto asked = [&](const Letter& letter) {
    const auto path = folder / "letter.docx";
    save(path, must(letter_to_docx(letter, kOptions)));
    return shell(path, "PYTHONIOENCODING=utf-8 python3 '" + judge.string() + "'");
  };
  const std::string wide = asked(form_01(40));
  CHECK(wide.find("sections [None, 'landscape']") != std::string::npos);
  CHECK(wide.find("heads 1 rows 44") != std::string::npos);  // 40, their head, the letter's head (2), the signature
  CHECK(wide.find("title V/v đề nghị cấp chứng thư") != std::string::npos);
  CHECK(wide.find("('KysoRows', 'danh sách 40')") != std::string::npos);
  CHECK(wide.find("Kính gửi: Cục Chứng thực số") != std::string::npos);
  const std::string narrow = asked(form_01(12, false));
  CHECK(narrow.find("sections [None]") != std::string::npos);
  Letter odd;
  odd.body = {form_01(1).body.back(), form_01(1).body.back()};
  odd.addressees = {"A", "B <&> \x01"};
  asked(odd);
  asked(Letter{});
}

}  // namespace
}  // namespace kyso::decree30
