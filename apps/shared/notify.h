#pragma once
#include <string_view>

namespace kyso::app {

// Tells systemd about this process ("READY=1", "STOPPING=1", "STATUS=…"), when it was started by it (sd_notify(3)).
void notify(std::string_view state);

}  // namespace kyso::app
