#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "pdf/document/page.h"

namespace kyso::app {

// Runs pdftoppm in a process of its own with limits on time and memory; gives what it wrote, empty when it failed. The
// document is `file`, or what the open descriptor `input` holds from its beginning when `file` is "-".
Bytes run_pdftoppm(const std::vector<std::string>& options, const std::string& file, int input = -1);

// A page as raw pixels, three bytes each.
struct Raster {
  std::size_t width = 0, height = 0;
  Bytes pixels;
};
std::optional<Raster> read_ppm(ByteView ppm);

// Boxes in pixels around what differs visibly, neighbouring differences together; one box for all when there are many.
// Rasters of different sizes: the whole page.
std::vector<pdf::Rect> find_differences(const Raster& before, const Raster& after);

}  // namespace kyso::app
