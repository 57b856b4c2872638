#include "registry/organisation/seals.h"

#include <algorithm>
#include <cmath>

#include "crypto/password.h"
#include "pdf/drawing/appearance.h"
#include "registry/organisation/change_record.h"
#include "registry/organisation/store.h"

namespace kyso::registry {
namespace {

constexpr int kMinSide = 100, kMaxSide = 4'000;
constexpr double kMinDiameter = 10, kMaxDiameter = 80;  // Decree 99/2016/NĐ-CP and its circular: 36 mm as a rule

Error refuse(std::string_view reason) {
  return fail("registry.organisation.seal").with("reason", reason);
}

Seal seal_of(const store::SealRow& row) {
  Seal out{row.id,    row.organisation, row.from, std::nullopt, static_cast<double>(row.diameter_um) / 1000,
           row.width, row.height};
  if (row.to < kForever) out.valid_to = row.to;
  return out;
}

// The seals that are there end where the new one begins, or stand in its way.
Result<> make_room(db::Transaction& transaction, const NewSeal& seal, Instant to) {
  for (const store::SealRow& row : KYSO_TRY(store::seals(transaction, seal.organisation))) {
    if (row.from >= to || row.to <= seal.valid_from) continue;
    if (row.from >= seal.valid_from) return fail("registry.organisation.seal_period");
    KYSO_TRY(store::end_seal(transaction, row.id, seal.valid_from));
  }
  return {};
}

}  // namespace

Result<Bytes> drawing_parts_of_png(ByteView file) {
  constexpr std::size_t kSignature = 8, kAround = 12;  // length, type and CRC of a chunk
  if (file.size() < kSignature) return refuse("PNG");
  Bytes out(file.begin(), file.begin() + kSignature);
  std::size_t at = kSignature;
  while (file.size() - at >= kAround) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8U | file[at + i];
    if (length > file.size() - at - kAround) break;
    const ByteView chunk = file.subspan(at, length + kAround);
    const std::string_view type = as_chars(chunk.subspan(4, 4));
    const bool draws = type == "IHDR" || type == "PLTE" || type == "tRNS" || type == "IDAT" || type == "IEND";
    if (draws) out.insert(out.end(), chunk.begin(), chunk.end());
    if (type == "IEND") return out;
    at += chunk.size();
  }
  return refuse("PNG");
}

Result<Seal> add_seal(db::Transaction& transaction, const NewSeal& seal, const ChangeBy& by) {
  if (seal.png.size() > kMaxSealFile) return refuse("2 MB");
  if (!std::isfinite(seal.diameter_mm) || seal.diameter_mm < kMinDiameter || seal.diameter_mm > kMaxDiameter)
    return refuse("10–80 mm");
  const pdf::Image image = KYSO_TRY(pdf::Image::from_png(seal.png));
  if (std::min(image.width(), image.height()) < kMinSide || std::max(image.width(), image.height()) > kMaxSide)
    return refuse("100–4000 px");
  if (std::max(image.width(), image.height()) > 2 * std::min(image.width(), image.height())) return refuse("1:2");
  const Bytes png = KYSO_TRY(drawing_parts_of_png(seal.png));
  KYSO_TRY(pdf::Image::from_png(png));

  NewSeal order = seal;
  order.valid_from = day_start(seal.valid_from);
  const Instant to = seal.valid_to ? day_start(*seal.valid_to) : kForever;
  if (order.valid_from >= to) return fail("registry.organisation.seal_period");
  KYSO_TRY(Organisations::find_last(transaction, seal.organisation, order.valid_from));
  KYSO_TRY(make_room(transaction, order, to));
  const store::SealRow row{
      crypto::random_uuid(), seal.organisation, order.valid_from, to, std::llround(seal.diameter_mm * 1000),
      image.width(),         image.height()};
  KYSO_TRY(store::add_seal(transaction, row, png, by.now));
  KYSO_TRY(audit_organisation(transaction, "seal_added", seal.organisation, by));
  return seal_of(row);
}

Result<std::vector<Seal>> seals_of(db::Transaction& transaction, const std::string& organisation) {
  std::vector<Seal> out;
  for (const store::SealRow& row : KYSO_TRY(store::seals(transaction, organisation))) out.push_back(seal_of(row));
  return out;
}

Result<std::optional<SealImage>> seal_at(db::Transaction& transaction, const std::string& organisation, Instant at) {
  for (const store::SealRow& row : KYSO_TRY(store::seals(transaction, organisation))) {
    if (row.from > at || row.to <= at) continue;
    auto png = KYSO_TRY(store::seal_image(transaction, row.id));
    if (png) return std::optional(SealImage{seal_of(row), *std::move(png)});
  }
  return std::optional<SealImage>();
}

}  // namespace kyso::registry
