#include "registry/organisation/provinces.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace kyso::registry {
namespace {

// QĐ 19/2025/QĐ-TTg. A name may carry the code of the province that it absorbed (Lào Cai 15, Bắc Ninh 24 …).
constexpr Province kProvinces[] = {
    {"01", "Hà Nội"},    {"04", "Cao Bằng"},   {"08", "Tuyên Quang"}, {"11", "Điện Biên"}, {"12", "Lai Châu"},
    {"14", "Sơn La"},    {"15", "Lào Cai"},    {"19", "Thái Nguyên"}, {"20", "Lạng Sơn"},  {"22", "Quảng Ninh"},
    {"24", "Bắc Ninh"},  {"25", "Phú Thọ"},    {"31", "Hải Phòng"},   {"33", "Hưng Yên"},  {"37", "Ninh Bình"},
    {"38", "Thanh Hóa"}, {"40", "Nghệ An"},    {"42", "Hà Tĩnh"},     {"44", "Quảng Trị"}, {"46", "Huế"},
    {"48", "Đà Nẵng"},   {"51", "Quảng Ngãi"}, {"52", "Gia Lai"},     {"56", "Khánh Hòa"}, {"66", "Đắk Lắk"},
    {"68", "Lâm Đồng"},  {"75", "Đồng Nai"},   {"79", "Hồ Chí Minh"}, {"80", "Tây Ninh"},  {"82", "Đồng Tháp"},
    {"86", "Vĩnh Long"}, {"91", "An Giang"},   {"92", "Cần Thơ"},     {"96", "Cà Mau"},
};

struct Absorbed {
  std::string_view name, into;
};
// NQ 202/2025/QH15, and names that are written differently.
constexpr Absorbed kAbsorbed[] = {
    {"Hà Giang", "08"},        {"Yên Bái", "15"},
    {"Bắc Kạn", "19"},         {"Bắc Cạn", "19"},
    {"Bắc Giang", "24"},       {"Vĩnh Phúc", "25"},
    {"Hòa Bình", "25"},        {"Hải Dương", "31"},
    {"Thái Bình", "33"},       {"Hà Nam", "37"},
    {"Nam Định", "37"},        {"Quảng Bình", "44"},
    {"Thừa Thiên Huế", "46"},  {"Thừa Thiên - Huế", "46"},
    {"Quảng Nam", "48"},       {"Kon Tum", "51"},
    {"Bình Định", "52"},       {"Ninh Thuận", "56"},
    {"Phú Yên", "66"},         {"Đắk Nông", "68"},
    {"Đắc Nông", "68"},        {"Đắc Lắc", "66"},
    {"Bình Thuận", "68"},      {"Bình Phước", "75"},
    {"Bình Dương", "79"},      {"Bà Rịa - Vũng Tàu", "79"},
    {"Bà Rịa-Vũng Tàu", "79"}, {"HCM", "79"},
    {"TPHCM", "79"},           {"Long An", "80"},
    {"Tiền Giang", "82"},      {"Bến Tre", "86"},
    {"Trà Vinh", "86"},        {"Kiên Giang", "91"},
    {"Sóc Trăng", "92"},       {"Hậu Giang", "92"},
    {"Bạc Liêu", "96"},
};

std::string without_rank(std::string_view name) {
  std::string folded = fold_accents(name);
  for (const std::string_view rank : {"tinh ", "thanh pho ", "tp. ", "tp.", "tp "}) {
    if (folded.starts_with(rank)) return folded.substr(rank.size());
  }
  return folded;
}

}  // namespace

std::span<const Province> provinces() {
  return kProvinces;
}

std::string_view province_name(std::string_view code) {
  const auto* found = std::ranges::find(kProvinces, code, &Province::code);
  return found == std::end(kProvinces) ? std::string_view() : found->name;
}

std::string_view province_by_name(std::string_view name) {
  static const std::map<std::string, std::string_view> codes = [] {
    std::map<std::string, std::string_view> all;
    for (const Province& province : kProvinces) all.emplace(fold_accents(province.name), province.code);
    for (const Absorbed& former : kAbsorbed) all.emplace(fold_accents(former.name), former.into);
    return all;
  }();
  const auto found = codes.find(without_rank(name));
  return found == codes.end() ? std::string_view() : found->second;
}

}  // namespace kyso::registry
