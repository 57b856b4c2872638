#pragma once
#include <set>

#include "db/database.h"
#include "registry/dossier/model.h"

// All SQL of dossiers. Every function works within the caller's transaction. Scopes, words and counters follow by
// themselves.
namespace kyso::registry::dossier_store {

// ---- dossiers -------------------------------------------------------------------------------------------------------
// The next code of an organisation's day: {organisation}-{yymmdd}-{nnnn}.
Result<std::string> next_code(db::Transaction& transaction, const std::string& organisation, Instant now);
// Sets `number`. `scopes`: the ids of the organisation and those above it, of the delegating one too.
Result<> insert(db::Transaction& transaction, Dossier& dossier, const std::set<std::string>& scopes);
Result<std::optional<Dossier>> find(db::Transaction& transaction, std::string_view id);
Result<std::optional<Dossier>> find_by_request(db::Transaction& transaction, std::string_view request_id);
// Writes everything that may change. The stored revision must still be dossier.revision, which grows by one:
// registry.dossier.changed otherwise. Counters and boxes follow the state.
Result<> update(db::Transaction& transaction, Dossier& dossier, Instant now);
Result<> remove(db::Transaction& transaction, const Dossier& dossier);
// Whether an organisation or one above it is among those that see the dossier ('' sees all).
Result<bool> is_visible(db::Transaction& transaction, const Dossier& dossier, std::string_view scope);
// After the tree of organisations has changed: dossiers of one organisation are seen from these ids.
Result<> set_scopes(db::Transaction& transaction, const Dossier& dossier, const std::set<std::string>& scopes);
Result<std::vector<Dossier>> of_organisation(db::Transaction& transaction, const std::string& organisation,
                                             std::int64_t after, std::size_t limit);

struct DossierFilter {
  std::string scope = {};  // an organisation's id, or "" for all
  std::optional<Box> box = {};
  std::optional<DossierKind> kind = {};
  std::string letter_number = {};             // exact, without regard to case and blanks
  std::vector<std::string> words = {};        // folded; every one begins a word of the dossier
  std::optional<Instant> from = {}, to = {};  // created within [from, to)
  std::optional<std::int64_t> after = {};     // number of the last one seen; newest first
  std::size_t limit = 50;
};
struct DossierPage {
  std::vector<Dossier> items;
  std::optional<std::int64_t> next;
};
Result<DossierPage> list(db::Transaction& transaction, const DossierFilter& filter);

// The desk's queues, most urgent first.
struct QueueFilter {
  DossierState state = DossierState::submitted;
  std::optional<Step> step;
  std::optional<std::string> handler;
  std::optional<std::pair<Instant, std::int64_t>> after;  // urgent and number of the last one seen
  std::optional<Instant> due_before;
  std::size_t limit = 50;
};
Result<std::vector<Dossier>> queue(db::Transaction& transaction, const QueueFilter& filter);
// Submitted ones of this organisation (its own, or asked for by it) by their letter: number without regard to case and
// blanks, and day. Newest first.
Result<std::vector<Dossier>> submitted_by_letter(db::Transaction& transaction, std::string_view organisation,
                                                 std::string_view number, std::string_view day, std::size_t limit);

// ---- counters -------------------------------------------------------------------------------------------------------
// dossier/<kind>/<state>, dossier.event/<YYYY-MM-DD>/<kind>/<state> (how many came into that state on that day);
// certificate/<state>/<kind>/<device>, certificate.stale, certificate.expiry/<YYYY-MM-DD> (good ones that end then).
Result<> count(db::Transaction& transaction, const std::set<std::string>& scopes, const std::string& what,
               std::int64_t shard, std::int64_t change);
// All that begins with `prefix` and is below `end` (empty: no bound), summed over shards.
Result<std::vector<std::pair<std::string, std::int64_t>>> counts(db::Transaction& transaction, std::string_view scope,
                                                                 std::string_view prefix);
Result<std::int64_t> count_between(db::Transaction& transaction, std::string_view scope, std::string_view from,
                                   std::string_view to);

// ---- lines ----------------------------------------------------------------------------------------------------------
// Appends in order and numbers them; line_count of the dossier is the caller's.
Result<> insert_lines(db::Transaction& transaction, const Dossier& dossier, std::vector<Line>& lines);
Result<std::optional<Line>> find_line(db::Transaction& transaction, std::string_view dossier, std::string_view id);
// Of whatever dossier.
Result<std::optional<Line>> find_line(db::Transaction& transaction, std::string_view id);
struct LineFilter {
  std::optional<LineState> state;
  bool only_problems = false;
  std::int64_t after = 0;  // number of the last one seen
  std::size_t limit = 50;
};
// Without the bytes of PKCS#10.
Result<std::vector<Line>> list_lines(db::Transaction& transaction, std::string_view dossier, const LineFilter& filter);
// All of them, in order; with the bytes of PKCS#10 when asked for.
Result<std::vector<Line>> all_lines(db::Transaction& transaction, std::string_view dossier, bool with_pkcs10 = false);
Result<> update_line(db::Transaction& transaction, const Line& line);  // everything but pkcs10 and number
Result<> update_lines(db::Transaction& transaction, const std::vector<Line>& lines);
Result<> set_pkcs10(db::Transaction& transaction, const Line& line);
Result<> remove_line(db::Transaction& transaction, const Line& line);  // those behind it move up
// Lines of open dossiers whose check against the population database is still to be made, oldest first.
Result<std::vector<std::pair<std::string, std::string>>> waiting_for_population(db::Transaction& transaction,
                                                                                std::size_t limit);
// Other open dossiers' lines with this key: two certificates for one key are refused.
Result<bool> is_key_used(db::Transaction& transaction, const std::string& key_sha256, const std::string& except_line);

// ---- overrides, letters, notes, history, receivers ------------------------------------------------------------------
Result<> set_override(db::Transaction& transaction, std::string_view dossier, const Override& override_);
Result<> remove_override(db::Transaction& transaction, std::string_view dossier, std::string_view finding);
Result<std::map<std::string, Override>> overrides(db::Transaction& transaction, std::string_view dossier);

Result<> put_letter(db::Transaction& transaction, const AttachedLetter& letter, std::string_view report,
                    ByteView content);
Result<> set_verdict(db::Transaction& transaction, const AttachedLetter& letter, std::string_view report);
Result<std::vector<AttachedLetter>> letters(db::Transaction& transaction, std::string_view dossier);
Result<std::optional<Bytes>> letter_content(db::Transaction& transaction, std::string_view dossier, LetterRole role);
Result<bool> remove_letter(db::Transaction& transaction, std::string_view dossier, LetterRole role);

Result<> add_note(db::Transaction& transaction, std::string_view dossier, const Note& note);
Result<std::int64_t> count_notes(db::Transaction& transaction, std::string_view dossier, std::string_view account);
Result<std::vector<Note>> notes(db::Transaction& transaction, std::string_view dossier, bool with_internal);

Result<> add_event(db::Transaction& transaction, std::string_view dossier, const HistoryEvent& event);
Result<std::vector<HistoryEvent>> events(db::Transaction& transaction, std::string_view dossier, bool with_internal);

Result<> remember_receiver(db::Transaction& transaction, std::string_view organisation, const Receiver& receiver,
                           Instant now);
Result<std::vector<Receiver>> receivers(db::Transaction& transaction, std::string_view organisation, std::size_t limit);

// ---- imports --------------------------------------------------------------------------------------------------------
struct ImportRecord {
  std::string id, dossier, account, file_name, sha256;
  Instant created{};
  std::int64_t rows_total = 0, rows_compatible = 0, faults_total = 0;
  std::string remarks;  // JSON
  std::optional<Instant> confirmed;
  std::int64_t added = 0;
};
struct ImportRow {
  std::int64_t number = 0;
  bool is_compatible = false, is_faulty = false;
  std::string line, faults;  // JSON
};
Result<> insert_import(db::Transaction& transaction, const ImportRecord& record, const std::vector<ImportRow>& rows);
// What an account has imported since then.
struct Imported {
  std::int64_t files = 0, rows = 0;
};
Result<Imported> imported_by(db::Transaction& transaction, std::string_view account, Instant since);
Result<std::optional<ImportRecord>> find_import(db::Transaction& transaction, std::string_view dossier,
                                                std::string_view id);
Result<std::vector<ImportRow>> import_rows(db::Transaction& transaction, std::string_view id, bool only_faulty,
                                           std::int64_t after, std::size_t limit);
Result<> set_confirmed(db::Transaction& transaction, std::string_view id, Instant at, std::int64_t added);
// What nobody confirmed; the rows of confirmed ones too.
Result<> forget_imports(db::Transaction& transaction, Instant created_before);

}  // namespace kyso::registry::dossier_store
