#include <fmt/format.h>

#include <algorithm>

#include "audit/verify_state.h"
#include "base/file.h"
#include "json/json.h"
#include "pki/time_stamp.h"

namespace kyso::audit {
namespace {

constexpr std::size_t kMaxFile = 32U << 20U;

std::size_t width_of(std::uint64_t number, std::uint64_t size) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(kTileWidth, size - number * kTileWidth));
}

Result<Checkpoint> open_with(const std::vector<crypto::Certificate>& keys, std::string_view note) {
  Result<Checkpoint> opened = fail("audit.checkpoint.signature");
  for (const crypto::Certificate& key : keys) {
    opened = open_note(note, key.public_key());
    if (opened || opened.error().code != "audit.checkpoint.signature") break;
  }
  return opened;
}

// Level by level: the leaves make the tiles of level 0, full tiles those above.
Result<> check_tiles(VerifyState& state, std::uint64_t size) {
  Bytes level_hashes;  // of all full tiles of the level below
  std::size_t level = 0;
  for (std::uint64_t count = size; count > 0; count /= kTileWidth, ++level) {
    Bytes above;
    for (std::uint64_t number = 0; number * kTileWidth < count; ++number) {
      const std::size_t width = width_of(number, count);
      const std::string path = tile_path(std::to_string(level), number, width);
      Bytes hashes;
      if (level == 0) {
        const auto entries = read_entries(state.options.folder, number, width);
        if (!entries) {
          state.problem("audit.entries.missing", tile_path("entries", number, width),
                        std::string(entries.error().code));
          return {};
        }
        for (const std::string& leaf : *entries) {
          append(hashes, leaf_hash(as_bytes(leaf)));
          follow(state, leaf, state.report.leaves++);
        }
        if (state.options.progress) state.options.progress(state.report.leaves, size);
      } else {
        const ByteView all = level_hashes;
        const ByteView part = all.subspan(number * kTileWidth * kHashSize, width * kHashSize);
        hashes.assign(part.begin(), part.end());
      }
      const Result<Bytes> stored = read_file(state.options.folder / path, kMaxFile);
      if (!stored)
        state.problem("audit.tile.missing", path);
      else if (*stored != hashes)
        state.problem("audit.tile.changed", path);
      if (width == kTileWidth) append(above, fold(hashes));
    }
    level_hashes = std::move(above);
  }
  return {};
}

// Recomputed from the leaves: what the files of hashes say is compared above, not believed here.
class Leaves {
 public:
  explicit Leaves(const std::filesystem::path& folder, std::uint64_t size) : m_folder(folder), m_size(size) {}
  Result<Bytes> operator()(std::size_t level, std::uint64_t number) {
    const auto found = m_known.find({level, number});
    if (found != m_known.end()) return found->second;
    Bytes out;
    if (level == 0) {
      for (const std::string& leaf : KYSO_TRY(read_entries(m_folder, number, width_of(number, m_size))))
        append(out, leaf_hash(as_bytes(leaf)));
    } else {
      for (std::uint64_t i = number * kTileWidth; i < (number + 1) * kTileWidth; ++i) {
        if (((i + 1) << (kTileHeight * level)) > m_size) break;
        append(out, fold(KYSO_TRY((*this)(level - 1, i))));
      }
    }
    return m_known.emplace(std::pair(level, number), std::move(out)).first->second;
  }

 private:
  const std::filesystem::path& m_folder;
  std::uint64_t m_size;
  std::map<std::pair<std::size_t, std::uint64_t>, Bytes> m_known;
};

void check_time_stamp(VerifyState& state, const std::filesystem::path& note_path, ByteView note) {
  const Result<Bytes> token = read_file(note_path.string() + ".tst", kMaxFile);
  const std::string place = note_path.filename().string();
  if (!token) return;
  // The imprint may be of any digest that the token names.
  const Result<pki::TimeStampToken> parsed = pki::parse_token(*token);
  if (!parsed) return state.problem("audit.time_stamp.invalid", place, std::string(parsed.error().code));
  if (crypto::digest(parsed->algorithm, note) != parsed->imprint) return state.problem("audit.time_stamp.other", place);
  const auto& authorities = state.options.authorities;
  const bool is_known = authorities.empty() || std::ranges::any_of(authorities, [&](const crypto::Certificate& known) {
                          return known.sha256() == parsed->authority.sha256();
                        });
  if (!is_known) return state.problem("audit.time_stamp.authority", place, parsed->authority.subject_text());
  ++state.report.time_stamps;
  state.report.newest_time_stamp = std::max(state.report.newest_time_stamp.value_or(parsed->time), parsed->time);
}

