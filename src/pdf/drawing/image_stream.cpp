#include "pdf/drawing/image_stream.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <mutex>

#include "crypto/algorithm.h"
#include "pdf/file/predictor.h"

namespace kyso::pdf {
namespace {

// Above this a second pass would be felt by the person who waits.
constexpr std::size_t kThoroughLimit = 4U << 20U;
constexpr std::size_t kRemembered = 8;  // pictures: a batch puts the same seal on every document
constexpr int kQuick = 6, kSmall = 8;   // levels of zlib; 9 takes three times as long as 8 for 1 % less
constexpr std::size_t kFilterCost = 20, kPredictorCost = 60;  // bytes of dictionary

Bytes deflate(ByteView data, int level) {
  z_stream z{};
  if (deflateInit2(&z, level, Z_DEFLATED, 15, 9, Z_FILTERED) != Z_OK) throw std::bad_alloc();
  Bytes out(deflateBound(&z, data.size()));
  z.next_in = const_cast<Bytef*>(data.data());
  z.avail_in = static_cast<uInt>(data.size());  // at most 36 megapixels of 3 bytes
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  ::deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

// One row through PNG filter `type` (ISO/IEC 15948 section 9.2).
void filter_row(int type, ByteView row, ByteView above, std::size_t step, Bytes& out) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const int left = i >= step ? row[i - step] : 0;
    const int up = above.empty() ? 0 : above[i];
    const int corner = i >= step && !above.empty() ? above[i - step] : 0;
    int predicted = 0;
    if (type == 1) predicted = left;
    if (type == 2) predicted = up;
    if (type == 3) predicted = (left + up) / 2;
    if (type == 4) predicted = paeth(left, up, corner);
    out[i] = static_cast<std::uint8_t>(row[i] - predicted);
  }
}

std::uint64_t roughness(const Bytes& row) {
  std::uint64_t sum = 0;
  for (const std::uint8_t byte : row) sum += byte < 128 ? byte : 256U - byte;
  return sum;
}

// Every row with the filter that leaves the smallest residues.
Bytes predict(const ImagePlan& plan, std::size_t row_bytes) {
  const std::size_t step = std::max<std::size_t>(1, static_cast<std::size_t>(plan.components * plan.bits) / 8);
  const std::size_t rows = plan.samples.size() / row_bytes;
  Bytes out;
  out.reserve(plan.samples.size() + rows);
  Bytes best(row_bytes), candidate(row_bytes);
  for (std::size_t y = 0; y < rows; ++y) {
    const ByteView row = ByteView(plan.samples).subspan(y * row_bytes, row_bytes);
    const ByteView above = y == 0 ? ByteView{} : ByteView(plan.samples).subspan((y - 1) * row_bytes, row_bytes);
    std::uint8_t chosen = 0;
    std::uint64_t least = ~std::uint64_t{0};
    for (std::uint8_t type = 0; type <= 4; ++type) {
      filter_row(type, row, above, step, candidate);
      const std::uint64_t cost = roughness(candidate);
      if (cost >= least) continue;
      least = cost;
      chosen = type;
      best.swap(candidate);
    }
    out.push_back(chosen);
    append(out, best);
  }
  return out;
}

std::size_t row_size(const ImagePlan& plan) {
  const auto width = static_cast<std::size_t>(plan.dictionary.get("Width").as_integer().value_or(1));
  return (width * static_cast<std::size_t>(plan.components * plan.bits) + 7) / 8;
}

Dictionary image_dictionary(int width, int height, int bits) {
  return Dictionary{{"Type", Name{"XObject"}},
                    {"Subtype", Name{"Image"}},
                    {"Width", width},
                    {"Height", height},
                    {"BitsPerComponent", bits}};
}

// 1 bit a pixel. In a stencil and in an explicit mask 0 is painted, 1 is masked out (ISO 32000-2 section 8.9.6).
Bytes threshold(const Image& image) {
  const auto width = static_cast<std::size_t>(image.width());
  const std::size_t row_bytes = (width + 7) / 8;
  Bytes bits(row_bytes * static_cast<std::size_t>(image.height()));
  for (std::size_t i = 0; i < image.alpha().size(); ++i) {
    if (image.alpha()[i] >= 128) continue;
    bits[i / width * row_bytes + i % width / 8] |= static_cast<std::uint8_t>(0x80U >> (i % width % 8));
  }
  return bits;
}

// 64 levels: nobody sees a difference of 2 in 255, and a mask is a fifth smaller.
std::uint8_t rounded_alpha(std::uint8_t alpha) {
  const unsigned level = (alpha * 63U + 127) / 255;
  return static_cast<std::uint8_t>((level * 255 + 31) / 63);
}

ImagePlan stencil(const Image& image) {
  ImagePlan plan{image_dictionary(image.width(), image.height(), 1), threshold(image), 1, 1};
  plan.dictionary.set("ImageMask", true);
  return plan;
}

ImagePlan base_of(const Image& image, const ImageRules& rules) {
  ImagePlan plan;
  plan.components = 3;
  if (image.is_one_ink()) {
    const auto byte = [](double v) { return static_cast<std::uint8_t>(std::lround(v * 255)); };
    plan.dictionary = image_dictionary(1, 1, 8);
    plan.samples = {byte(image.ink().r), byte(image.ink().g), byte(image.ink().b)};
  } else {
    plan.dictionary = image_dictionary(image.width(), image.height(), 8);
    plan.samples.assign(image.rgb().begin(), image.rgb().end());
  }
  plan.dictionary.set("ColorSpace", rules.rgb_space);
  return plan;
}

Bytes fingerprint(const ImagePlan& plan) {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  digester.update(as_bytes(serialize(Object(plan.dictionary))));
  digester.update(plan.samples);
  return digester.finish();
}

// A quick pass finds out whether prediction helps, a slower one then takes what can be had. Large pictures get one
// pass.
Stream encode(const ImagePlan& plan) {
  const bool thorough = plan.samples.size() <= kThoroughLimit;
  Bytes predicted = plan.bits == 8 ? predict(plan, row_size(plan)) : Bytes{};
  bool use_prediction = plan.bits == 8;
  if (use_prediction && thorough) {
    use_prediction = deflate(predicted, kQuick).size() + kPredictorCost < deflate(plan.samples, kQuick).size();
  }
  Bytes data = deflate(use_prediction ? predicted : plan.samples, thorough ? kSmall : kQuick);
  Dictionary dictionary = plan.dictionary;
  if (data.size() + kFilterCost >= plan.samples.size()) {
    data = plan.samples;
  } else {
    dictionary.set("Filter", Name{"FlateDecode"});
    if (use_prediction) {
      dictionary.set("DecodeParms", Dictionary{{"Predictor", 15},
                                               {"Colors", plan.components},
                                               {"BitsPerComponent", plan.bits},
                                               {"Columns", plan.dictionary.get("Width")}});
    }
  }
  return Stream{
      std::make_shared<const Dictionary>(std::move(dictionary)), std::make_shared<const Bytes>(std::move(data)), {}};
}

}  // namespace

