#include "pdf/file/filters.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "pdf/file/predictor.h"

namespace kyso::pdf {

namespace {

Error too_large(std::size_t limit) {
  return fail("pdf.limit", "more than {} bytes", limit).with("limit", "decoded_stream");
}

bool is_white(std::uint8_t c) {
  return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

// Grows `out` for the next piece; never beyond limit + 1, so that the excess is noticed.
void grow(Bytes& out, std::size_t used, std::size_t limit) {
  const std::size_t wanted = std::max<std::size_t>(used + used / 2, used + 4096);
  out.resize(std::min(wanted, limit + 1));
}

Result<Bytes> inflate_all(ByteView data, std::size_t limit) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return fail("pdf.stream.broken", "inflateInit");
  struct Cleanup {
    z_stream* stream;
    ~Cleanup() { inflateEnd(stream); }
  } cleanup{&stream};
  Bytes out(std::min(limit + 1, std::max<std::size_t>(data.size() * 4, 1024)));
  std::size_t used = 0;
  int status = Z_OK;
  stream.next_in = const_cast<Bytef*>(data.data());
  std::size_t left = data.size();
  while (status == Z_OK) {
    if (used == out.size()) grow(out, used, limit);
    const auto input = static_cast<uInt>(std::min<std::size_t>(left, 1U << 30U));
    const auto space = static_cast<uInt>(std::min<std::size_t>(out.size() - used, 1U << 30U));
    stream.avail_in = input;
    stream.next_out = out.data() + used;
    stream.avail_out = space;
    status = inflate(&stream, Z_NO_FLUSH);
    left -= input - stream.avail_in;
    used += space - stream.avail_out;
    if (used > limit) return too_large(limit);
    if (status == Z_BUF_ERROR && left > 0 && stream.avail_out == 0) status = Z_OK;
  }
  if (used == 0 && status != Z_STREAM_END && !data.empty()) {
    return fail("pdf.stream.broken", "inflate: {}", stream.msg != nullptr ? stream.msg : "no data");
  }
  out.resize(used);
  return out;
}

// ISO 32000-2 section 7.4.4.2. Codes of 9 to 12 bits, most significant bit first.
class LzwDecoder {
 public:
  LzwDecoder(ByteView data, std::size_t limit, bool early) : m_data(data), m_limit(limit), m_early(early ? 1 : 0) {}

  Result<Bytes> run() {
    unsigned previous = kNone;
    for (;;) {
      const unsigned code = next_code();
      if (code == kNone || code == kEnd) break;
      if (code == kClear) {
        m_count = kFirst;
        m_width = 9;
        previous = kNone;
        continue;
      }
      if (previous == kNone ? code >= 256 : code > m_count) {  // damaged: keep what there is
        if (m_out.empty()) return fail("pdf.stream.broken", "LZW code {}", code);
        break;
      }
      if (!emit(code)) return too_large(m_limit);
      if (previous != kNone) extend();
      previous = code;
    }
    return std::move(m_out);
  }

 private:
  static constexpr unsigned kClear = 256, kEnd = 257, kFirst = 258, kNone = 0xFFFF, kTable = 4096;

  // Each entry of the table is a piece of the output, so that writing one is a copy.
  struct Entry {
    std::size_t start = 0;
    std::uint32_t length = 0;
  };

  unsigned next_code() {
    while (m_bits < m_width) {
      if (m_position >= m_data.size()) return kNone;
      m_buffer = (m_buffer << 8U) | m_data[m_position++];
      m_bits += 8;
    }
    m_bits -= m_width;
    return static_cast<unsigned>((m_buffer >> m_bits) & ((1U << m_width) - 1));
  }

  bool emit(unsigned code) {
    const std::size_t start = m_out.size();
    if (code < 256) {
      m_out.push_back(static_cast<std::uint8_t>(code));
    } else if (code < m_count) {
      copy(m_table[code]);
    } else {  // the entry about to be made: the previous piece and its first byte
      copy(m_last);
      m_out.push_back(m_out[start]);
    }
    m_before = m_last;
    m_last = {start, static_cast<std::uint32_t>(m_out.size() - start)};
    return m_out.size() <= m_limit;
  }

  void copy(Entry piece) {
    const std::size_t at = m_out.size();
    m_out.resize(at + piece.length);
    std::copy_n(m_out.begin() + static_cast<std::ptrdiff_t>(piece.start), piece.length,
                m_out.begin() + static_cast<std::ptrdiff_t>(at));
  }

  // The new entry is the previous piece and the first byte of what followed it: they stand side by side in the output.
  void extend() {
    if (m_count >= kTable) return;
    m_table[m_count++] = {m_before.start, m_before.length + 1};
    if (m_count + m_early >= (1U << m_width) && m_width < 12) ++m_width;
  }

