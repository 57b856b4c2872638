#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cms/signed_data.h"
#include "pdf/update/form_writer.h"

// What is to be signed, where and how; made by decree30 or by an application, carried out by sign.
namespace kyso::sign {

enum class Profile {
  b_b,     // PAdES baseline B
  b_t,     // B-B + signature time-stamp
  legacy,  // adbe.pkcs7.detached
};

// What a signing update contains besides the signature value.
struct Plan {
  std::string field;  // full name; created when it does not exist
  std::size_t page = 0;
  pdf::Rect rect;                                // ignored for an existing field; zero size = invisible
  std::optional<pdf::Drawing> appearance;        // in the rectangle's visible space
  std::optional<pdf::FieldLock> new_field_lock;  // /Lock of the field when it is created
  std::optional<pdf::FieldLock> field_mdp;       // fields this signature locks (besides the existing field's own /Lock)
  std::optional<int> certify;
  std::string reason, location, contact;
  // Changes that go into the same update, before the signature: prepared fields, filled values, slices of a page-edge
  // seal.
  std::vector<std::function<Result<>(pdf::FormWriter&, pdf::IncrementalWriter&, pdf::ResourceWriter&)>> changes;
  // What is added to the signature field itself once it exists: further widgets of a field made in this update.
  std::vector<
      std::function<Result<>(pdf::FormWriter&, pdf::IncrementalWriter&, pdf::ResourceWriter&, pdf::ObjectId field)>>
      field_changes;
  std::vector<std::string> notes;  // ids of what a person should be told, e.g. "decree30.number.fields"
};

struct Signer {
  crypto::Certificate certificate;
  std::vector<crypto::Certificate> issuers;
  crypto::SignatureScheme scheme;
};

}  // namespace kyso::sign
