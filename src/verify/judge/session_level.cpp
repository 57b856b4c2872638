#include <algorithm>

#include "verify/judge/session.h"

// The level of the baseline (ETSI EN 319 142-1) that the file alone proves.
namespace kyso::verify {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::none:
      return "";
    case Level::b_b:
      return "B-B";
    case Level::b_t:
      return "B-T";
    case Level::b_lt:
      return "B-LT";
    case Level::b_lta:
      return "B-LTA";
  }
  return "";
}

// Whether all these lists and answers stand in revisions up to this one.
bool Session::is_covered(const Answers& answers, std::size_t revision) const {
  return std::ranges::all_of(answers, [&](const pki::RevocationAnswer& answer) {
    const EvidenceBook::Place& place = m_book.place_of(answer);
    if (place.revision && *place.revision <= revision) return true;
    return place.signature && *place.signature < m_facts.signatures.size() &&
           m_facts.signatures[*place.signature].first_revision <= revision;
  });
}

// Time-stamps that would prove the signature: its own, and those of the document over it.
std::vector<const Session::Stamp*> Session::stamps_over(std::size_t index) const {
  std::vector<const Stamp*> out;
  for (const Stamp& stamp : m_stamps[index]) out.push_back(&stamp);
  for (auto each = m_document_stamps.rbegin(); each != m_document_stamps.rend(); ++each) {
    const std::optional<std::size_t> revision = m_facts.signatures[*each].revision;
    if (revision && *revision >= m_facts.signatures[index].first_revision) out.push_back(&m_stamps[*each].front());
  }
  return out;
}

Level Session::level_of(std::size_t index) {
  const SignatureExamination& examination = examination_of(index);
  const bool is_sound = examination.is_intact && !examination.is_broken;
  if (m_facts.signatures[index].kind != SignatureKind::signature || !is_sound || !examination.signer)
    return Level::none;
  const std::vector<const Stamp*> stamps = stamps_over(index);
  if (std::ranges::none_of(stamps, &Stamp::counts_for_level)) return Level::b_b;
  const ChainResult& chain = m_chains.judge(chain_request(index, *examination.signer));
  const auto is_complete = [](const ChainResult& each) { return each.is_conclusive && each.is_in_file; };
  // Where nothing is published nothing is lacking, but a file without any data promises nothing for later.
  if (!is_complete(chain) || m_facts.stored.empty()) return Level::b_t;
  const auto is_lasting = [&](const Stamp* stamp) { return stamp->verdict.is_proof && is_complete(*stamp->chain); };
  if (std::ranges::none_of(stamps, is_lasting)) return Level::b_t;
  // A document time-stamp over the data, later than the time-stamp that this data is about.
  for (const Stamp* archive : stamps) {
    const SignatureFacts& facts = m_facts.signatures[archive->signature];
    if (facts.kind != SignatureKind::document_time_stamp || !archive->verdict.is_proof || !archive->chain->is_in_file)
      continue;
    if (!is_covered(chain.used, *facts.revision)) continue;
    const bool protects = std::ranges::any_of(stamps, [&](const Stamp* stamp) {
      const SignatureFacts& other = m_facts.signatures[stamp->signature];
      const bool is_before = other.kind == SignatureKind::signature
                                 ? stamp->covered_from && *stamp->covered_from <= *facts.revision
                                 : *other.revision < *facts.revision;
      return stamp != archive && is_before && is_lasting(stamp) && is_covered(stamp->chain->used, *facts.revision);
    });
    if (protects) return Level::b_lta;
  }
  return Level::b_lt;
}

}  // namespace kyso::verify
