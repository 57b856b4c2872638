#include <algorithm>
#include <memory>

#include "pdf/update/incremental_writer.h"

namespace kyso::pdf {

namespace {

constexpr std::size_t kPiece = 256U << 10U;

// Copies the source to the output, and through the digest when there is one: one reading pass, one buffer.
Result<> copy_source(const Source& source, crypto::Digester* digester, OutputFile& out) {
  if (const auto all = source.whole()) {
    if (digester != nullptr) digester->update(*all);
    KYSO_TRY(out.write(*all));
    return source.check_unchanged();
  }
  const auto memory = std::make_unique_for_overwrite<std::uint8_t[]>(kPiece);
  const std::span<std::uint8_t> buffer(memory.get(), kPiece);
  for (std::uint64_t offset = 0; offset < source.size();) {
    const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, source.size() - offset));
    const std::size_t got = KYSO_TRY(source.read(offset, buffer.first(want)));
    if (got == 0) return fail("pdf.file.changed");
    const ByteView piece = ByteView(buffer).first(got);
    if (digester != nullptr) digester->update(piece);
    KYSO_TRY(out.write(piece));
    offset += got;
  }
  return source.check_unchanged();
}

}  // namespace

Result<Bytes> write_signed_revision(const Source& source, const IncrementalWriter::Appendix& appendix,
                                    crypto::DigestAlgorithm algorithm, OutputFile& out) {
  if (!appendix.slot) return fail("base.internal", "no signature in this revision");
  crypto::Digester digester(algorithm);
  KYSO_TRY(copy_source(source, &digester, out));
  const auto range = appendix.slot->byte_range();
  const ByteView bytes = appendix.bytes;
  digester.update(bytes.first(range[1] - source.size()));
  digester.update(bytes.subspan(range[2] - source.size()));
  KYSO_TRY(out.write(bytes));
  return digester.finish();
}

Result<> write_revision(const Source& source, const IncrementalWriter::Appendix& appendix, OutputFile& out) {
  if (source.descriptor() >= 0) {
    KYSO_TRY(out.append_from(source.descriptor(), 0, source.size()));
  } else {
    KYSO_TRY(copy_source(source, nullptr, out));
  }
  return out.write(appendix.bytes);
}

}  // namespace kyso::pdf
