#include "pdf/text_encoding.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace kyso::pdf {
namespace {

// Windows code page 1252, 0x80 to 0x9F; unused codes show a bullet (ISO 32000-2 Annex D.2, note 3).
constexpr std::array<char16_t, 32> kWinAnsiC1 = {0x20AC, 0x2022, 0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                                 0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x2022, 0x17D,  0x2022,
                                                 0x2022, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x2022, 0x17E,  0x178};
constexpr std::array<char16_t, 128> kMacRomanHigh = {
    0xC4,  0xC5,   0xC7,   0xC9,   0xD1,   0xD6,   0xDC,   0xE1,   0xE0,   0xE2,   0xE4, 0xE3,   0xE5,
    0xE7,  0xE9,   0xE8,   0xEA,   0xEB,   0xED,   0xEC,   0xEE,   0xEF,   0xF1,   0xF3, 0xF2,   0xF4,
    0xF6,  0xF5,   0xFA,   0xF9,   0xFB,   0xFC,   0x2020, 0xB0,   0xA2,   0xA3,   0xA7, 0x2022, 0xB6,
    0xDF,  0xAE,   0xA9,   0x2122, 0xB4,   0xA8,   0x2260, 0xC6,   0xD8,   0x221E, 0xB1, 0x2264, 0x2265,
    0xA5,  0xB5,   0x2202, 0x2211, 0x220F, 0x3C0,  0x222B, 0xAA,   0xBA,   0x3A9,  0xE6, 0xF8,   0xBF,
    0xA1,  0xAC,   0x221A, 0x192,  0x2248, 0x2206, 0xAB,   0xBB,   0x2026, 0xA0,   0xC0, 0xC3,   0xD5,
    0x152, 0x153,  0x2013, 0x2014, 0x201C, 0x201D, 0x2018, 0x2019, 0xF7,   0x25CA, 0xFF, 0x178,  0x2044,
    0xA4,  0x2039, 0x203A, 0xFB01, 0xFB02, 0x2021, 0xB7,   0x201A, 0x201E, 0x2030, 0xC2, 0xCA,   0xC1,
    0xCB,  0xC8,   0xCD,   0xCE,   0xCF,   0xCC,   0xD3,   0xD4,   0xF8FF, 0xD2,   0xDA, 0xDB,   0xD9,
    0x131, 0x2C6,  0x2DC,  0xAF,   0x2D8,  0x2D9,  0x2DA,  0xB8,   0x2DD,  0x2DB,  0x2C7};
constexpr std::array<char16_t, 96> kStandardHigh = {  // from 0xA0
    0x0,    0xA1,   0xA2,  0xA3,   0x2044, 0xA5,   0x192,  0xA7,  0xA4,  0x27,   0x201C, 0xAB,   0x2039, 0x203A,
    0xFB01, 0xFB02, 0x0,   0x2013, 0x2020, 0x2021, 0xB7,   0x0,   0xB6,  0x2022, 0x201A, 0x201E, 0x201D, 0xBB,
    0x2026, 0x2030, 0x0,   0xBF,   0x0,    0x60,   0xB4,   0x2C6, 0x2DC, 0xAF,   0x2D8,  0x2D9,  0xA8,   0x0,
    0x2DA,  0xB8,   0x0,   0x2DD,  0x2DB,  0x2C7,  0x2014, 0x0,   0x0,   0x0,    0x0,    0x0,    0x0,    0x0,
    0x0,    0x0,    0x0,   0x0,    0x0,    0x0,    0x0,    0x0,   0x0,   0xC6,   0x0,    0xAA,   0x0,    0x0,
    0x0,    0x0,    0x141, 0xD8,   0x152,  0xBA,   0x0,    0x0,   0x0,   0x0,    0x0,    0xE6,   0x0,    0x0,
    0x0,    0x131,  0x0,   0x0,    0x142,  0xF8,   0x153,  0xDF,  0x0,   0x0,    0x0,    0x0};
constexpr std::array<char16_t, 224> kSymbol = {  // from 0x20
    0x20,   0x21,   0x2200, 0x23,   0x2203, 0x25,   0x26,   0x220B, 0x28,   0x29,   0x2217, 0x2B,   0x2C,   0x2212,
    0x2E,   0x2F,   0x30,   0x31,   0x32,   0x33,   0x34,   0x35,   0x36,   0x37,   0x38,   0x39,   0x3A,   0x3B,
    0x3C,   0x3D,   0x3E,   0x3F,   0x2245, 0x391,  0x392,  0x3A7,  0x2206, 0x395,  0x3A6,  0x393,  0x397,  0x399,
    0x3D1,  0x39A,  0x39B,  0x39C,  0x39D,  0x39F,  0x3A0,  0x398,  0x3A1,  0x3A3,  0x3A4,  0x3A5,  0x3C2,  0x2126,
    0x39E,  0x3A8,  0x396,  0x5B,   0x2234, 0x5D,   0x22A5, 0x5F,   0x0,    0x3B1,  0x3B2,  0x3C7,  0x3B4,  0x3B5,
    0x3C6,  0x3B3,  0x3B7,  0x3B9,  0x3D5,  0x3BA,  0x3BB,  0xB5,   0x3BD,  0x3BF,  0x3C0,  0x3B8,  0x3C1,  0x3C3,
    0x3C4,  0x3C5,  0x3D6,  0x3C9,  0x3BE,  0x3C8,  0x3B6,  0x7B,   0x7C,   0x7D,   0x223C, 0x0,    0x0,    0x0,
    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,
    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,
    0x0,    0x0,    0x20AC, 0x3D2,  0x2032, 0x2264, 0x2044, 0x221E, 0x192,  0x2663, 0x2666, 0x2665, 0x2660, 0x2194,
    0x2190, 0x2191, 0x2192, 0x2193, 0xB0,   0xB1,   0x2033, 0x2265, 0xD7,   0x221D, 0x2202, 0x2022, 0xF7,   0x2260,
    0x2261, 0x2248, 0x2026, 0x0,    0x0,    0x21B5, 0x2135, 0x2111, 0x211C, 0x2118, 0x2297, 0x2295, 0x2205, 0x2229,
    0x222A, 0x2283, 0x2287, 0x2284, 0x2282, 0x2286, 0x2208, 0x2209, 0x2220, 0x2207, 0x0,    0x0,    0x0,    0x220F,
    0x221A, 0x22C5, 0xAC,   0x2227, 0x2228, 0x21D4, 0x21D0, 0x21D1, 0x21D2, 0x21D3, 0x25CA, 0x2329, 0x0,    0x0,
    0x0,    0x2211, 0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x232A,
    0x222B, 0x2320, 0x0,    0x2321, 0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0,    0x0};

struct NamedGlyph {
  std::string_view name;
  char16_t character;
};
constexpr std::array<NamedGlyph, 309> kGlyphNames = {{// sorted by name; letters with accents come from kAccents
                                                      {"AE", 0xC6},
                                                      {"Alpha", 0x391},
                                                      {"Beta", 0x392},
                                                      {"Chi", 0x3A7},
                                                      {"Dcroat", 0x110},
                                                      {"Delta", 0x2206},
                                                      {"Dmacron", 0x110},
                                                      {"Dslash", 0x110},
                                                      {"Eng", 0x14A},
                                                      {"Epsilon", 0x395},
                                                      {"Eta", 0x397},
                                                      {"Eth", 0xD0},
                                                      {"Euro", 0x20AC},
                                                      {"Gamma", 0x393},
                                                      {"H18533", 0x25CF},
                                                      {"H18543", 0x25AA},
                                                      {"H22073", 0x25A1},
                                                      {"Hbar", 0x126},
                                                      {"IJ", 0x132},
                                                      {"Ifraktur", 0x2111},
                                                      {"Iota", 0x399},
                                                      {"Kappa", 0x39A},
                                                      {"Lambda", 0x39B},
                                                      {"Lslash", 0x141},
                                                      {"Mu", 0x39C},
                                                      {"Nu", 0x39D},
                                                      {"OE", 0x152},
                                                      {"Ohorn", 0x1A0},
                                                      {"Omega", 0x2126},
                                                      {"Omegagreek", 0x3A9},
                                                      {"Omicron", 0x39F},
                                                      {"Oslash", 0xD8},
                                                      {"Phi", 0x3A6},
                                                      {"Pi", 0x3A0},
                                                      {"Psi", 0x3A8},
                                                      {"Rfraktur", 0x211C},
                                                      {"Rho", 0x3A1},
                                                      {"Sigma", 0x3A3},
                                                      {"Tau", 0x3A4},
                                                      {"Theta", 0x398},
                                                      {"Thorn", 0xDE},
                                                      {"Uhorn", 0x1AF},
                                                      {"Upsilon", 0x3A5},
                                                      {"Upsilon1", 0x3D2},
                                                      {"Xi", 0x39E},
                                                      {"Zeta", 0x396},
                                                      {"acute", 0xB4},
                                                      {"acutecomb", 0x301},
                                                      {"ae", 0xE6},
                                                      {"afii00208", 0x2015},
                                                      {"afii61352", 0x2116},
                                                      {"aleph", 0x2135},
                                                      {"alpha", 0x3B1},
                                                      {"ampersand", 0x26},
                                                      {"angle", 0x2220},
                                                      {"angleleft", 0x2329},
                                                      {"angleright", 0x232A},
                                                      {"approxequal", 0x2248},
                                                      {"arrowboth", 0x2194},
                                                      {"arrowdblboth", 0x21D4},
                                                      {"arrowdbldown", 0x21D3},
                                                      {"arrowdblleft", 0x21D0},
                                                      {"arrowdblright", 0x21D2},
                                                      {"arrowdblup", 0x21D1},
                                                      {"arrowdown", 0x2193},
                                                      {"arrowleft", 0x2190},
                                                      {"arrowright", 0x2192},
                                                      {"arrowup", 0x2191},
                                                      {"asciicircum", 0x5E},
                                                      {"asciitilde", 0x7E},
                                                      {"asterisk", 0x2A},
                                                      {"asteriskmath", 0x2217},
                                                      {"at", 0x40},
                                                      {"backslash", 0x5C},
                                                      {"bar", 0x7C},
                                                      {"beta", 0x3B2},
                                                      {"blackcircle", 0x25CF},
                                                      {"blacksquare", 0x25A0},
                                                      {"braceleft", 0x7B},
                                                      {"braceright", 0x7D},
                                                      {"bracketleft", 0x5B},
                                                      {"bracketright", 0x5D},
                                                      {"breve", 0x2D8},
                                                      {"brokenbar", 0xA6},
                                                      {"bullet", 0x2022},
                                                      {"caron", 0x2C7},
                                                      {"carriagereturn", 0x21B5},
                                                      {"cedilla", 0xB8},
                                                      {"cent", 0xA2},
                                                      {"checkmark", 0x2713},
                                                      {"chi", 0x3C7},
                                                      {"circle", 0x25CB},
                                                      {"circlemultiply", 0x2297},
                                                      {"circleplus", 0x2295},
                                                      {"circumflex", 0x2C6},
                                                      {"club", 0x2663},
                                                      {"colon", 0x3A},
                                                      {"comma", 0x2C},
                                                      {"commaaccent", 0xF6C3},
                                                      {"congruent", 0x2245},
                                                      {"copyright", 0xA9},
                                                      {"currency", 0xA4},
                                                      {"dagger", 0x2020},
                                                      {"daggerdbl", 0x2021},
                                                      {"dcroat", 0x111},
                                                      {"degree", 0xB0},
                                                      {"delta", 0x3B4},
                                                      {"diamond", 0x2666},
                                                      {"dieresis", 0xA8},
                                                      {"divide", 0xF7},
                                                      {"dmacron", 0x111},
                                                      {"dollar", 0x24},
                                                      {"dong", 0x20AB},
                                                      {"dotaccent", 0x2D9},
                                                      {"dotbelowcomb", 0x323},
                                                      {"dotlessi", 0x131},
                                                      {"dotlessj", 0xF6BE},
                                                      {"dotmath", 0x22C5},
                                                      {"dslash", 0x111},
                                                      {"eight", 0x38},
                                                      {"eightsuperior", 0x2078},
                                                      {"element", 0x2208},
                                                      {"ellipsis", 0x2026},
                                                      {"emdash", 0x2014},
                                                      {"emptyset", 0x2205},
                                                      {"endash", 0x2013},
                                                      {"eng", 0x14B},
                                                      {"epsilon", 0x3B5},
                                                      {"equal", 0x3D},
                                                      {"equivalence", 0x2261},
                                                      {"estimated", 0x212E},
                                                      {"eta", 0x3B7},
                                                      {"eth", 0xF0},
                                                      {"exclam", 0x21},
                                                      {"exclamdbl", 0x203C},
                                                      {"exclamdown", 0xA1},
                                                      {"existential", 0x2203},
                                                      {"ff", 0xFB00},
                                                      {"ffi", 0xFB03},
                                                      {"ffl", 0xFB04},
                                                      {"fi", 0xFB01},
                                                      {"figuredash", 0x2012},
                                                      {"filledbox", 0x25A0},
                                                      {"five", 0x35},
                                                      {"fivesuperior", 0x2075},
                                                      {"fl", 0xFB02},
                                                      {"florin", 0x192},
                                                      {"four", 0x34},
                                                      {"foursuperior", 0x2074},
                                                      {"fraction", 0x2044},
                                                      {"franc", 0x20A3},
                                                      {"gamma", 0x3B3},
                                                      {"germandbls", 0xDF},
                                                      {"gradient", 0x2207},
                                                      {"grave", 0x60},
                                                      {"gravecomb", 0x300},
                                                      {"greater", 0x3E},
                                                      {"greaterequal", 0x2265},
                                                      {"guillemotleft", 0xAB},
                                                      {"guillemotright", 0xBB},
                                                      {"guilsinglleft", 0x2039},
                                                      {"guilsinglright", 0x203A},
                                                      {"hbar", 0x127},
                                                      {"heart", 0x2665},
                                                      {"hookabove", 0x309},
                                                      {"hookabovecomb", 0x309},
                                                      {"hungarumlaut", 0x2DD},
                                                      {"hyphen", 0x2D},
                                                      {"hyphenminus", 0x2D},
                                                      {"hyphentwo", 0x2010},
                                                      {"ij", 0x133},
                                                      {"increment", 0x2206},
                                                      {"infinity", 0x221E},
                                                      {"integral", 0x222B},
                                                      {"integralbt", 0x2321},
                                                      {"integraltp", 0x2320},
                                                      {"intersection", 0x2229},
                                                      {"iota", 0x3B9},
                                                      {"kappa", 0x3BA},
                                                      {"kgreenlandic", 0x138},
                                                      {"lambda", 0x3BB},
                                                      {"less", 0x3C},
                                                      {"lessequal", 0x2264},
                                                      {"lira", 0x20A4},
                                                      {"logicaland", 0x2227},
                                                      {"logicalnot", 0xAC},
                                                      {"logicalor", 0x2228},
                                                      {"longs", 0x17F},
                                                      {"lozenge", 0x25CA},
                                                      {"lslash", 0x142},
                                                      {"macron", 0xAF},
                                                      {"middot", 0xB7},
                                                      {"minus", 0x2212},
                                                      {"minute", 0x2032},
                                                      {"mu", 0xB5},
                                                      {"mu1", 0xB5},
                                                      {"multiply", 0xD7},
                                                      {"nbsp", 0xA0},
                                                      {"nbspace", 0xA0},
                                                      {"nine", 0x39},
                                                      {"ninesuperior", 0x2079},
                                                      {"nonbreakingspace", 0xA0},
                                                      {"notelement", 0x2209},
                                                      {"notequal", 0x2260},
                                                      {"notsubset", 0x2284},
                                                      {"nsuperior", 0x207F},
                                                      {"nu", 0x3BD},
                                                      {"numbersign", 0x23},
                                                      {"oe", 0x153},
                                                      {"ogonek", 0x2DB},
                                                      {"ohorn", 0x1A1},
                                                      {"omega", 0x3C9},
                                                      {"omega1", 0x3D6},
                                                      {"omicron", 0x3BF},
                                                      {"one", 0x31},
                                                      {"onedotenleader", 0x2024},
                                                      {"onehalf", 0xBD},
                                                      {"onequarter", 0xBC},
                                                      {"onesuperior", 0xB9},
                                                      {"openbullet", 0x25E6},
                                                      {"ordfeminine", 0xAA},
                                                      {"ordmasculine", 0xBA},
                                                      {"oslash", 0xF8},
                                                      {"overscore", 0xAF},
                                                      {"paragraph", 0xB6},
                                                      {"parenleft", 0x28},
                                                      {"parenright", 0x29},
                                                      {"partialdiff", 0x2202},
                                                      {"percent", 0x25},
                                                      {"period", 0x2E},
                                                      {"periodcentered", 0xB7},
                                                      {"perpendicular", 0x22A5},
                                                      {"perthousand", 0x2030},
                                                      {"peseta", 0x20A7},
                                                      {"phi", 0x3C6},
                                                      {"phi1", 0x3D5},
                                                      {"pi", 0x3C0},
                                                      {"plus", 0x2B},
                                                      {"plusminus", 0xB1},
                                                      {"product", 0x220F},
                                                      {"propersubset", 0x2282},
                                                      {"propersuperset", 0x2283},
                                                      {"proportional", 0x221D},
                                                      {"psi", 0x3C8},
                                                      {"question", 0x3F},
                                                      {"questiondown", 0xBF},
                                                      {"quotedbl", 0x22},
                                                      {"quotedblbase", 0x201E},
                                                      {"quotedblleft", 0x201C},
                                                      {"quotedblright", 0x201D},
                                                      {"quoteleft", 0x2018},
                                                      {"quotereversed", 0x201B},
                                                      {"quoteright", 0x2019},
                                                      {"quotesinglbase", 0x201A},
                                                      {"quotesingle", 0x27},
                                                      {"radical", 0x221A},
                                                      {"reflexsubset", 0x2286},
                                                      {"reflexsuperset", 0x2287},
                                                      {"registered", 0xAE},
                                                      {"rho", 0x3C1},
                                                      {"ring", 0x2DA},
                                                      {"second", 0x2033},
                                                      {"section", 0xA7},
                                                      {"semicolon", 0x3B},
                                                      {"seven", 0x37},
                                                      {"sevensuperior", 0x2077},
                                                      {"sfthyphen", 0xAD},
                                                      {"sigma", 0x3C3},
                                                      {"sigma1", 0x3C2},
                                                      {"similar", 0x223C},
                                                      {"six", 0x36},
                                                      {"sixsuperior", 0x2076},
                                                      {"slash", 0x2F},
                                                      {"softhyphen", 0xAD},
                                                      {"space", 0x20},
                                                      {"spade", 0x2660},
                                                      {"square", 0x25A1},
                                                      {"sterling", 0xA3},
                                                      {"suchthat", 0x220B},
                                                      {"summation", 0x2211},
                                                      {"tau", 0x3C4},
                                                      {"therefore", 0x2234},
                                                      {"theta", 0x3B8},
                                                      {"theta1", 0x3D1},
                                                      {"thorn", 0xFE},
                                                      {"three", 0x33},
                                                      {"threequarters", 0xBE},
                                                      {"threesuperior", 0xB3},
                                                      {"tilde", 0x2DC},
                                                      {"tildecomb", 0x303},
                                                      {"trademark", 0x2122},
                                                      {"triagdn", 0x25BC},
                                                      {"triagup", 0x25B2},
                                                      {"two", 0x32},
                                                      {"twodotenleader", 0x2025},
                                                      {"twosuperior", 0xB2},
                                                      {"uhorn", 0x1B0},
                                                      {"underscore", 0x5F},
                                                      {"underscoredbl", 0x2017},
                                                      {"union", 0x222A},
                                                      {"universal", 0x2200},
                                                      {"upsilon", 0x3C5},
                                                      {"weierstrass", 0x2118},
                                                      {"whitecircle", 0x25CB},
                                                      {"xi", 0x3BE},
                                                      {"yen", 0xA5},
                                                      {"zero", 0x30},
                                                      {"zerosuperior", 0x2070},
                                                      {"zeta", 0x3B6}}};
static_assert(std::ranges::is_sorted(kGlyphNames, {}, &NamedGlyph::name));

struct Accent {
  std::string_view name;
  char16_t mark;
};
constexpr std::array<Accent, 18> kAccents = {{
    {"circumflex", 0x302},
    {"hungarumlaut", 0x30B},
    {"commaaccent", 0x326},
    {"hookabove", 0x309},
    {"dotaccent", 0x307},
    {"dotbelow", 0x323},
    {"dieresis", 0x308},
    {"cedilla", 0x327},
    {"macron", 0x304},
    {"ogonek", 0x328},
    {"acute", 0x301},
    {"grave", 0x300},
    {"tilde", 0x303},
    {"breve", 0x306},
    {"caron", 0x30C},
    {"ring", 0x30A},
    {"horn", 0x31B},
    {"hook", 0x309},
}};

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// A letter followed by nothing but accent names.
std::u32string accented_letter(std::string_view name) {
  if (name.size() < 2 || !is_letter(name[0])) return {};
  std::u32string out(1, static_cast<char32_t>(name[0]));
  name.remove_prefix(1);
  while (!name.empty()) {
    auto accent = std::ranges::find_if(kAccents, [&](const Accent& a) { return name.starts_with(a.name); });
    if (accent == kAccents.end()) return {};
    out += accent->mark;
    name.remove_prefix(accent->name.size());
  }
  return to_utf32(to_nfc(to_utf8(out)));
}

std::optional<char32_t> hexadecimal(std::string_view digits) {
  char32_t value = 0;
  for (char c : digits) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && !(c >= 'A' && c <= 'F') && !(c >= 'a' && c <= 'f')) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(is_digit ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return std::nullopt;
  return value;
}

// "uni" and groups of four digits, or "u" and four to six digits.
std::u32string numbered(std::string_view name) {
  std::u32string out;
  if (name.starts_with("uni") && name.size() >= 7 && name.size() <= 35 && (name.size() - 3) % 4 == 0) {
    for (std::size_t i = 3; i < name.size(); i += 4) {
      auto value = hexadecimal(name.substr(i, 4));
      if (!value) return {};
      out += *value;
    }
  } else if (name.starts_with("u") && name.size() >= 5 && name.size() <= 7) {
    if (auto value = hexadecimal(name.substr(1))) out += *value;
  }
  return out;
}

std::u32string single_name(std::string_view name) {
  if (name.size() == 1 && is_letter(name[0])) return std::u32string(1, static_cast<char32_t>(name[0]));
  auto found = std::ranges::lower_bound(kGlyphNames, name, {}, &NamedGlyph::name);
  if (found != kGlyphNames.end() && found->name == name) return std::u32string(1, found->character);
  if (auto text = numbered(name); !text.empty()) return text;
  return accented_letter(name);
}

char32_t dingbat(unsigned char code) {
  constexpr std::array<std::pair<unsigned char, char16_t>, 12> kElsewhere = {{{0x25, 0x260E},
                                                                              {0x2A, 0x261B},
                                                                              {0x2B, 0x261E},
                                                                              {0x48, 0x2605},
                                                                              {0x6C, 0x25CF},
                                                                              {0x6E, 0x25A0},
                                                                              {0x73, 0x25B2},
                                                                              {0x74, 0x25BC},
                                                                              {0x75, 0x25C6},
                                                                              {0x77, 0x25D7},
                                                                              {0x20, 0x20},
                                                                              {0xA0, 0xA0}}};
  for (auto [from, to] : kElsewhere) {
    if (code == from) return to;
  }
  if (code >= 0x21 && code <= 0x7E) return 0x2701U + (code - 0x21U);
  return code > 0xA0 && code < 0xFF && code != 0xF0 ? 0x2760U + (code - 0xA0U) : 0;
}

}  // namespace

