#include "decree30/template.h"

#include <array>

#include "base/config.h"
#include "decree30/template_keys.h"

namespace kyso::decree30 {

std::string_view name_of(Role role) {
  return kRoles.name(role);
}
std::optional<Role> role_by_name(std::string_view name) {
  return kRoles.value(name);
}

std::string_view text_of(CopyKind kind) {
  // Decree 30/2020/NĐ-CP article 25: the three forms of copy.
  switch (kind) {
    case CopyKind::sao_luc:
      return "SAO LỤC";
    case CopyKind::trich_sao:
      return "TRÍCH SAO";
    case CopyKind::sao_y:
      break;
  }
  return "SAO Y";
}

std::string format_time(Instant time, TimeFormat format) {
  const CivilTime t = vietnam_time(time);
  switch (format) {
    case TimeFormat::vietnamese:
      return fmt::format("{:02}/{:02}/{:04} {:02}:{:02}:{:02}", t.day, t.month, t.year, t.hour, t.minute, t.second);
    case TimeFormat::dotted:
      return fmt::format("{:02}.{:02}.{:04} {:02}:{:02}:{:02} +07:00", t.day, t.month, t.year, t.hour, t.minute,
                         t.second);
    case TimeFormat::iso8601:
      break;
  }
  return iso8601_vietnam(time);
}

namespace {

std::string hex_of(pdf::Colour colour) {
  const auto step = [](double v) { return static_cast<int>(v * 255 + 0.5); };
  return fmt::format("#{:02x}{:02x}{:02x}", step(colour.r), step(colour.g), step(colour.b));
}

std::string page_text(const Template& t) {
  return t.page == Template::PageChoice::number ? std::to_string(t.page_number) : std::string(kPages.name(t.page));
}

}  // namespace

std::string to_toml(const Template& t) {
  TomlWriter out;
  out.set("name", t.name).set("role", std::string(name_of(t.role))).set("show", std::string(kShows.name(t.show)));
  out.table("image").set("file", t.image.string()).set("width", t.width).set("height", t.height).set("gap", t.gap);
  out.set("offset", t.offset);
  out.table("seal").set("diameter_mm", t.seal_diameter_mm).set("overlap_percent", t.seal_overlap_percent);
  out.table("text").set("labels", t.show_labels).set("name", t.show_name).set("email", t.show_email);
  out.set("agency", t.show_agency).set("time", t.show_time).set("label_name", t.label_name);
  out.set("label_email", t.label_email).set("label_agency", t.label_agency).set("label_time", t.label_time);
  out.set("style", std::string(kStyles.name(t.font_style))).set("size", t.font_size);
  out.set("colour", hex_of(t.text_colour)).set("time_format", std::string(kTimeFormats.name(t.time_format)));
  out.table("place").set("page", page_text(t)).set("corner", std::string(kCorners.name(t.corner)));
  out.set("margin", t.margin).set("initials", std::string(kInitialsPlaces.name(t.initials_place)));
  out.table("signer").set("name", t.signer_name).set("agency", t.agency).set("reason", t.reason);
  out.set("location", t.location);
  out.table("wording").set("copy_kind", std::string(kCopyKinds.name(t.copy_kind))).set("copy_line", t.copy_line);
  out.set("appendix_line", t.appendix_line);
  out.table("round").set("prepare", t.prepare_round);
  if (t.certify) out.set("certify", *t.certify);
  out.set("number_field", t.number_field).set("date_field", t.date_field);
  out.set("organisation_field", t.organisation_field).set("leader_field", t.leader_field);
  out.set("edge_seal_field", t.edge_seal_field);
  out.table("edge_seal").set("way", std::string(kEdgeSeals.name(t.edge_seal))).set("sheets", t.edge_seal_sheets);
  return out.text();
}

}  // namespace kyso::decree30
