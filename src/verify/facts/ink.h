#pragma once
#include <unordered_map>

#include "pdf/file/object_view.h"

namespace kyso::verify {

// InkReader: what colour the picture of a visible signature is: "red", "blue" or "" (neither, or not to be told). A
// scanned seal or signature is judged by the hue of most of its coloured pixels, one without pictures by its fills.
// Pictures that several signatures share are looked at once. Private to the module.
class InkReader {
 public:
  std::string ink_of(const pdf::ObjectView& view, const pdf::Dictionary& widget);

 private:
  struct Votes {
    std::uint64_t red = 0, blue = 0, other = 0;
    Votes& operator+=(const Votes& more);
  };
  Votes votes_of_form(const pdf::ObjectView& view, const pdf::Stream& form, int depth);
  Votes votes_of_image(const pdf::ObjectView& view, const pdf::Stream& image);
  Votes votes_of_pixels(const pdf::ObjectView& view, const pdf::Stream& image);
  Votes votes_of_fills(const pdf::ObjectView& view, const pdf::Stream& form);
  static void vote(Votes& votes, double r, double g, double b, std::uint64_t weight);

  std::unordered_map<std::uint64_t, Votes> m_images;  // by the offset of their data
  std::size_t m_bytes_left = 96U << 20U;
  std::size_t m_looked = 0;
};

}  // namespace kyso::verify
