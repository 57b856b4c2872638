#pragma once
#include "sign/prepare.h"

namespace kyso::sign {

// What a prepared file carries in its slot until the signature value comes: attributes and certificates, so that the
// state beside it stays small. DER: SEQUENCE { INTEGER 1, SET attributes, SEQUENCE OF Certificate }.
struct Parked {
  Bytes signed_attributes;
  std::vector<crypto::Certificate> certificates;  // the signer's first
};
std::size_t parked_size(const cms::SignerParameters& signer);
Bytes encode_parked(const PreparedUpdate& update);
Result<Parked> decode_parked(ByteView slot);  // sign.prepared.other_file

// Writes `content` in hexadecimal over the slot and zeros behind it. It must fit: sign.contents.too_large.
Result<> fill_slot(const pdf::SignatureSlot& slot, ByteView content, OutputFile& out);

// SHA-256 of a whole open file, hex.
Result<std::string> digest_of_file(const OutputFile& file);

}  // namespace kyso::sign