char32_t character_of(BaseEncoding encoding, unsigned char code) {
  if (encoding == BaseEncoding::symbol) return code >= 0x20 ? kSymbol[code - 0x20] : 0;
  if (encoding == BaseEncoding::zapf_dingbats) return dingbat(code);
  if (code < 0x20 || code == 0x7F) return 0;
  if (code < 0x80) {
    if (encoding == BaseEncoding::standard && code == 0x27) return 0x2019;
    if (encoding == BaseEncoding::standard && code == 0x60) return 0x2018;
    return code;
  }
  if (encoding == BaseEncoding::mac_roman) return kMacRomanHigh[code - 0x80];
  if (encoding == BaseEncoding::standard) return code >= 0xA0 ? kStandardHigh[code - 0xA0] : 0;
  if (code < 0xA0) return kWinAnsiC1[code - 0x80];
  return code == 0xAD ? U'-' : code;  // Annex D.2, note 6: a hyphen
}

std::u32string text_of_glyph_name(std::string_view name) {
  if (name.empty() || name.size() > 128 || name == ".notdef") return {};
  name = name.substr(0, name.find('.', 1));
  std::u32string out;
  while (!name.empty()) {
    const auto end = std::min(name.find('_'), name.size());
    auto part = single_name(name.substr(0, end));
    if (part.empty()) return {};
    out += part;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return out;
}

}  // namespace kyso::pdf
