#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "registry/notice/notices.h"

// The words of notices: files of share/notices, "<kind>.<language>.txt" (its first line is "Subject: …", then an empty
// one), "<kind>.<language>.html" (a fragment for layout.html; absent: mail without HTML), "<kind>.<language>.sms".
// {name} is the notice's value of that name; portal_name and portal_url are always there.
namespace kyso::registry {

struct RenderedNotice {
  std::string subject, text, html;  // an SMS has its text alone
};

class NoticeTemplates {
 public:
  // All files are read at once. base.file.*; registry.notice.template {kind} {problem}: a file that is not as above.
  static Result<NoticeTemplates> load(const std::filesystem::path& folder);
  // In the notice's language, else in Vietnamese. registry.notice.template {kind} {problem}: there is none, or a value
  // is missing.
  Result<RenderedNotice> render(const Notice& notice, const std::map<std::string, std::string>& always) const;
  const std::map<std::string, std::string>& files() const { return m_files; }

 private:
  const std::string* find(const Notice& notice, std::string_view ending) const;
  std::map<std::string, std::string> m_files;
};

// What HTML shows as this text.
std::string escape_html(std::string_view text);

}  // namespace kyso::registry
