#include "verify/changes/change.h"

#include <array>

namespace kyso::verify {
namespace {

constexpr std::array<std::string_view, 23> kNames{"none",
                                                  "validation_data",
                                                  "document_time_stamp",
                                                  "metadata",
                                                  "signature_filled",
                                                  "signature_added",
                                                  "signature_field_added",
                                                  "signature_widget_added",
                                                  "signature_field_moved",
                                                  "form_filled",
                                                  "form_mismatch",
                                                  "form_undefined",
                                                  "field_added",
                                                  "field_removed",
                                                  "lock_changed",
                                                  "annotation_added",
                                                  "annotation_changed",
                                                  "annotation_removed",
                                                  "signature_redefined",
                                                  "signature_removed",
                                                  "content",
                                                  "encryption",
                                                  "unknown"};
static_assert(static_cast<std::size_t>(ChangeKind::unknown) + 1 == kNames.size());

}  // namespace

std::string_view name_of(ChangeKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kNames.size() ? kNames[index] : kNames.back();
}

std::optional<ChangeKind> change_kind_by_name(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<ChangeKind>(i);
  }
  return std::nullopt;
}

}  // namespace kyso::verify
