#include "verify/changes/xmp.h"

#include <fmt/format.h>

#include "base/test_support.h"

namespace kyso::verify {
namespace {

constexpr std::string_view kSpaces =
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:xmp='http://ns.adobe.com/xap/1.0/' "
    "xmlns:pdf='http://ns.adobe.com/pdf/1.3/' xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:e='http://example.com/'";

std::string packet(std::string_view descriptions) {
  return fmt::format(
      "<?xpacket begin='\xEF\xBB\xBF' id='W5M0'?>\n<x:xmpmeta xmlns:x='adobe:ns:meta/'>"
      "<rdf:RDF {}>{}</rdf:RDF></x:xmpmeta>\n   \n<?xpacket end='w'?>",
      kSpaces, descriptions);
}
std::string described(std::string_view properties, std::string_view attributes = {}) {
  return packet(fmt::format("<rdf:Description rdf:about='' {}>{}</rdf:Description>", attributes, properties));
}
std::vector<XmpProperty> read(const std::string& text) {
  const auto properties = read_xmp(text);
  REQUIRE(properties.has_value());
  return *properties;
}

TEST_CASE("what every program renews says nothing") {
  CHECK(read("").empty());
  CHECK(read("\n  ").empty());
  CHECK(read(described("<xmp:ModifyDate>2026-01-01</xmp:ModifyDate><xmp:MetadataDate>x</xmp:MetadataDate>"
                       "<xmpMM:InstanceID>uuid:1</xmpMM:InstanceID><xmpMM:VersionID>2</xmpMM:VersionID>"
                       "<xmpMM:History><rdf:Seq><rdf:li>saved</rdf:li></rdf:Seq></xmpMM:History>",
                       "pdf:Producer='signer'"))
            .empty());
  const auto rest = read(described("<xmp:CreatorTool>Writer</xmp:CreatorTool><xmp:CreateDate>2026</xmp:CreateDate>"));
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].text == "CreateDate: 2026");
  CHECK(rest[1].text == "CreatorTool: Writer");
}

TEST_CASE("the same properties in other words") {
  const auto title = read(described("<dc:title>A &amp; B</dc:title><e:x>1</e:x>"));
  CHECK(title == read(described("", "e:x='1' dc:title='A &#38; B'")));
  CHECK(title == read(packet("<rdf:Description rdf:about='' e:x=\"1\"/><!-- two of them --><rdf:Description>"
                             "<t:title xmlns:t='http://purl.org/dc/elements/1.1/'> A &#x26; B </t:title>"
                             "</rdf:Description>")));
  CHECK(title == read(described("<e:x><![CDATA[1]]></e:x><dc:title>A &amp; B</dc:title>")));
  const auto structure = read(described("<e:s rdf:parseType='Resource'><e:a>1</e:a><e:b>2</e:b></e:s>"));
  CHECK(structure == read(described("<e:s><rdf:Description><e:b>2</e:b><e:a>1</e:a></rdf:Description></e:s>")));
  CHECK(structure == read(described("<e:s e:a='1' e:b='2'/>")));
}

TEST_CASE("other values are others") {
  const auto array = [](std::string_view kind, std::string_view items) {
    return read(described(fmt::format("<dc:creator><rdf:{0}>{1}</rdf:{0}></dc:creator>", kind, items)));
  };
  const auto authors = array("Seq", "<rdf:li>A</rdf:li><rdf:li>B</rdf:li>");
  CHECK(authors.front().text == "creator: A, B");
  CHECK(authors != array("Seq", "<rdf:li>B</rdf:li><rdf:li>A</rdf:li>"));
  CHECK(authors != array("Bag", "<rdf:li>A</rdf:li><rdf:li>B</rdf:li>"));
  CHECK(authors != array("Seq", "<rdf:li>A</rdf:li>"));
  CHECK(authors != array("Seq", "<rdf:li>A</rdf:li><rdf:li xml:lang='vi'>B</rdf:li>"));
  CHECK(read(described("<e:a>1</e:a>")) != read(described("<dc:a>1</dc:a>")));
  CHECK(read(described("<e:a>1</e:a>")) != read(described("<e:a><e:a>1</e:a></e:a>")));
  // A prefix of a well-known name that stands for something else.
  CHECK(read(described("", "xmlns:xmp='http://purl.org/dc/elements/1.1/' xmp:ModifyDate='title'")).size() == 1);
  CHECK(read(packet("<rdf:Description rdf:about='uuid:other'/>")).size() == 1);
}

TEST_CASE("what is no XMP can't be compared") {
  for (const std::string& text : {
           std::string("<a>"),
           std::string("text"),
           std::string("<a/>"),
           packet("<rdf:Description>"),
           packet("<rdf:Bag/>"),
           packet("text"),
           packet("<rdf:Description>text</rdf:Description>"),
           described("<dc:title>&unknown;</dc:title>"),
           described("<dc:title>&#0x;</dc:title>"),
           described("<dc:title>&#xD800;</dc:title>"),
           described("<none:title/>"),
           described("", "e:x='1' e:x='2'"),
           described("", "e:x=1"),
           described("<dc:title></dc:other>"),
           "<!DOCTYPE a [<!ENTITY b 'c'>]>" + packet(""),
           packet("") + packet(""),
           std::string("<!--"),
           std::string("<?"),
           std::string("<a b='"),
           std::string("\xFF<a/>"),
       }) {
    CAPTURE(text);
    CHECK(!read_xmp(text));
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<e:a>";
  CHECK(!read_xmp(deep));
  std::string many;
  for (int i = 0; i < 200'000; ++i) many += "<e:a/>";
  CHECK(!read_xmp(described(many)));
}

}  // namespace
}  // namespace kyso::verify
