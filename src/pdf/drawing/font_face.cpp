#include "pdf/drawing/font_face.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "base/file.h"
#include "base/text.h"

namespace kyso::pdf {
namespace {

constexpr std::size_t kMaxFontFile = 64U << 20U;

// Every letter that Vietnamese adds to ASCII, small and capital.
constexpr std::u32string_view kVietnamese =
    U"àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    U"ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ";

bool is_between(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}

bool is_combining(char32_t c) {
  return is_between(c, 0x0300, 0x036f) || is_between(c, 0x0483, 0x0489) || is_between(c, 0x1ab0, 0x1aff) ||
         is_between(c, 0x1dc0, 0x1dff) || is_between(c, 0x20d0, 0x20ff) || is_between(c, 0xfe20, 0xfe2f);
}

// Right-to-left scripts and the controls that turn the direction: one advance after the other would show them
// backwards, and a control could make a name read as another.
bool needs_bidi(char32_t c) {
  return is_between(c, 0x0590, 0x08ff) || is_between(c, 0x200e, 0x200f) || is_between(c, 0x202a, 0x202e) ||
         is_between(c, 0x2066, 0x2069) || is_between(c, 0xfb1d, 0xfdff) || is_between(c, 0xfe70, 0xfefe) ||
         is_between(c, 0x10800, 0x10fff) || is_between(c, 0x1e800, 0x1efff);
}

bool is_invisible(char32_t c) {
  return c == 0x00ad || c == 0x200b || c == 0x2060 || c == 0xfeff;
}

bool is_control(char32_t c) {
  return c < 0x20 || is_between(c, 0x7f, 0x9f) || is_between(c, 0x2028, 0x2029);
}

Error no_glyph(std::u32string_view letter, char32_t culprit) {
  const std::string code_point = fmt::format("U+{:04X}", static_cast<std::uint32_t>(culprit));
  return fail("pdf.font.no_glyph", "{}", code_point)
      .with("letter", is_control(culprit) ? std::string() : to_utf8(letter))
      .with("code_point", code_point);
}

int be16(const Bytes& bytes, std::size_t at) {
  if (at + 2 > bytes.size()) return 0;
  return static_cast<std::int16_t>(bytes[at] << 8U | bytes[at + 1]);
}

// OS/2 fsType: 2 in the low nibble is "restricted licence", 0x0100 "no subsetting", 0x0200 "bitmaps only".
bool may_embed_subset(const Bytes& os2) {
  const int bits = be16(os2, 8);
  return (bits & 0x000f) != 2 && (bits & 0x0300) == 0;
}

std::string name_characters(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-') out += c;
  }
  return out.empty() ? "Font" : out.substr(0, 63);
}

std::string_view file_name(FontStyle style) {
  switch (style) {
    case FontStyle::bold:
      return "LiberationSerif-Bold.ttf";
    case FontStyle::italic:
      return "LiberationSerif-Italic.ttf";
    case FontStyle::bold_italic:
      return "LiberationSerif-BoldItalic.ttf";
    case FontStyle::regular:
      break;
  }
  return "LiberationSerif-Regular.ttf";
}

}  // namespace

FontFace::~FontFace() {
  if (m_font != nullptr) m_hb->hb_font_destroy(m_font);
  if (m_face != nullptr) m_hb->hb_face_destroy(m_face);
}

Result<std::shared_ptr<const FontFace>> FontFace::open(const std::filesystem::path& path) {
  std::shared_ptr<FontFace> face(new FontFace);
  KYSO_TRY(face->load(path));
  return std::shared_ptr<const FontFace>(std::move(face));
}

Result<std::shared_ptr<const FontFace>> FontFace::shipped(FontStyle style) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const FontFace>> opened;
  const auto path = share_folder() / "fonts" / file_name(style);
  const std::scoped_lock lock(mutex);
  auto& face = opened[path.string()];
  if (face == nullptr) face = KYSO_TRY(open(path));
  return face;
}

