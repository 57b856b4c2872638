#include "pdf/form_writer.h"

#include <functional>

#include "pdf/update_test_support.h"

using namespace kyso;
using namespace kyso::pdf;

namespace {

struct SignOptions {
  std::string field = "ChuKy";
  WidgetPlan widget = {};
  std::optional<FieldLock> new_lock = {};
  FormWriter::SignatureReferences references = {};
  bool existing = false;
  std::function<void(FormWriter&, IncrementalWriter&)> before = {};
};

// One signed update of the file at `path`, in place.
void sign(const std::filesystem::path& path, const test::OpensslSigner& signer, const SignOptions& options,
          const std::string& password = "") {
  const Document document = test::open(path, password);
  IncrementalWriter writer(document.view());
  FormWriter form(document, writer);
  if (options.before) options.before(form, writer);
  const ObjectId signature = writer.reserve();
  const ObjectId field =
      options.existing ? test::must(form.use_signature_field(options.field, options.widget.appearance), path.c_str())
                       : test::must(form.add_signature_field(options.field, options.widget, options.new_lock), path.c_str());
  Dictionary dictionary{{"Type", Name{"Sig"}},
                        {"Filter", Name{"Adobe.PPKLite"}},
                        {"SubFilter", Name{"ETSI.CAdES.detached"}},
                        {"M", String{"D:20261120110000+07'00'", false}},
                        {"Reason", text_string("Thử nghiệm")}};
  const Object references = test::must(form.bind_signature(field, signature, options.references));
  if (!references.is_null()) dictionary.set("Reference", references);
  writer.set_signature(signature, dictionary, 2000);
  const auto appendix = test::must(writer.finish(test::random_id()));
  test::save(path, test::whole(document, appendix.bytes));
  signer.sign(path, *appendix.slot);
}

void judge(const std::string& what, const std::string& arguments) {
  const auto verdict = test::pyhanko(arguments);
  if (!verdict) {
    MESSAGE("pyHanko is not installed in build/venv: not judged by it");
    return;
  }
  CHECK_MESSAGE(verdict->status == 0, what << "\n" << verdict->output);
}

}  // namespace

TEST_CASE("pyHanko accepts two signatures in every sample") {
  const test::TemporaryFolder folder;
  const test::OpensslSigner signer;
  std::string plain;
  for (const test::Sample& sample : test::all_samples()) {
    const std::string name = sample.path.filename().string();
    const Document document = test::open(sample.path, sample.password);
    if (document.form().permissions().level() == 1) continue;
    const auto path = folder / name;
    std::filesystem::copy_file(sample.path, path);
    sign(path, signer, {.field = "Moi1"}, sample.password);
    sign(path, signer, {.field = "Moi2"}, sample.password);
    if (sample.password.empty()) {
      plain += " '" + path.string() + "'";
    } else {
      judge(name, "--password " + sample.password + " '" + path.string() + "'");
    }
  }
  judge("all", plain);
}
