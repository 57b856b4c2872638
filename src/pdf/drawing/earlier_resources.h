#pragma once
#include "pdf/drawing/image_stream.h"

namespace kyso::pdf {

// The fonts and images that the appearances of the form fields use, newest field first.
struct EarlierResources {
  std::vector<ObjectId> fonts, images;
};
EarlierResources find_earlier_resources(const Document& document);

// True when the object is an image with this content and nothing else that changes its look.
bool is_same_image(const ObjectView& view, ObjectId id, const ImageParts& parts);

}  // namespace kyso::pdf