Result<> FontFace::load(const std::filesystem::path& path) {
  m_hb = KYSO_TRY(harfbuzz());
  auto file = read_file(path, kMaxFontFile);
  if (!file) return fail("pdf.font.missing", "{}", file.error().code).with("path", path.string());
  m_file = *std::move(file);
  hb_blob_t* blob = m_hb->hb_blob_create(as_chars(m_file).data(), static_cast<unsigned>(m_file.size()),
                                         HB_MEMORY_MODE_READONLY, nullptr, nullptr);
  m_face = m_hb->hb_face_create(blob, 0);
  m_hb->hb_blob_destroy(blob);
  m_font = m_hb->hb_font_create(m_face);
  m_hb->hb_font_make_immutable(m_font);
  if (m_hb->hb_face_get_glyph_count(m_face) == 0 || table(HB_TAG('g', 'l', 'y', 'f')).empty()) {
    return fail("pdf.font.unsupported", "no glyf table").with("path", path.string());
  }
  if (!may_embed_subset(table(HB_TAG('O', 'S', '/', '2')))) {
    return fail("pdf.font.no_embedding").with("path", path.string());
  }
  m_scale = 1000.0 / m_hb->hb_face_get_upem(m_face);
  read_metrics();
  return {};
}

Bytes FontFace::table(hb_tag_t tag) const {
  hb_blob_t* blob = m_hb->hb_face_reference_table(m_face, tag);
  unsigned length = 0;
  const char* data = m_hb->hb_blob_get_data(blob, &length);
  Bytes bytes;
  if (data != nullptr) bytes.assign(data, data + length);
  m_hb->hb_blob_destroy(blob);
  return bytes;
}

void FontFace::read_metrics() {
  const Bytes head = table(HB_TAG('h', 'e', 'a', 'd'));
  const Bytes hhea = table(HB_TAG('h', 'h', 'e', 'a'));
  const Bytes os2 = table(HB_TAG('O', 'S', '/', '2'));
  const Bytes post = table(HB_TAG('p', 'o', 's', 't'));
  m_metrics.box = {std::round(be16(head, 36) * m_scale), std::round(be16(head, 38) * m_scale),
                   std::round(be16(head, 40) * m_scale), std::round(be16(head, 42) * m_scale)};
  m_metrics.italic_angle = be16(post, 4) + static_cast<std::uint16_t>(be16(post, 6)) / 65536.0;
  m_metrics.cap_height = be16(os2, 0) >= 2 ? std::round(be16(os2, 88) * m_scale) : 660;
  // There is no stem width in TrueType; readers use it only when they must replace the font.
  m_metrics.stem_v = static_cast<int>(std::lround(50 + std::pow(std::clamp(be16(os2, 4), 100, 900) / 65.0, 2)));
  m_metrics.ascent = be16(hhea, 4) * m_scale;
  m_metrics.descent = be16(hhea, 6) * m_scale;
  for (const char32_t letter : kVietnamese) {
    hb_glyph_extents_t ink{};
    if (glyph(letter) == 0 || m_hb->hb_font_get_glyph_extents(m_font, glyph(letter), &ink) == 0) continue;
    m_metrics.ascent = std::max(m_metrics.ascent, std::ceil(ink.y_bearing * m_scale));
    m_metrics.descent = std::min(m_metrics.descent, std::floor((ink.y_bearing + ink.height) * m_scale));
  }
  std::array<char, 128> name{};
  unsigned length = name.size();
  m_hb->hb_ot_name_get_utf8(m_face, 6, m_hb->hb_language_from_string("en", -1), &length, name.data());
  m_metrics.postscript_name = name_characters(std::string_view(name.data(), std::min<std::size_t>(length, 127)));
}

std::uint32_t FontFace::glyph(char32_t letter) const {
  hb_codepoint_t id = 0;
  return m_hb->hb_font_get_nominal_glyph(m_font, letter, &id) != 0 ? id : 0;
}

int FontFace::width(char32_t letter) const {
  return static_cast<int>(std::lround(m_hb->hb_font_get_glyph_h_advance(m_font, glyph(letter)) * m_scale));
}

