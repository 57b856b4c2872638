#include "sheet/xml_events.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <exception>
#include <memory>

#include "sheet/sheet_error.h"

namespace kyso::sheet {
namespace {

constexpr int kMaxDepth = 64;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// What the parser's callbacks work on. Nothing is thrown through the C library: it is kept and thrown again behind it.
struct Reading {
  Reading(ZipArchive::Stream& part, const XmlNamespaces& known, XmlHandler& told)
      : stream(part), namespaces(known), handler(told) {}

  ZipArchive::Stream& stream;
  const XmlNamespaces& namespaces;
  XmlHandler& handler;
  xmlParserCtxtPtr context = nullptr;
  std::optional<Error> error;
  std::exception_ptr exception;
  std::vector<XmlAttribute> attributes;
  // Namespace names are interned by the parser: the last one is known by its address.
  const xmlChar* last_namespace = nullptr;
  bool last_is_known = false;
  int depth = 0;
  bool stopped = false;

  // The parser gets no more bytes and its callbacks no more calls. Not xmlStopParser: it frees the input, which must
  // not happen below a read of it.
  void stop() {
    stopped = true;
    if (context != nullptr) context->disableSAX = 1;
  }
  template <typename F>
  void guarded(F&& call) {
    if (stopped) return;
    try {
      Result<> result = call();
      if (!result) error = std::move(result).error();
    } catch (...) {
      exception = std::current_exception();
    }
    if (error || exception || handler.is_done()) stop();
  }
  std::string_view known_name(const xmlChar* name, const xmlChar* uri) {
    if (uri != last_namespace || uri == nullptr) {
      last_namespace = uri;
      last_is_known = uri != nullptr && (view(uri) == namespaces.first || view(uri) == namespaces.second);
    }
    return last_is_known ? view(name) : std::string_view();
  }
};

Reading& of(void* user) {
  return *static_cast<Reading*>(user);
}

void on_start(void* user, const xmlChar* name, const xmlChar*, const xmlChar* uri, int, const xmlChar**, int count, int,
              const xmlChar** values) {
  Reading& reading = of(user);
  reading.guarded([&]() -> Result<> {
    if (++reading.depth > kMaxDepth) return malformed(reading.stream.name() + ": nested too deeply");
    reading.attributes.clear();
    // Five pointers for each: local name, prefix, namespace, begin and end of the value.
    for (int i = 0; i < count; ++i, values += 5)
      reading.attributes.push_back(
          {view(values[0]),
           values[2] != nullptr,
           {reinterpret_cast<const char*>(values[3]), static_cast<std::size_t>(values[4] - values[3])}});
    return reading.handler.start({reading.known_name(name, uri), reading.attributes});
  });
}

void on_end(void* user, const xmlChar* name, const xmlChar*, const xmlChar* uri) {
  Reading& reading = of(user);
  reading.guarded([&] {
    --reading.depth;
    return reading.handler.end(reading.known_name(name, uri));
  });
}

void on_text(void* user, const xmlChar* text, int size) {
  Reading& reading = of(user);
  reading.guarded(
      [&] { return reading.handler.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)}); });
}

// Told before anything of the document type is read: parts must not have one (ISO/IEC 29500-2 section 6.2.5).
void on_document_type(void* user, const xmlChar*, const xmlChar*, const xmlChar*) {
  Reading& reading = of(user);
  reading.guarded([&]() -> Result<> { return malformed(reading.stream.name() + ": document type"); });
}

void on_message(void*, xmlErrorPtr) {}  // the context keeps the last one

int on_read(void* user, char* buffer, int size) {
  Reading& reading = of(user);
  int got = -1;
  reading.guarded([&]() -> Result<> {
    got = static_cast<int>(KYSO_TRY(
        reading.stream.read({reinterpret_cast<std::uint8_t*>(buffer), static_cast<std::size_t>(std::max(size, 0))})));
    return {};
  });
  return got;
}

xmlSAXHandler callbacks() {
  xmlSAXHandler sax{};
  sax.initialized = XML_SAX2_MAGIC;
  sax.startElementNs = on_start;
  sax.endElementNs = on_end;
  sax.characters = on_text;
  sax.cdataBlock = on_text;
  sax.internalSubset = on_document_type;
  sax.serror = on_message;
  return sax;
}

struct FreeContext {
  void operator()(xmlParserCtxtPtr context) const { ::xmlFreeParserCtxt(context); }
};

}  // namespace

std::optional<std::string_view> XmlElement::find(std::string_view attribute, bool is_qualified) const {
  for (const XmlAttribute& a : attributes)
    if (a.is_qualified == is_qualified && a.name == attribute) return a.value;
  return std::nullopt;
}

bool XmlElement::is_true(std::string_view attribute) const {
  const std::string_view text = value(attribute);
  return text == "1" || text == "true";
}

Result<> read_xml(ZipArchive::Stream& stream, const XmlNamespaces& namespaces, XmlHandler& handler) {
  [[maybe_unused]] static const bool ready = (::xmlInitParser(), true);
  Reading reading(stream, namespaces, handler);
  xmlSAXHandler sax = callbacks();
  const std::unique_ptr<xmlParserCtxt, FreeContext> context(
      ::xmlCreateIOParserCtxt(&sax, &reading, on_read, nullptr, &reading, XML_CHAR_ENCODING_NONE));
  if (context == nullptr) return reading.error ? *std::move(reading.error) : malformed(stream.name() + ": no XML");
  reading.context = context.get();
  ::xmlCtxtUseOptions(context.get(), XML_PARSE_NONET);
  ::xmlParseDocument(context.get());
  if (reading.exception) std::rethrow_exception(reading.exception);
  if (reading.error) return *std::move(reading.error);
  if (handler.is_done()) return {};
  // The parser's own words may hold text of the file: number and line are enough.
  if (context->wellFormed == 0 || context->nsWellFormed == 0)
    return malformed(fmt::format("{}: line {}: XML error {}", stream.name(), context->lastError.line, context->errNo));
  return {};
}

}  // namespace kyso::sheet
