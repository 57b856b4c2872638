#pragma once
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "pdf/file/object_view.h"

namespace kyso::verify {

// Where an object hangs in the document. An object may have several roles; one that it had once it keeps, so that what
// a later revision does to it is judged by the worst of them.
enum class Role : std::uint8_t {
  // The skeleton: found first. Parts that lead back to it (/P, destinations …) give it no further role.
  catalog,
  acro_form,
  fields,  // an array of fields or kids; owner: the parent field, 0 of /Fields
  field,   // or a widget below it; owner: the parent field
  page_tree,
  page,
  annotations,  // the array; owner: the page
  annotation,   // owner: the page
  // Parts.
  info,
  metadata,
  encrypt,
  value,            // /V; owner: the field
  value_part,       // below it
  lock,             // /Lock and /SV; owner: the field
  field_part,       // /MK, /Opt, …; owner: the field
  form_resources,   // /DR
  form_part,        // /XFA, /CO, …
  appearances,      // /AP; owner: the widget or annotation
  appearance,       // a stream in it, or its dictionary of states
  appearance_part,  // resources of the stream
  annotation_part,  // owner: the annotation
  content,          // owner: the page; so in the following
  resources,
  font,
  x_object,
  page_part,
  action,
  dss,
  extensions,
  permissions,
  names,
  outline,
  structure,
  optional_content,
  output_intent,
  embedded_file,
  viewer,
  container_part,  // what the dictionary of an object stream refers to: /Length, /First …
  other,
};
bool is_skeleton(Role role);

struct Seat {
  Role role = Role::other;
  std::uint32_t owner = 0;
  std::uint32_t since = 0;  // revision that gave it
};

// Work that a hostile file may cause, counted in values looked at.
struct Work {
  std::size_t left = 0;
  bool spend(std::size_t count) {
    if (count > left) {
      left = 0;
      return false;
    }
    left -= count;
    return true;
  }
  bool is_spent() const { return left == 0; }
};

// Seats: the roles of all objects, found by walking from the trailer once and then over what each revision changed.
class Seats {
 public:
  explicit Seats(Work& work) : m_work(work) {}

  // Walks from the trailer's entries; then walk().
  void start(const pdf::ObjectView& view, std::uint32_t revision);
  // Gives the children of an object that changed their seats.
  void revisit(const pdf::ObjectView& view, std::uint32_t number, const Seat& seat);
  void add(std::uint32_t number, Role role, std::uint32_t owner);
  void walk(const pdf::ObjectView& view);
  void set_revision(std::uint32_t revision) { m_revision = revision; }

  const std::vector<Seat>& of(std::uint32_t number) const;
  const Seat* find(std::uint32_t number, Role role) const;
  // Objects that may be fonts and had their seats before the revision, by number.
  std::vector<std::uint32_t> fonts_before(std::uint32_t revision) const;
  // Fields that walk() found since take_new_fields() was last called.
  std::vector<std::uint32_t> take_new_fields() { return std::exchange(m_new_fields, {}); }

 private:
  struct Visit {
    std::uint32_t number;
    Seat seat;
  };
  bool is_news(std::uint32_t number, Role role, std::uint32_t owner) const;
  void visit(const pdf::ObjectView& view, const Visit& visit);
  void visit_annotation(const pdf::ObjectView& view, const Visit& visit, const pdf::Dictionary& annotation);
  void spread(const pdf::Object& value, Role role, std::uint32_t owner, std::uint32_t self);

  Work& m_work;
  std::uint32_t m_revision = 0;
  std::unordered_map<std::uint32_t, std::vector<Seat>> m_seats;
  std::deque<Visit> m_skeleton;
  std::deque<Visit> m_parts;
  std::vector<std::uint32_t> m_new_fields;
};

// The object as it stands in the view; null where it is missing or can't be read.
pdf::Object object_at(const pdf::ObjectView& view, std::uint32_t number);
pdf::Object resolved(const pdf::ObjectView& view, const pdf::Object& value);
pdf::Object resolved(const pdf::ObjectView& view, const pdf::Dictionary& dictionary, std::string_view key);

}  // namespace kyso::verify
