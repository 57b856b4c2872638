#include <algorithm>

#include "decree30/letter.h"
#include "registry/desk/desk.h"
#include "registry/desk/store.h"
#include "registry/dossier/record.h"
#include "registry/dossier/store.h"
#include "registry/organisation/provinces.h"

namespace kyso::registry {
namespace {

// Of the line's certificate, or of the one it is about.
std::string serial_of(const Line& line) {
  return line.certificate_serial.empty() ? line.form.serial : line.certificate_serial;
}

bool is_usable(const Token& token) {
  return token.state != TokenState::faulty && token.state != TokenState::scrapped;
}

// What the station still has to do with the line's token: nothing of it can be done once the dossier is completed.
Result<bool> waits_for_station(db::Transaction& transaction, const Dossier& dossier, const Line& line,
                               const std::optional<Token>& token) {
  if (dossier.kind != DossierKind::recovery)
    return token && is_usable(*token) && !token->is_written && token->certificate_serial == line.certificate_serial;
  const auto recovery = KYSO_TRY(token_store::find_recovery(transaction, line.id));
  if (!recovery || recovery->unlocked) return false;
  const auto blocked = KYSO_TRY(token_store::find(transaction, recovery->token));
  return blocked && is_usable(*blocked);
}

}  // namespace

Result<> Desk::appoint(const Caller& caller, const std::string& id, std::int64_t revision, const std::string& day,
                       const std::string& place) {
  const Instant now = m.clock.now();
  const auto read = parse_day(day);
  if (!read) return fail("registry.input.parameter").with("name", "appointment");
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(open(transaction, id, revision, DossierEvent::work));
    dossier.appointment = iso_day(*read);
    KYSO_TRY(dossier_store::update(transaction, dossier, now));
    return record_event(transaction, dossier, &caller, "appointed", {{"day", display_day(*read)}, {"place", place}},
                        now);
  });
}

Result<> Desk::hand_over(const Caller& caller, const std::string& id, std::int64_t revision, const HandOver& form) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(open(transaction, id, revision, DossierEvent::work));
    if (dossier.step != Step::delivery) return fail("registry.desk.delivery");
    std::vector<Line> lines = KYSO_TRY(dossier_store::all_lines(transaction, id));
    for (Line& line : lines) {
      const auto next = next_state(line.state, LineEvent::deliver);
      if (!next) continue;
      line.state = *next;
      line.updated = now;
      auto token = KYSO_TRY(token_store::of_line(transaction, line.id));
      if (KYSO_TRY(waits_for_station(transaction, dossier, line, token)))
        return fail("registry.desk.unwritten").with("number", line.number);
      if (!token || !is_usable(*token)) continue;
      token->state = TokenState::delivered;
      token->holder = line.form.name;
      token->changed = now;
      KYSO_TRY(token_store::update(transaction, *token, caller.account));
    }
    KYSO_TRY(dossier_store::update_lines(transaction, lines));
    json::Value kept = json::Value::object();
    kept.set("at", iso8601_vietnam(now))
        .set("receiver_name", form.receiver_name)
        .set("receiver_identity", form.receiver_identity)
        .set("way", form.way)
        .set("note", form.note)
        .set("by", caller.name);
    dossier.hand_over = std::move(kept);
    KYSO_TRY(record_event(transaction, dossier, &caller, "handed_over",
                          {{"name", form.receiver_name}, {"way", form.way}}, now));
    return complete(transaction, dossier, &caller, now);
  });
}

Result<Bytes> Desk::hand_over_record(const std::string& id) {
  std::optional<Dossier> dossier;
  std::vector<Line> lines;
  std::map<std::string, std::string> tokens;
  Organisation receiving;
  KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<> {
    dossier = KYSO_TRY(dossier_store::find(transaction, id));
    if (!dossier || dossier->state == DossierState::draft) return fail("registry.dossier.missing").with("id", id);
    lines = KYSO_TRY(dossier_store::all_lines(transaction, id));
    for (const Line& line : lines)
      if (const auto token = KYSO_TRY(token_store::of_line(transaction, line.id))) tokens[line.id] = token->serial;
    receiving = KYSO_TRY(Organisations::find(transaction, m.options.receiving_organisation, m.clock.now()));
    return {};
  }));
  const auto text = [&](std::string_view member) {
    const json::Value* value = dossier->hand_over.find(member);
    return std::string(value == nullptr ? std::string_view() : value->as_string().value_or(std::string_view()));
  };
  decree30::Letter letter;
  letter.superior = receiving.chain.size() > 1 ? receiving.chain[receiving.chain.size() - 2] : std::string();
  letter.organisation = receiving.name;
  letter.title = "BIÊN BẢN";
  letter.subject = "Bàn giao thiết bị lưu khóa bí mật và chứng thư chữ ký số";
  letter.place = province_name(receiving.province);
  letter.date = dossier->finished.value_or(m.clock.now());
  const std::string& organisation =
      dossier->principal_chain().empty() ? dossier->code : dossier->principal_chain().back();
  const Receiver& receiver = dossier->form.receiver;
  const std::string name = text("receiver_name").empty() ? receiver.name : text("receiver_name");
  const std::string identity = text("receiver_identity").empty() ? receiver.identity : text("receiver_identity");
  using Look = decree30::LetterParagraph::Look;
  letter.body = {
      decree30::LetterParagraph{fmt::format("Hồ sơ: {}", dossier->code), Look::body},
      decree30::LetterParagraph{fmt::format("1. Bên giao: {}.", receiving.name), Look::body},
      decree30::LetterParagraph{fmt::format("2. Bên nhận: {}. Người nhận: {}; số định danh: {}; chức vụ: {}.",
                                            organisation, name, identity, receiver.position),
                                Look::body},
      decree30::LetterParagraph{"3. Danh sách bàn giao:", Look::body}};
  decree30::LetterTable table;
  using Align = decree30::LetterColumn::Align;
  table.columns = {{"TT", 0.6, Align::centre},
                   {"Họ và tên / tên", 3, Align::left},
                   {"Số hiệu chứng thư số", 3, Align::left},
                   {"Số hiệu thiết bị", 2, Align::left},
                   {"Ký nhận", 1.4, Align::left}};
  std::int64_t count = 0;
  for (const Line& line : lines) {
    if (line.state != LineState::issued && line.state != LineState::delivered) continue;
    table.rows.push_back({std::to_string(++count), line.form.name, serial_of(line), tokens[line.id], {}});
  }
  letter.body.emplace_back(std::move(table));
  letter.body.emplace_back(decree30::LetterParagraph{
      fmt::format("Tổng số: {}. Hai bên đã kiểm tra và thống nhất ký biên bản này.", count), Look::body});
  letter.position = "NGƯỜI GIAO";
  letter.signer = text("by");
  letter.recipients = {"Bên nhận", "Lưu: VT"};
  decree30::LetterOptions options;
  options.made = m.clock.now();
  return decree30::letter_to_pdf(letter, options);
}

}  // namespace kyso::registry