  ByteView m_data;
  std::size_t m_limit;
  unsigned m_early;
  Bytes m_out;
  std::size_t m_position = 0;
  std::uint32_t m_buffer = 0;
  unsigned m_bits = 0, m_width = 9, m_count = kFirst;
  Entry m_last, m_before;
  std::array<Entry, kTable> m_table{};
};

Result<Bytes> decode_ascii_hex(ByteView data, std::size_t limit) {
  Bytes out;
  int high = -1;
  for (const std::uint8_t c : data) {
    if (c == '>') break;
    if (is_white(c)) continue;
    const int value = c >= '0' && c <= '9'                     ? c - '0'
                      : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                               : -1;
    if (value < 0) return fail("pdf.stream.broken", "ASCIIHex: byte {}", c);
    if (high >= 0) out.push_back(static_cast<std::uint8_t>(high * 16 + value));
    high = high >= 0 ? -1 : value;
    if (out.size() > limit) return too_large(limit);
  }
  if (high >= 0) out.push_back(static_cast<std::uint8_t>(high * 16));
  return out;
}

Result<Bytes> decode_ascii_85(ByteView data, std::size_t limit) {
  Bytes out;
  std::uint32_t group = 0;
  unsigned count = 0;
  const auto write = [&](std::uint32_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (24 - 8 * i)));
  };
  for (std::size_t i = 0; i < data.size() && data[i] != '~'; ++i) {
    const std::uint8_t c = data[i];
    if (is_white(c)) continue;
    if (out.size() > limit) return too_large(limit);
    if (c == 'z' && count == 0) {
      write(0, 4);
      continue;
    }
    if (c == '<' && i + 1 < data.size() && data[i + 1] == '~') {  // the mark of PostScript, harmless
      ++i;
      continue;
    }
    if (c < '!' || c > 'u') return fail("pdf.stream.broken", "ASCII85: byte {}", c);
    group = group * 85 + (c - '!');
    if (++count < 5) continue;
    write(group, 4);
    group = 0;
    count = 0;
  }
  if (count > 1) {
    for (unsigned i = count; i < 5; ++i) group = group * 85 + 84;
    write(group, count - 1);
  }
  if (out.size() > limit) return too_large(limit);
  return out;
}

Result<Bytes> decode_run_length(ByteView data, std::size_t limit) {
  Bytes out;
  for (std::size_t i = 0; i < data.size();) {
    const unsigned length = data[i++];
    if (length == 128) break;
    if (length < 128) {
      const std::size_t count = std::min<std::size_t>(length + 1, data.size() - i);
      append(out, data.subspan(i, count));
      i += count;
    } else if (i < data.size()) {
      out.insert(out.end(), 257 - length, data[i++]);
    }
    if (out.size() > limit) return too_large(limit);
  }
  return out;
}

}  // namespace

FilterParameters FilterParameters::of(const Dictionary* dictionary) {
  FilterParameters parameters;
  if (dictionary == nullptr) return parameters;
  const auto take = [&](std::string_view key, std::int64_t& value) {
    value = dictionary->get(key).as_integer().value_or(value);
  };
  take("Predictor", parameters.predictor);
  take("Colors", parameters.colors);
  take("BitsPerComponent", parameters.bits_per_component);
  take("Columns", parameters.columns);
  take("EarlyChange", parameters.early_change);
  return parameters;
}

bool is_supported(std::string_view filter) {
  constexpr std::array<std::string_view, 11> kSupported = {"FlateDecode",     "Fl",  "LZWDecode",     "LZW",
                                                           "ASCIIHexDecode",  "AHx", "ASCII85Decode", "A85",
                                                           "RunLengthDecode", "RL",  "Crypt"};
  return std::ranges::find(kSupported, filter) != kSupported.end();
}

Result<Bytes> decode_filter(const FilterStep& step, ByteView data, std::size_t limit) {
  const std::string_view name = step.name;
  if (name == "FlateDecode" || name == "Fl") {
    return inflate_all(data, limit).and_then([&](Bytes bytes) {
      return undo_predictor(std::move(bytes), step.parameters);
    });
  }
  if (name == "LZWDecode" || name == "LZW") {
    return LzwDecoder(data, limit, step.parameters.early_change != 0).run().and_then([&](Bytes bytes) {
      return undo_predictor(std::move(bytes), step.parameters);
    });
  }
  if (name == "ASCIIHexDecode" || name == "AHx") return decode_ascii_hex(data, limit);
  if (name == "ASCII85Decode" || name == "A85") return decode_ascii_85(data, limit);
  if (name == "RunLengthDecode" || name == "RL") return decode_run_length(data, limit);
  if (name == "Crypt") return Bytes(data.begin(), data.end());
  return fail("pdf.filter.unsupported").with("filter", name);
}

Result<Bytes> decode_filters(const std::vector<FilterStep>& steps, ByteView data, std::size_t limit) {
  if (steps.empty()) {
    if (data.size() > limit) return too_large(limit);
    return Bytes(data.begin(), data.end());
  }
  Bytes bytes;
  for (const FilterStep& step : steps) {
    bytes = KYSO_TRY(decode_filter(step, data, limit));
    data = bytes;
  }
  return bytes;
}

}  // namespace kyso::pdf
