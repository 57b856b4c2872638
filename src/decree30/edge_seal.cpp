#include <algorithm>
#include <cmath>
#include <memory>

#include "decree30/role_plans.h"

// Dấu giáp lai (article 33): the seal over the right edges of the sheets, at most five sheets to one seal; laid side by
// side the sheets show the whole seal again.
namespace kyso::decree30 {
namespace {

constexpr double kNarrowestSlice = 5 * kPointsPerMm;

struct Slice {
  std::size_t page = 0;
  pdf::Rect box;                     // visible space
  std::size_t index = 0, count = 1;  // of its group
};

// Groups as even as possible: 6 pages are 3 + 3, not 5 + 1.
std::vector<std::size_t> group_sizes(std::size_t pages, std::size_t largest) {
  const std::size_t groups = (pages + largest - 1) / largest;
  std::vector<std::size_t> out;
  for (std::size_t g = 0; g < groups; ++g) out.push_back(pages / groups + (g < pages % groups ? 1 : 0));
  return out;
}

Result<std::vector<Slice>> slices_of(const Planner& planner) {
  const double diameter = planner.tmpl.seal_diameter_mm * kPointsPerMm;
  const auto most = static_cast<std::size_t>(diameter / kNarrowestSlice);
  const auto wanted = static_cast<std::size_t>(std::max(2, planner.tmpl.edge_seal_sheets));
  std::vector<Slice> out;
  std::size_t page = 0;
  for (const std::size_t count :
       group_sizes(planner.document.pages().count(), std::min(wanted, std::max<std::size_t>(most, 2)))) {
    for (std::size_t i = 0; i < count; ++i, ++page) {
      const pdf::Page found = KYSO_TRY(planner.document.pages().page(page));
      const double right = found.visible_width(), bottom = std::max(0.0, (found.visible_height() - diameter) / 2);
      const double width = diameter / static_cast<double>(count);
      out.push_back({page,
                     {std::max(0.0, right - width), bottom, right, std::min(bottom + diameter, found.visible_height())},
                     i,
                     count});
    }
  }
  return out;
}

// The form XObject of one slice: the whole seal, clipped to its strip.
Result<pdf::ObjectId> draw_slice(const Slice& slice, const pdf::Image& seal, int rotate, pdf::IncrementalWriter& writer,
                                 pdf::ResourceWriter& resources) {
  const double width = slice.box.width(), height = slice.box.height();
  const double whole = width * static_cast<double>(slice.count);
  pdf::Drawing drawing(width, height);
  const double left = -width * static_cast<double>(slice.index);
  drawing.begin_clip({0, 0, width, height});
  drawing.image(seal, {left, 0, left + whole, height});
  drawing.end_clip();
  return drawing.write(writer, resources, rotate);
}

struct Strip {
  Slice slice;
  pdf::Rect user;
  int rotate;
};

Result<std::vector<Strip>> strips_of(const Planner& planner, const std::vector<Slice>& slices) {
  std::vector<Strip> out;
  for (const Slice& slice : slices) {
    const pdf::Page page = KYSO_TRY(planner.document.pages().page(slice.page));
    out.push_back({slice, page.visible_to_user().apply(slice.box), page.rotate});
  }
  return out;
}

// The strips prepared under this name: fields name.1, name.2, … with a widget each, or one field with many widgets as
// other programs make it. Empty: nothing was prepared.
std::vector<const pdf::Field*> prepared_fields(const Planner& planner, const std::string& name) {
  const pdf::Form& form = planner.document.form();
  if (const pdf::Field* whole = form.find(name)) return {whole};
  std::vector<const pdf::Field*> out;
  while (const pdf::Field* part = form.find(fmt::format("{}.{}", name, out.size() + 1))) out.push_back(part);
  return out;
}

// Perhaps prepared with another diameter or for fewer sheets: a strip is as wide as its share of the height.
Result<std::vector<Slice>> slices_of_fields(const Planner& planner, const std::vector<const pdf::Field*>& fields) {
  std::vector<Slice> out;
  for (const pdf::Field* field : fields) {
    KYSO_TRY(allow_filling_button(planner, *field));
    for (const pdf::Widget& widget : field->widgets) {
      if (widget.page == pdf::kNoPage || widget.rect.area() <= 0)
        return fail("decree30.edge_seal.broken").with("field", field->name);
      const pdf::Page page = KYSO_TRY(planner.document.pages().page(widget.page));
      out.push_back({widget.page, page.user_to_visible().apply(widget.rect), 0, 1});
    }
  }
  for (std::size_t i = 0; i < out.size();) {
    const double share = out[i].box.height() / std::max(out[i].box.width(), 0.1);
    const auto count = std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(share)), 1, out.size() - i);
    for (std::size_t k = 0; k < count; ++k, ++i) {
      out[i].index = k;
      out[i].count = count;
    }
  }
  return out;
}

}  // namespace

