#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "pdf/drawing/appearance.h"

// How the signatures of one person or organisation look: data (TOML + image), several per user.
// The uncertain numbers of the decree are settings here, with the defaults of docs/decree30.md.
namespace kyso::decree30 {

enum class Role { initials, leader, comment, number, organisation, appendix, copy, incoming, plain };
std::string_view name_of(Role role);  // as on the command line: "leader"
std::optional<Role> role_by_name(std::string_view name);

enum class CopyKind { sao_y, sao_luc, trich_sao };
std::string_view text_of(CopyKind kind);  // as printed: "SAO Y"
enum class TimeFormat {
  iso8601,     // 2026-09-06T16:01:42+07:00
  vietnamese,  // 06/09/2026 16:01:42
  dotted,      // 06.09.2026 16:01:42 +07:00
};
std::string format_time(Instant time, TimeFormat format);

struct Template {
  std::string name;
  Role role = Role::plain;
  enum class Show { image, image_and_text, text, nothing } show = Show::image;  // "Hình ảnh", "Hình ảnh & thông tin"
  std::filesystem::path image;                                                  // PNG; relative to the template file
  double width = 150, height = 70;                                              // points
  double gap = 20;    // "Khoảng cách", points: from the text that the place was found by
  double offset = 0;  // "Vị trí chữ ký", points: moves the signature up (+) or down (-)
  double seal_diameter_mm = 37;
  double seal_overlap_percent = 33.0 + 1.0 / 3;  // "Vị trí đóng dấu": share of the signature that the seal covers
  // Information beside the image ("Nhãn thông tin", Email, Cơ quan, Thời gian ký).
  bool show_labels = true, show_name = true, show_email = false, show_agency = true, show_time = true;
  std::string label_name = "Người ký: ", label_email = "Email: ", label_agency = "Cơ quan: ",
              label_time = "Thời gian ký: ";
  pdf::FontStyle font_style = pdf::FontStyle::regular;
  double font_size = 10;
  pdf::Colour text_colour;
  // Default place ("Vị trí & Kích thước chữ ký mặc định").
  enum class PageChoice { automatic, first, last, number } page = PageChoice::automatic;
  std::size_t page_number = 1;
  enum class Corner { automatic, top_left, top_right, bottom_left, bottom_right } corner = Corner::automatic;
  double margin = 20;       // points from the page's edges, for corners
  std::string signer_name;  // "Họ và tên": the text that the place is found by
  std::string agency;       // overrides the certificate's organisation
  std::string reason, location;
  // Decree 30 wording.
  CopyKind copy_kind = CopyKind::sao_y;
  std::string copy_line = "{kind}; {agency}; {time}";
  std::string appendix_line = "{number}; {time}";
  TimeFormat time_format = TimeFormat::iso8601;
  // Where initials (ký nháy) stand: the decree leaves it open.
  enum class InitialsPlace { after_text, recipients } initials_place = InitialsPlace::after_text;
  // Which permission the leader leaves: absent = approval signature (fields prepared for the round stay fillable).
  std::optional<int> certify;
  bool prepare_round = true;  // leader and initials: number, date and organisation fields before the first signature
  std::string number_field = "SoVanBan", date_field = "NgayVanBan", organisation_field = "CoQuan",
              leader_field = "LanhDao", edge_seal_field = "DauGiapLai";
  // Page-edge seal (dấu giáp lai, article 33): 2 to 5 sheets to one seal.
  enum class EdgeSeal { off, by_the_book, many_widgets } edge_seal = EdgeSeal::off;
  int edge_seal_sheets = 5;
};

// decree30.template.invalid {path} {line} {problem}: unknown keys, wrong types, sizes out of range. A relative image
// becomes a path beside the template.
Result<Template> load_template(const std::filesystem::path& path);
// The same from memory; `path` stands in errors and gives the folder of a relative image.
Result<Template> parse_template(std::string_view toml, const std::filesystem::path& path);
// Every setting, so that load_template(to_toml(t)) is t again (colours in steps of 1/255).
std::string to_toml(const Template& tmpl);

// Templates by name: the user's folder (<config>/kyso/templates) first, then the shipped ones.
// decree30.template.missing {name}.
class TemplateStore {
 public:
  TemplateStore(std::filesystem::path user_folder, std::filesystem::path shipped_folder);
  struct Entry {
    std::string name;
    Role role;
    std::filesystem::path path;
    bool shipped;
  };
  std::vector<Entry> list() const;  // broken ones are left out of use but listed by problems()
  std::vector<Error> problems() const;
  Result<Template> find(std::string_view name) const;
  // The user's template of that role named "default-<role>" or "default", else the only one, else the shipped one.
  Result<Template> for_role(Role role) const;
  // Copies `from` under a new name with its image beside it. decree30.template.exists {name}, decree30.template.name
  // {name}.
  Result<std::filesystem::path> create(const std::string& name, const Template& from,
                                       const std::optional<std::filesystem::path>& image) const;

 private:
  std::filesystem::path m_user, m_shipped;
};

}  // namespace kyso::decree30
