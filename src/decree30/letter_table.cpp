#include "decree30/letter_table.h"

#include <algorithm>
#include <cmath>

namespace kyso::decree30 {
namespace {

constexpr double kAir = 0.2;     // against rounding
constexpr double kPadding = 3;   // beside text
constexpr double kPaddingY = 2;  // above and below
constexpr double kLeading = 1.15;
constexpr std::size_t kSampled = 300;    // rows that decide about the type
constexpr std::size_t kManyColumns = 8;  // more are set in 10 points: longer rows read better than high ones
constexpr double kKept = 0.7;            // of its share, whatever other columns want
constexpr double kLargestHead = 0.4;     // of a page; a higher one is not repeated

LetterAlign align_of(const LetterColumn& column) {
  if (column.align == LetterColumn::Align::centre) return LetterAlign::centre;
  return column.align == LetterColumn::Align::right ? LetterAlign::right : LetterAlign::left;
}

// TableSetter: the rows of one table as items.
class TableSetter {
 public:
  TableSetter(LetterFlow& flow, pdf::TaggedPages& pages, const LetterTable& table, Element parent)
      : m_flow(flow),
        m_pages(pages),
        m_table(table),
        m_setting(table_setting(pages, table, flow.width())),
        m_element(pages.element(parent, "Table")) {}

  void run() {
    add_head();
    const Element body = m_table.rows.empty() ? 0 : m_pages.element(m_element, "TBody");
    for (const auto& row : m_table.rows) {
      add_row(row, {FontStyle::regular, m_setting.size, kLeading}, m_pages.element(body, "TR"), false);
    }
  }

 private:
  using Cells = std::vector<std::vector<LetterLine>>;

  void add_head() {
    std::vector<std::string> titles;
    for (const LetterColumn& column : m_table.columns) titles.push_back(column.title);
    const LetterType type{FontStyle::bold, m_setting.size, kLeading};
    const Element head = m_pages.element(m_pages.element(m_element, "THead"), "TR");
    const Cells cells = set(titles, type);
    const double height = height_of(cells, type);
    const bool is_repeated = height <= kLargestHead * m_flow.capacity();
    m_most = m_flow.capacity() - (is_repeated ? height : 0);
    add_row(titles, type, head, true);
    if (!is_repeated) return;
    const std::vector<Element> nowhere(titles.size(), pdf::TaggedPages::kArtifact);
    m_head = std::make_shared<const LetterItem>(item(cells, type, nowhere, true));
  }

  Cells set(const std::vector<std::string>& row, const LetterType& type) {
    Cells cells(m_setting.widths.size());
    for (std::size_t i = 0; i < m_setting.widths.size() && i < row.size(); ++i) {
      cells[i] = break_lines(m_pages.typeface(type.style), row[i], type.size,
                             std::max(1.0, m_setting.widths[i] - 2 * kPadding));
    }
    return cells;
  }

  static double height_of(const Cells& cells, const LetterType& type) {
    std::size_t most = 1;
    for (const auto& lines : cells) most = std::max(most, lines.size());
    return static_cast<double>(most) * type.line() + 2 * kPaddingY;
  }

  // One item, or several when the row is higher than a page.
  void add_row(const std::vector<std::string>& row, const LetterType& type, Element parent, bool is_head) {
    Cells rest = set(row, type);
    std::vector<Element> elements;
    for (std::size_t i = 0; i < m_setting.widths.size(); ++i) {
      elements.push_back(is_head ? m_pages.element(parent, "TH", "<</O/Table/Scope/Column>>")
                                 : m_pages.element(parent, "TD"));
    }
    const auto most = static_cast<std::size_t>(std::max(1.0, std::floor((m_most - 2 * kPaddingY) / type.line())));
    for (bool is_more = true; is_more;) {
      is_more = false;
      Cells part(rest.size());
      for (std::size_t i = 0; i < rest.size(); ++i) {
        const auto end = rest[i].begin() + static_cast<std::ptrdiff_t>(std::min(most, rest[i].size()));
        part[i].assign(std::move_iterator(rest[i].begin()), std::move_iterator(end));
        rest[i].erase(rest[i].begin(), end);
        is_more = is_more || !rest[i].empty();
      }
      LetterItem made = item(part, type, elements, is_head);
      made.head = m_head;  // none yet when this is the head itself
      made.keep_with_next = is_head && !is_more && !m_table.rows.empty();
      if (is_head) made.above = 6;
      m_flow.add(std::move(made));
    }
  }

