#pragma once
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "verify/changes/field_state.h"
#include "verify/changes/page_paint.h"
#include "verify/changes/seats.h"

namespace kyso::verify {

// Compares revision after revision. Two views advance side by side; only what a revision's own sections name is looked
// at, by the roles that it has or had. Private to the folder.
class ChangeFinder {
 public:
  ChangeFinder(std::shared_ptr<const pdf::RevisionGraph> graph, pdf::ObjectView before, pdf::ObjectView after,
               const ChangeLimits& limits);
  ChangeReport run();

 private:
  struct Difference {
    pdf::Object before, after;
    std::uint64_t offset = 0;
    bool is_other_generation = false;  // references to the object as it was lead nowhere now
  };
  // What a revision did to a field, its widgets and their appearances.
  struct FieldEvents {
    bool is_new = false, is_removed = false;
    bool value = false, value_part = false;
    bool appearance = false;
    std::vector<std::uint32_t> shown, hidden;  // widgets that pages list now, no longer
  };
  struct AnnotationEvents {
    std::optional<std::uint32_t> added_on, removed_from;  // pages
    bool is_changed = false, appearance = false;
    pdf::Object direct;  // of annotations without number
  };

  // change_finder.cpp
  void start();
  void step();
  void collect();
  void index_members(const pdf::ObjectView& view, const pdf::XrefSection& section);
  void note_container(const pdf::ObjectView& view, std::uint32_t number);
  void take(std::uint32_t number, const pdf::XrefEntry* before, const pdf::XrefEntry* after);
  void compare_trailers();
  void judge(std::uint32_t number, const Difference& difference);
  void judge(std::uint32_t number, const Difference& difference, const Seat& seat);
  void judge_field_seat(std::uint32_t number, const Difference& difference, const Seat& seat);
  bool is_equal(const pdf::Object& before, const pdf::Object& after, std::size_t depth = 0);
  bool is_equal_stream(const pdf::Stream& before, const pdf::Stream& after);
  // Values behind references, for entries whose value may move between direct and indirect.
  bool is_equal_resolved(const pdf::Object& before, const pdf::Object& after);
  Change& add(ChangeKind kind, std::string code, std::uint32_t object);
  Change& add_content(std::string code, std::uint32_t object, std::string path);
  bool is_changed(std::uint32_t number) const { return m_differences.contains(number); }
  bool is_new_seat(const Seat& seat) const { return seat.since == m_revision; }

  // document_rules.cpp
  void compare_catalogs(std::uint32_t number, const pdf::Dictionary& before, const pdf::Dictionary& after);
  void compare_catalog_entry(std::uint32_t number, std::string_view key, const pdf::Object& before,
                             const pdf::Object& after);
  void compare_forms(const pdf::Object& before, const pdf::Object& after);
  void compare_form_resources(const pdf::Object& before, const pdf::Object& after, const std::string& path, int depth);
  void compare_extensions(std::uint32_t number, const pdf::Object& before, const pdf::Object& after);
  void compare_permissions(std::uint32_t number, const pdf::Object& before, const pdf::Object& after);
  void compare_information(std::uint32_t number);
  void compare_metadata(std::uint32_t number);
  void compare_pages(std::uint32_t number, const pdf::Object& before, const pdf::Object& after);
  void compare_structure(std::uint32_t number, const pdf::Object& before, const pdf::Object& after);
  bool only_adds_widgets(const pdf::Object& before, const pdf::Object& after, int depth);
  bool registers_new_widget(const pdf::Object& item, int depth = 0);
  void note_validation_data(std::uint32_t number, std::string path);

  // field_rules.cpp
  void compare_kids(const pdf::Object& before, const pdf::Object& after);
  std::uint32_t unit_of(std::uint32_t field) const;
  bool was_field(std::uint32_t number) const;
  void evaluate_fields();
  void evaluate_field(std::uint32_t number, const FieldEvents& events);
  void evaluate_new_field(const FieldState& field);
  void evaluate_removed_field(const FieldState& field, int depth);
  void evaluate_signed_field(const FieldState& before, const FieldState& after, const FieldEvents& events);
  void evaluate_empty_signature(const FieldState& before, const FieldState& after, const FieldEvents& events);
  void evaluate_form_field(const FieldState& before, const FieldState& after, const FieldEvents& events);
  void compare_form_field(const FieldState& before, const FieldState& after, const FieldEvents& events);
  // Entries that differ in the field's dictionary or a widget's; calls visit(widget or nullptr, key, before, after).
  template <typename Visit>
  void for_differences(const FieldState& before, const FieldState& after, Visit visit);
  bool judge_common_entry(const FieldState& field, std::uint32_t object, std::string_view key,
                          const pdf::Object& before, const pdf::Object& after);
  bool have_widgets_changed(const FieldState& before, const FieldState& after, ChangeKind added, ChangeKind removed,
                            std::string_view code);
  FontTruth truth_of_font(std::uint32_t font);
  // `is_unverified`: by a font whose letters nobody can vouch for.
  bool is_shown_as_said(const pdf::ObjectView& view, const FieldState& field, bool* is_unverified = nullptr);
  void note_locks(const pdf::Dictionary& signature);
  void judge_read_only_fields();
  bool is_signed_elsewhere(const FieldState& field) const;
  Change& add_field(ChangeKind kind, std::string code, const FieldState& field, std::string path = {});
  void add_widgets(ChangeKind kind, std::string code, const FieldState& field,
                   const std::vector<const WidgetState*>& widgets, std::string path = {});
  std::size_t page_of(std::uint32_t widget, const pdf::Dictionary& dictionary) const;
  FieldState read_field(const pdf::ObjectView& view, std::uint32_t number);
  // What a signature's widget looks like, when it may be seen.
  Likeness measure(Change& change, const WidgetState& widget, bool is_signature);

  // annotation_rules.cpp
  void compare_annotations(std::uint32_t page, const pdf::Object& before, const pdf::Object& after);
  void evaluate_annotations();
  void evaluate_annotation(std::uint32_t number, const AnnotationEvents& events);
  void describe_annotation(Change& change, const pdf::Dictionary& annotation, std::uint32_t number);
  bool has_action(const pdf::Dictionary& annotation, bool& is_script);

  std::shared_ptr<const pdf::RevisionGraph> m_graph;
  pdf::ObjectView m_before, m_after;
  ChangeLimits m_limits;
  Work m_work;
  Seats m_seats;
  std::optional<pdf::PageTree> m_pages;  // as of the first revision that is compared
  PagePaint m_paint;
  std::uint32_t m_revision = 0;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> m_members;  // of object streams
  std::unordered_map<std::uint32_t, Difference> m_differences;
  std::vector<std::uint32_t> m_order;  // of m_differences, by number
  std::map<std::uint32_t, FieldEvents> m_fields;
  std::map<std::uint32_t, AnnotationEvents> m_annotations;
  std::vector<std::pair<std::uint32_t, AnnotationEvents>> m_direct_annotations;
  std::set<std::pair<std::uint32_t, std::uint8_t>> m_done;  // compared already in this revision
  std::vector<pdf::FieldLock> m_new_locks;                  // FieldMDP of this revision's signatures
  std::vector<FieldState> m_read_only;                      // fields that became read-only in it
  std::map<std::uint32_t, FontTruth> m_font_truths;         // of fonts that came in it
  std::size_t m_fonts_left = 16;                            // to be compared, in all
  bool m_has_validation_data = false;
  ChangeReport m_report;
};

// At most 200 characters for people.
std::string brief(const pdf::ObjectView& view, const pdf::Object& value);
std::string shortened(std::string text);

}  // namespace kyso::verify