Template::EdgeSeal edge_seal_way(const Planner& planner) {
  return planner.request.edge_seal.value_or(planner.tmpl.edge_seal);
}

// Way C: a push-button field may have many widgets (ISO 32000-2 section 12.7.5.5 allows a signature field one only).
Result<> prepare_edge_seal(Planner& planner) {
  const std::string& name = planner.tmpl.edge_seal_field;
  if (planner.document.pages().count() < 2) {
    planner.note("decree30.edge_seal.one_page");
    return {};
  }
  if (!prepared_fields(planner, name).empty()) return {};
  std::vector<pdf::FormWriter::ButtonWidget> widgets;
  for (const Strip& strip : KYSO_TRY(strips_of(planner, KYSO_TRY(slices_of(planner)))))
    widgets.push_back({strip.slice.page, strip.user, std::nullopt});
  planner.plan.changes.push_back([=](pdf::FormWriter& form, pdf::IncrementalWriter&, pdf::ResourceWriter&) -> Result<> {
    KYSO_TRY(form.add_button_field(name, widgets));
    return {};
  });
  return {};
}

namespace {

using SharedImage = std::shared_ptr<const pdf::Image>;

Change filling_buttons(std::string name, std::vector<Strip> strips, SharedImage seal) {
  return [=](pdf::FormWriter& form, pdf::IncrementalWriter& writer, pdf::ResourceWriter& resources) -> Result<> {
    std::vector<pdf::ObjectId> appearances;
    for (const Strip& strip : strips)
      appearances.push_back(KYSO_TRY(draw_slice(strip.slice, *seal, strip.rotate, writer, resources)));
    return form.set_button_appearances(name, appearances);
  };
}

Change stamping(std::vector<Strip> strips, SharedImage seal) {
  return [=](pdf::FormWriter& form, pdf::IncrementalWriter& writer, pdf::ResourceWriter& resources) -> Result<> {
    for (const Strip& strip : strips) {
      const pdf::ObjectId drawing = KYSO_TRY(draw_slice(strip.slice, *seal, strip.rotate, writer, resources));
      KYSO_TRY(form.add_stamp({strip.slice.page, strip.user, drawing}, "Dấu giáp lai"));
    }
    return {};
  };
}

// Way B: one signature field with a widget on every sheet. Users ask for it, though ISO 32000-2 section 12.7.5.5 allows
// a signature field one widget only; a field that was prepared cannot get more without breaking earlier signatures.
Result<> add_strip_widgets(Planner& planner, std::vector<Strip> strips, SharedImage seal) {
  if (planner.document.form().find(planner.plan.field) != nullptr ||
      planner.document.form().find(planner.tmpl.organisation_field) != nullptr)
    return fail("decree30.edge_seal.many_widgets");
  planner.plan.field_changes.push_back([=](pdf::FormWriter& form, pdf::IncrementalWriter& writer,
                                           pdf::ResourceWriter& resources, pdf::ObjectId field) -> Result<> {
    for (const Strip& strip : strips) {
      const pdf::ObjectId drawing = KYSO_TRY(draw_slice(strip.slice, *seal, strip.rotate, writer, resources));
      KYSO_TRY(form.add_widget(field, {strip.slice.page, strip.user, drawing}));
    }
    return {};
  });
  planner.note("decree30.edge_seal.widgets");
  return {};
}

}  // namespace

Result<bool> apply_edge_seal(Planner& planner) {
  if (!planner.request.image) return fail("decree30.image.missing").with("role", name_of(planner.request.role));
  if (planner.document.pages().count() < 2) {
    planner.note("decree30.edge_seal.one_page");
    return false;
  }
  const auto seal = std::make_shared<const pdf::Image>(*planner.request.image);
  if (edge_seal_way(planner) == Template::EdgeSeal::many_widgets) {
    KYSO_TRY(add_strip_widgets(planner, KYSO_TRY(strips_of(planner, KYSO_TRY(slices_of(planner)))), seal));
    return false;
  }
  const std::string& name = planner.tmpl.edge_seal_field;
  if (const auto fields = prepared_fields(planner, name); !fields.empty()) {
    auto strips = KYSO_TRY(strips_of(planner, KYSO_TRY(slices_of_fields(planner, fields))));
    planner.plan.changes.push_back(filling_buttons(name, std::move(strips), seal));
    planner.note("decree30.edge_seal.fields");
    return true;
  }
  // Way A: as long as nobody has signed, strips are a part of what is signed. Later they would be a forbidden change.
  if (planner.is_signed()) return fail("decree30.edge_seal.not_prepared");
  planner.plan.changes.push_back(stamping(KYSO_TRY(strips_of(planner, KYSO_TRY(slices_of(planner)))), seal));
  planner.note("decree30.edge_seal.first");
  return false;
}

}  // namespace kyso::decree30
