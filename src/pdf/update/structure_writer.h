#pragma once
#include "pdf/document/document.h"

// Private to the module: new annotations in the logical structure of a tagged document (ISO 32000-2 section 14.7).
namespace kyso::pdf {

// Gives annotation `annotation` on page `page` a structure element of type `role` ("Form", "Annot") with an object
// reference, and enters it into the parent tree. nullopt when the document has no structure tree.
//
// For unsigned documents: a structure tree that changes after a signature is a change of content to every strict
// validator, so a field that is added later stays without an element.
Result<std::optional<ObjectId>> add_structure_element(IncrementalWriter& writer, ObjectId annotation, ObjectId page,
                                                      std::string_view role, const std::string& description);

// Makes the element's object reference lead to another annotation.
Result<> redirect_structure_element(IncrementalWriter& writer, ObjectId element, ObjectId annotation);

}  // namespace kyso::pdf