ImageParts plan_image(const Image& image, const ImageRules& rules) {
  ImageParts parts;
  if (!image.has_transparency()) {
    parts.base = base_of(image, rules);
    return parts;
  }
  if (!rules.soft_masks && image.is_one_ink()) {
    parts.base = stencil(image);
    parts.is_stencil = true;
    return parts;
  }
  parts.base = base_of(image, rules);
  parts.is_soft_mask = rules.soft_masks;
  if (!rules.soft_masks) {
    parts.mask = stencil(image);
    return parts;
  }
  ImagePlan mask{image_dictionary(image.width(), image.height(), 8), {}, 1, 8};
  mask.dictionary.set("ColorSpace", Name{"DeviceGray"});
  mask.samples.reserve(image.alpha().size());
  for (const std::uint8_t alpha : image.alpha()) mask.samples.push_back(rounded_alpha(alpha));
  parts.mask = std::move(mask);
  return parts;
}

Stream encode_image(const ImagePlan& plan) {
  if (plan.samples.size() > kThoroughLimit) return encode(plan);
  static std::mutex mutex;
  static std::deque<std::pair<Bytes, Stream>> recent;  // newest first
  const Bytes key = fingerprint(plan);
  {
    const std::scoped_lock lock(mutex);
    const auto found = std::ranges::find(recent, key, &std::pair<Bytes, Stream>::first);
    if (found != recent.end()) return found->second;
  }
  Stream stream = encode(plan);
  const std::scoped_lock lock(mutex);
  recent.emplace_front(key, stream);
  if (recent.size() > kRemembered) recent.pop_back();
  return stream;
}

}  // namespace kyso::pdf