Result<std::u32string> FontFace::drawable(std::string_view utf8) const {
  std::u32string letters = to_utf32(to_nfc(utf8));
  std::u32string out;
  out.reserve(letters.size());
  for (const char32_t c : letters) {
    if (is_invisible(c)) continue;
    if (c == U'\t' || is_between(c, U'\n', U'\r') || is_between(c, 0x2028, 0x2029)) {
      out += U' ';
    } else if (is_combining(c)) {
      std::u32string cluster = out.empty() ? std::u32string() : std::u32string(1, out.back());
      return no_glyph(cluster + c, c);
    } else if (is_control(c) || needs_bidi(c) || glyph(c) == 0) {
      return no_glyph(std::u32string_view(&c, 1), c);
    } else {
      out += c;
    }
  }
  return out;
}

Result<FontFace::Subset> FontFace::subset(std::u32string_view letters) const {
  const HarfBuzz& hb = *m_hb;
  const std::unique_ptr<hb_subset_input_t, decltype(hb.hb_subset_input_destroy)> input(
      hb.hb_subset_input_create_or_fail(), hb.hb_subset_input_destroy);
  if (input == nullptr) return fail("pdf.font.subset_failed", "input");
  for (const char32_t letter : letters) hb.hb_set_add(hb.hb_subset_input_glyph_set(input.get()), glyph(letter));
  // ISO 32000-2 section 9.9.2 needs glyf, head, hhea, hmtx, loca, maxp of a CIDFontType2; the hints are larger than the
  // outlines, and nobody prints at 72 dpi.
  hb.hb_subset_input_set_flags(input.get(), HB_SUBSET_FLAGS_NO_HINTING);
  hb_set_t* drop = hb.hb_subset_input_set(input.get(), HB_SUBSET_SETS_DROP_TABLE_TAG);
  for (const char* tag :
       {"BASE", "DSIG", "FFTM", "GDEF", "GPOS", "GSUB", "JSTF", "LTSH", "MATH", "MERG", "OS/2", "PCLT",
        "STAT", "VDMX", "cmap", "cvt ", "fpgm", "gasp", "hdmx", "kern", "meta", "name", "post", "prep"}) {
    hb.hb_set_add(drop, HB_TAG(tag[0], tag[1], tag[2], tag[3]));
  }
  const std::unique_ptr<hb_subset_plan_t, decltype(hb.hb_subset_plan_destroy)> plan(
      hb.hb_subset_plan_create_or_fail(m_face, input.get()), hb.hb_subset_plan_destroy);
  if (plan == nullptr) return fail("pdf.font.subset_failed", "plan");
  const std::unique_ptr<hb_face_t, decltype(hb.hb_face_destroy)> face(hb.hb_subset_plan_execute_or_fail(plan.get()),
                                                                      hb.hb_face_destroy);
  if (face == nullptr) return fail("pdf.font.subset_failed", "execute");
  Subset result;
  hb_blob_t* blob = hb.hb_face_reference_blob(face.get());
  unsigned length = 0;
  const char* data = hb.hb_blob_get_data(blob, &length);
  result.file.assign(data, data + length);
  hb.hb_blob_destroy(blob);
  const hb_map_t* mapping = hb.hb_subset_plan_old_to_new_glyph_mapping(plan.get());
  for (const char32_t letter : letters) {
    result.glyphs.push_back(static_cast<std::uint16_t>(hb.hb_map_get(mapping, glyph(letter))));
  }
  return result;
}

Result<Font> Font::open(const std::filesystem::path& path) {
  return Font(KYSO_TRY(FontFace::open(path)));
}

Result<Font> Font::shipped(FontStyle style) {
  return Font(KYSO_TRY(FontFace::shipped(style)));
}

Result<double> Font::width(std::string_view text) const {
  double sum = 0;
  for (const char32_t letter : KYSO_TRY(m_face->drawable(text))) sum += m_face->width(letter);
  return sum;
}

double Font::ascent() const {
  return m_face->metrics().ascent;
}
double Font::descent() const {
  return m_face->metrics().descent;
}
const std::string& Font::postscript_name() const {
  return m_face->metrics().postscript_name;
}

}  // namespace kyso::pdf
