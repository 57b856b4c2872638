#pragma once
#include "pdf/drawing/appearance.h"

// Image XObjects: their dictionary and data, and the smallest lossless coding of the data.
namespace kyso::pdf {

// An image XObject before it has a number. `samples` are plain: what decoding the stream must give.
struct ImagePlan {
  Dictionary
      dictionary;  // Type, Subtype, Width, Height, BitsPerComponent, ColorSpace or ImageMask; neither filter nor mask
  Bytes samples;
  int components = 1;
  int bits = 8;
};

// What the document's conformance allows an image to use.
struct ImageRules {
  bool soft_masks = true;
  Object rgb_space;  // /DeviceRGB or a reference to a /CalRGB array
};

// The parts of a picture: the base image, and a soft mask or a stencil mask. Where soft masks are not allowed, a
// one-ink picture is a single stencil (`is_stencil`), any other one a base with an explicit mask; alpha is cut at one
// half. A soft mask keeps 64 levels of alpha.
struct ImageParts {
  ImagePlan base;
  std::optional<ImagePlan> mask;
  bool is_soft_mask = false;
  bool is_stencil = false;
};
ImageParts plan_image(const Image& image, const ImageRules& rules);

// The stream for a plan: Flate with or without PNG predictors, whichever is smaller. Remembers the last few results;
// thread-safe.
Stream encode_image(const ImagePlan& plan);

}  // namespace kyso::pdf