Result<> check_history(VerifyState& state, MerkleTree& tree) {
  std::error_code error;
  std::vector<std::filesystem::path> notes;
  for (const auto& entry : std::filesystem::directory_iterator(state.options.folder / "checkpoints", error))
    if (entry.path().extension().empty()) notes.push_back(entry.path());
  std::ranges::sort(notes);
  if (notes.empty()) state.problem("audit.checkpoint.missing", "checkpoints");
  bool has_newest = false;
  for (const std::filesystem::path& path : notes) {
    const std::string place = path.filename().string();
    const Result<Bytes> note = read_file(path, kMaxFile);
    const Result<Checkpoint> checkpoint =
        note ? open_with(state.options.keys, as_chars(*note)) : Result<Checkpoint>(note.error());
    if (!checkpoint) {
      state.problem(checkpoint.error().code, place);
      continue;
    }
    ++state.report.checkpoints;
    has_newest = has_newest || *checkpoint == state.report.checkpoint;
    if (checkpoint->origin != state.report.checkpoint.origin)
      state.problem("audit.checkpoint.origin", place, checkpoint->origin);
    if (checkpoint->size > tree.size()) {
      state.problem("audit.log.cut", place, fmt::format("{} > {}", checkpoint->size, tree.size()));
      continue;
    }
    const Result<Bytes> root = tree.root_of(checkpoint->size);
    if (!root || *root != checkpoint->root) state.problem("audit.checkpoint.root", place);
    check_time_stamp(state, path, *note);
  }
  if (!has_newest) state.problem("audit.checkpoint.missing", fmt::format("{:012}", state.report.checkpoint.size));
  return {};
}

}  // namespace

Result<std::vector<std::string>> read_entries(const std::filesystem::path& folder, std::uint64_t number,
                                              std::size_t width) {
  const Bytes bundle = KYSO_TRY(read_file(folder / tile_path("entries", number, width), kMaxFile));
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bundle.size();) {
    if (bundle.size() - at < 2) return fail("audit.entry.malformed");
    const std::size_t length = static_cast<std::size_t>(bundle[at]) << 8U | bundle[at + 1];
    if (bundle.size() - at - 2 < length) return fail("audit.entry.malformed");
    out.emplace_back(as_chars(ByteView(bundle).subspan(at + 2, length)));
    at += 2 + length;
  }
  if (out.size() != width) return fail("audit.entry.malformed");
  return out;
}

void follow(VerifyState& state, const std::string& leaf, std::uint64_t index) {
  const Result<json::Value> event = json::parse(leaf);
  if (!event) return state.problem("audit.entry.malformed", std::to_string(index));
  const auto text = [&](const json::Value& from, std::string_view name) -> std::string {
    const json::Value* member = from.find(name);
    return member != nullptr ? std::string(member->as_string().value_or("")) : std::string();
  };
  const std::string kind = text(*event, "kind");
  if (!kind.starts_with("certificate.")) return;
  static const std::map<std::string, std::string, std::less<>> kStates = {
      {"certificate.prepared", "waiting"}, {"certificate.issued", "good"},
      {"certificate.recovered", "good"},   {"certificate.suspended", "suspended"},
      {"certificate.released", "good"},    {"certificate.revoked", "revoked"},
      {"certificate.void", "void"}};
  const auto known = kStates.find(kind);
  if (known == kStates.end()) return;
  LoggedCertificate& certificate = state.certificates[text(*event, "subject")];
  // A certificate that was revoked while it waited stays so when its bytes arrive.
  const bool is_issue = kind == "certificate.issued" || kind == "certificate.recovered";
  if (!is_issue || certificate.state.empty() || certificate.state == "waiting") certificate.state = known->second;
  if (const json::Value* details = event->find("details"))
    if (std::string sha256 = text(*details, "sha256"); !sha256.empty()) certificate.sha256 = std::move(sha256);
}

Result<> verify_files(VerifyState& state) {
  const Bytes note = KYSO_TRY(read_file(state.options.folder / "checkpoint", kMaxFile));
  Result<Checkpoint> checkpoint = open_with(state.options.keys, as_chars(note));
  if (!checkpoint) {
    state.problem(checkpoint.error().code, "checkpoint");
    return {};
  }
  state.report.checkpoint = *checkpoint;
  if (!state.options.origin.empty() && checkpoint->origin != state.options.origin)
    state.problem("audit.checkpoint.origin", "checkpoint", checkpoint->origin);
  KYSO_TRY(check_tiles(state, checkpoint->size));
  MerkleTree tree(checkpoint->size, Leaves(state.options.folder, checkpoint->size));
  const Result<Bytes> root = tree.root();
  if (!root || *root != checkpoint->root) state.problem("audit.checkpoint.root", "checkpoint");
  if (const std::optional<Checkpoint>& known = state.options.known) {
    const Result<Bytes> then = known->size <= tree.size() ? tree.root_of(known->size) : fail("audit.range");
    if (!then || *then != known->root)
      state.problem("audit.log.forked", fmt::format("{}", known->size), "the kept checkpoint is no part of this log");
  }
  return check_history(state, tree);
}

}  // namespace kyso::audit
