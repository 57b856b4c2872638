#pragma once
#include "registry/organisation/tree.h"

namespace kyso::registry {

// What the form gives, in the shape in which it is kept.
void apply_form(const OrganisationForm& form, Version& version);
Version draft_of(const OrganisationForm& form);

}  // namespace kyso::registry
