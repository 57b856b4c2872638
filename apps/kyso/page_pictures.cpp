#include "kyso/page_pictures.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "kyso/rendering.h"

namespace kyso::app {
namespace {

constexpr int kPixelsPerInch = 96;
constexpr double kPointsPerPixel = 72.0 / kPixelsPerInch;
constexpr std::uint64_t kMaxEarlierVersion = 256U << 20U;

bool changes_content(const verify::Change& change) {
  return change.kind == verify::ChangeKind::content || change.kind == verify::ChangeKind::unknown;
}

std::set<std::size_t> interesting_pages(const verify::DocumentFacts& facts) {
  std::set<std::size_t> pages;
  for (const auto& signature : facts.signatures)
    for (const auto& place : signature.widgets)
      if (place.rect.area() > 0) pages.insert(place.page);
  for (const auto& change : facts.changes)
    if (change.kind != verify::ChangeKind::none) pages.insert(change.page);
  pages.erase(pdf::kNoPage);
  return pages;
}

// The document before its content was changed after signing, in memory; closed with the object.
class EarlierVersion {
 public:
  // Holds nothing when no revision changed content, or when the file is very large.
  EarlierVersion(const pdf::Source& source, const verify::DocumentFacts& facts) {
    const auto first = std::ranges::find_if(facts.changes, changes_content);  // oldest first
    if (first == facts.changes.end() || first->revision == 0 || first->revision > facts.revisions.size()) return;
    const std::uint64_t length = facts.revisions[first->revision - 1].end;
    if (length <= kMaxEarlierVersion && !copy(source, length)) close();
  }
  EarlierVersion(const EarlierVersion&) = delete;
  EarlierVersion& operator=(const EarlierVersion&) = delete;
  ~EarlierVersion() { close(); }

  std::optional<Raster> raster(const std::vector<std::string>& options) const {
    if (m_descriptor < 0 || ::lseek(m_descriptor, 0, SEEK_SET) != 0) return std::nullopt;
    return read_ppm(run_pdftoppm(options, "-", m_descriptor));
  }

 private:
  bool copy(const pdf::Source& source, std::uint64_t length) {
    m_descriptor = ::memfd_create("kyso-earlier-version", MFD_CLOEXEC);
    std::vector<std::uint8_t> buffer(1U << 20U);
    for (std::uint64_t at = 0; m_descriptor >= 0 && at < length;) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length - at));
      const auto count = source.read(at, std::span(buffer).first(wanted));
      if (!count || *count == 0 || ::write(m_descriptor, buffer.data(), *count) != static_cast<ssize_t>(*count))
        return false;
      at += *count;
    }
    return m_descriptor >= 0;
  }
  void close() {
    if (m_descriptor >= 0) ::close(m_descriptor);
    m_descriptor = -1;
  }
  int m_descriptor = -1;
};

std::vector<std::string> page_options(std::size_t index) {
  const std::string number = std::to_string(index + 1);
  return {"-cropbox", "-r", std::to_string(kPixelsPerInch), "-f", number, "-l", number};
}

std::vector<pdf::Rect> differences_of(const EarlierVersion& earlier, const std::filesystem::path& file,
                                      std::size_t index) {
  const auto before = earlier.raster(page_options(index));
  if (!before) return {};
  const auto after = read_ppm(run_pdftoppm(page_options(index), file.string()));
  if (!after) return {};
  std::vector<pdf::Rect> boxes = find_differences(*before, *after);
  for (pdf::Rect& box : boxes)
    box = {box.x0 * kPointsPerPixel, box.y0 * kPointsPerPixel, box.x1 * kPointsPerPixel, box.y1 * kPointsPerPixel};
  return boxes;
}

}  // namespace

std::vector<verify::PagePicture> picture_pages(const std::filesystem::path& file, const pdf::Document& document,
                                               const verify::DocumentFacts& facts, std::size_t limit) {
  std::vector<verify::PagePicture> pictures;
  std::set<std::size_t> pages = interesting_pages(facts);
  if (pages.empty()) pages.insert(0);
  const EarlierVersion earlier(document.graph().source(), facts);
  for (const std::size_t index : pages) {
    if (pictures.size() == limit) break;
    const auto page = document.pages().page(index);
    if (!page) continue;
    std::vector<std::string> options = page_options(index);
    options.emplace_back("-png");
    Bytes png = run_pdftoppm(options, file.string());
    if (png.empty()) continue;
    verify::PagePicture picture;
    picture.page = index;
    picture.png = std::move(png);
    picture.width = page->visible_width();
    picture.height = page->visible_height();
    const pdf::Matrix turned_over{1, 0, 0, -1, 0, picture.height};  // pictures have their origin at the top
    picture.user_to_picture = page->user_to_visible().then(turned_over);
    picture.differences = differences_of(earlier, file, index);
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace kyso::app
