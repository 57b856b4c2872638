#pragma once
#include <functional>

#include "pdf/drawing/test_fonts.h"
#include "pdf/update/form_writer.h"
#include "pdf/update/update_test_support.h"

// For the tests of forms: signed updates with all that goes into them, and their judges.
namespace kyso::pdf::test {
inline namespace update {  // the names of other tests' helpers are theirs

struct SignOptions {
  std::string field = "ChuKy";
  WidgetPlan widget = {};
  std::optional<FieldLock> new_lock = {};
  FormWriter::SignatureReferences references = {};
  bool existing = false;
  std::function<void(FormWriter&, IncrementalWriter&)> before = {};
};

// One signed update of the file at `path`, in place.
inline void sign(const std::filesystem::path& path, const OpensslSigner& signer, const SignOptions& options,
                 const std::string& password = "") {
  const Document document = open(path, password);
  IncrementalWriter writer(document.view());
  FormWriter form(document, writer);
  if (options.before) options.before(form, writer);
  const ObjectId signature = writer.reserve();
  const ObjectId field =
      options.existing ? must(form.use_signature_field(options.field, options.widget.appearance), path.c_str())
                       : must(form.add_signature_field(options.field, options.widget, options.new_lock), path.c_str());
  Dictionary dictionary{{"Type", Name{"Sig"}},
                        {"Filter", Name{"Adobe.PPKLite"}},
                        {"SubFilter", Name{"ETSI.CAdES.detached"}},
                        {"M", String{"D:20261120110000+07'00'", false}},
                        {"Reason", text_string("Thử nghiệm")}};
  const Object references = must(form.bind_signature(field, signature, options.references));
  if (!references.is_null()) dictionary.set("Reference", references);
  writer.set_signature(signature, dictionary, 2000);
  const auto appendix = must(writer.finish(random_id()));
  save(path, whole(document, appendix.bytes));
  signer.sign(path, *appendix.slot);
}

inline void judge(const std::string& what, const std::string& arguments) {
  const auto verdict = pyhanko(arguments);
  if (!verdict) {
    MESSAGE("pyHanko is not installed in build/venv: not judged by it");
    return;
  }
  CHECK_MESSAGE(verdict->status == 0, what << "\n" << verdict->output);
}

inline std::string quoted(const std::filesystem::path& path) {
  return " '" + path.string() + "'";
}

inline ObjectId red_box(IncrementalWriter& writer) {
  return writer.add_stream({{"Type", Name{"XObject"}}, {"Subtype", Name{"Form"}}, {"BBox", Array{0, 0, 30, 100}}},
                           to_bytes("1 0 0 rg 0 0 30 100 re f"));
}

}  // namespace update
}  // namespace kyso::pdf::test
