#pragma once
#include "db/database.h"
#include "registry/dossier/model.h"
#include "registry/web/caller.h"

// The authority's tokens: stock, who has which, and what recovery needs.
namespace kyso::registry {

enum class TokenState : std::uint8_t { stock, personalised, delivered, returned, faulty, scrapped };
std::string_view name_of(TokenState state);
std::optional<TokenState> token_state_by_name(std::string_view name);

struct Token {
  std::string serial, model, batch;
  TokenState state = TokenState::stock;
  bool is_old_model = false;
  std::string dossier, line, holder, certificate_issuer, certificate_serial;
  bool is_written = false;      // the certificate is on it
  std::optional<Bytes> escrow;  // the SO-PIN, encrypted to the vault's escrow key
  std::string note;
  Instant added{}, changed{};
};

namespace token_store {

// Without blanks. find() takes either case.
std::string normal_token_serial(std::string_view text);
// False: known already.
Result<bool> insert(db::Transaction& transaction, const Token& token);
Result<std::optional<Token>> find(db::Transaction& transaction, std::string_view serial);
// To another spelling of its serial number, with its history.
Result<> rename(db::Transaction& transaction, std::string_view from, std::string_view to);
Result<std::optional<Token>> of_line(db::Transaction& transaction, std::string_view line);
// The line no longer needs its token. One that was made ready for it counts as returned: the key on it serves nobody
// until it is personalised anew.
Result<> let_go(db::Transaction& transaction, std::string_view line, std::string_view account, Instant now);
// Writes everything but the serial number, with a row in the token's own history.
Result<> update(db::Transaction& transaction, const Token& token, std::string_view account);
struct TokenFilter {
  std::optional<TokenState> state;
  std::string text;  // the beginning of a serial number
  std::string after;
  std::size_t limit = 50;
};
Result<std::vector<Token>> list(db::Transaction& transaction, const TokenFilter& filter);

// What the stations have to do, most urgent first: keys to be made, certificates to be written, tokens to be unlocked.
struct StationLine {
  std::string id, dossier_code;
  bool is_recovery = false;
  LineState state = LineState::approved;
  std::string name;          // of the certificate that is to be written, else of the line
  std::string token_serial;  // as the token spells it; empty while none is chosen
  Bytes certificate;         // to be written
  std::optional<Bytes> released;
  bool has_station_key = false;
};
Result<std::vector<StationLine>> station_lines(db::Transaction& transaction, std::size_t limit);

// Of a line of kind 06: its token and the station's key, as far as they are there.
Result<> recovery_of(db::Transaction& transaction, const Line& line, std::optional<Token>& token,
                     std::optional<Bytes>& station_key);
Result<> set_station_key(db::Transaction& transaction, std::string_view line, std::string_view token, ByteView key);
Result<> set_released(db::Transaction& transaction, std::string_view line, ByteView released);
struct Recovery {
  std::string token;
  std::optional<Bytes> station_key, released;
  std::optional<Instant> unlocked;
};
Result<std::optional<Recovery>> find_recovery(db::Transaction& transaction, std::string_view line);
Result<> set_unlocked(db::Transaction& transaction, std::string_view line, Instant now);

}  // namespace token_store
}  // namespace kyso::registry