  LetterItem item(const Cells& cells, const LetterType& type, const std::vector<Element>& elements,
                  bool is_head) const {
    LetterItem out;
    out.height = height_of(cells, type);
    double x = 0;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const double text_height = static_cast<double>(cells[i].size()) * type.line();
      double top = is_head ? (out.height - text_height) / 2 : kPaddingY;
      const LetterAlign align = is_head ? LetterAlign::centre : align_of(m_table.columns[i]);
      for (const LetterLine& line : cells[i]) {
        out.add(line, type, x + kPadding, m_setting.widths[i] - 2 * kPadding, top, align, elements[i]);
        top += type.line();
      }
      out.strokes.push_back({x, 0, x, out.height});
      x += m_setting.widths[i];
    }
    out.strokes.push_back({x, 0, x, out.height});
    out.strokes.push_back({0, 0, x, 0});
    out.strokes.push_back({0, out.height, x, out.height});
    return out;
  }

  LetterFlow& m_flow;
  pdf::TaggedPages& m_pages;
  const LetterTable& m_table;
  TableSetting m_setting;
  Element m_element;
  double m_most = 0;  // height of a row on a page
  std::shared_ptr<const LetterItem> m_head;
};

// What each column needs for its longest unbroken piece, in points per point of type; the first rows stand for all.
std::vector<double> needs_of(pdf::TaggedPages& pages, const LetterTable& table) {
  std::vector<double> needs;
  for (const LetterColumn& column : table.columns) {
    needs.push_back(widest_piece(pages.typeface(FontStyle::bold), column.title, 1));
  }
  for (std::size_t r = 0; r < std::min(kSampled, table.rows.size()); ++r) {
    for (std::size_t i = 0; i < std::min(needs.size(), table.rows[r].size()); ++i) {
      needs[i] = std::max(needs[i], widest_piece(pages.typeface(FontStyle::regular), table.rows[r][i], 1));
    }
  }
  return needs;
}

std::vector<double> shares_of(const LetterTable& table, double width) {
  std::vector<double> widths;
  double sum = 0;
  for (const LetterColumn& column : table.columns) {
    widths.push_back(column.width > 0 && std::isfinite(column.width) ? std::clamp(column.width, 1e-3, 1e6) : 1);
    sum += widths.back();
  }
  for (double& share : widths) share *= width / sum;
  return widths;
}

// Widens the columns whose words need it, small wants first; the others give in proportion, but keep most of their
// share. Without room for all: nullopt, or, when it must be, as many as possible.
std::optional<std::vector<double>> widened(const std::vector<double>& shares, const std::vector<double>& needs,
                                           double size, bool must) {
  std::vector<std::pair<double, std::size_t>> wants;
  std::vector<double> spares(shares.size());
  double spare = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double need = needs[i] * size + 2 * kPadding + kAir;
    if (need > shares[i]) {
      wants.emplace_back(need - shares[i], i);
    } else {
      spare += spares[i] = shares[i] - std::max(need, kKept * shares[i]);
    }
  }
  std::ranges::sort(wants);
  std::vector<double> widths = shares;
  double given = 0;
  for (const auto& [want, i] : wants) {
    if (given + want > spare && !must) return std::nullopt;
    const double gets = std::min(want, spare - given);
    widths[i] += gets;
    given += gets;
  }
  for (std::size_t i = 0; i < widths.size() && spare > 0; ++i) widths[i] -= spares[i] * given / spare;
  return widths;
}

}  // namespace

TableSetting table_setting(pdf::TaggedPages& pages, const LetterTable& table, double width) {
  const std::vector<double> shares = shares_of(table, width);
  const std::vector<double> needs = needs_of(pages, table);
  for (const double size : {12.0, 11.0, 10.0}) {
    if (size > 10 && shares.size() > kManyColumns) continue;
    if (auto widths = widened(shares, needs, size, false)) return {size, *std::move(widths)};
  }
  return {9, *widened(shares, needs, 9, true)};
}

void add_table(LetterFlow& flow, pdf::TaggedPages& pages, const LetterTable& table, Element parent) {
  TableSetter(flow, pages, table, parent).run();
}

}  // namespace kyso::decree30
