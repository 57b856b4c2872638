#pragma once
#include <optional>
#include <string>
#include <vector>

#include "registry/organisation/tree.h"

// Seal images: each belongs to an organisation for a period.
namespace kyso::registry {

struct Seal {
  std::string id, organisation;
  Instant valid_from{};
  std::optional<Instant> valid_to;  // the first moment after it
  double diameter_mm = 0;
  std::int64_t width = 0, height = 0;  // pixels
};

inline constexpr std::size_t kMaxSealFile = 2U << 20U;

struct NewSeal {
  std::string organisation;
  Bytes png;
  double diameter_mm = 0;
  Instant valid_from{};
  std::optional<Instant> valid_to;
};
// The former one ends where this one begins. Only what draws is kept of the file (no text, no times, nothing behind its
// end). registry.organisation.seal {reason}, .seal_period (another one begins within the period), .missing,
// registry.input.missing, and pdf.image.*.
Result<Seal> add_seal(db::Transaction& transaction, const NewSeal& seal, const ChangeBy& by);
Result<std::vector<Seal>> seals_of(db::Transaction& transaction, const std::string& organisation);
// The image of the seal that was in use on a day; nullopt: there was none.
struct SealImage {
  Seal seal;
  Bytes png;
};
Result<std::optional<SealImage>> seal_at(db::Transaction& transaction, const std::string& organisation, Instant at);

// A PNG file with its drawing parts only (IHDR, PLTE, tRNS, IDAT, IEND; ISO/IEC 15948).
Result<Bytes> drawing_parts_of_png(ByteView file);

}  // namespace kyso::registry
