#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

// The states of dossiers and of their lines, as tables: what is not in them is not allowed.
namespace kyso::registry {

enum class DossierState : std::uint8_t {
  draft,       // Đang tạo
  submitted,   // Chờ tiếp nhận
  processing,  // Đang xử lý
  returned,    // Trả về: to be completed by the clerk
  rejected,    // Từ chối xử lý
  completed,   // Hoàn thành
};
inline constexpr std::size_t kDossierStates = 6;

enum class DossierEvent : std::uint8_t {
  edit,       // form, lines, letters
  remove,     // Xóa
  submit,     // Nộp hồ sơ
  receive,    // Tiếp nhận
  reject,     // Từ chối xử lý
  give_back,  // Yêu cầu bổ sung
  work,       // assignment, decisions, statements: what the desk does in between
  complete,   // Hoàn thành
};
inline constexpr std::size_t kDossierEvents = 8;

// state × event → state; absent: not allowed. `remove` ends the dossier, the state it gives is never stored.
std::optional<DossierState> next_state(DossierState state, DossierEvent event);

enum class LineState : std::uint8_t {
  pending,    // Chờ duyệt
  approved,   // Duyệt
  returned,   // Trả về
  requested,  // part of a statement that the vault has to judge
  issued,     // Đã cấp; of 05: revoked; of 06: released
  delivered,  // Đã bàn giao
  failed,     // the vault refused it
};
inline constexpr std::size_t kLineStates = 7;

enum class LineEvent : std::uint8_t { edit, approve, give_back, request, withdraw, issue, fail, deliver };
inline constexpr std::size_t kLineEvents = 8;

std::optional<LineState> next_state(LineState state, LineEvent event);

// The boxes of the clerk's menu: Hồ sơ đi, đã nộp, đã hoàn thành.
enum class Box : std::uint8_t { draft, submitted, finished };
inline constexpr std::array kBoxes = {Box::draft, Box::submitted, Box::finished};
Box box_of(DossierState state);

std::string_view name_of(DossierState state);
std::string_view name_of(DossierEvent event);
std::string_view name_of(LineState state);
std::string_view name_of(LineEvent event);
std::string_view name_of(Box box);
std::optional<DossierState> dossier_state_by_name(std::string_view name);
std::optional<LineState> line_state_by_name(std::string_view name);
std::optional<Box> box_by_name(std::string_view name);
// As people read them: "Chờ tiếp nhận", "Waiting to be received".
std::string_view vietnamese_name(DossierState state);
std::string_view english_name(DossierState state);

}  // namespace kyso::registry
