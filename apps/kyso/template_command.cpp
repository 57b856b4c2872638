#include <CLI/CLI.hpp>

#include "kyso/commands.h"
#include "kyso/signing_session.h"

namespace kyso::app {
namespace {

int finish(const Result<>& result, const Console& console) {
  return result ? 0 : console.report(result.error());
}

Result<> list_templates(const Console& console) {
  const auto store = template_store();
  json::Value list = json::Value::array();
  for (const auto& entry : store.list()) {
    console.say("{} {} {}", "{} {} {}", pad_right(entry.name, 24),
                pad_right(std::string(decree30::name_of(entry.role)), 14),
                entry.shipped ? console.pick("(có sẵn)", "(shipped)") : entry.path.string());
    json::Value item = json::Value::object();
    list.push_back(item.set("name", entry.name)
                       .set("role", decree30::name_of(entry.role))
                       .set("path", entry.path.string())
                       .set("shipped", entry.shipped));
  }
  if (console.json) console.print(json::serialize(list, json::Style::indented) + "\n");
  for (const Error& problem : store.problems()) {
    const ErrorText text = describe(problem, console.language);
    console.note("Mẫu hỏng: {} → {}", "Broken template: {} → {}", text.message, text.next_step);
  }
  return {};
}

Result<> show_template(const std::string& name, const Console& console) {
  const auto found = KYSO_TRY(template_store().find(name));
  if (!console.json) {
    console.print(decree30::to_toml(found));
    return {};
  }
  json::Value object = json::Value::object();
  object.set("name", found.name).set("role", decree30::name_of(found.role)).set("toml", decree30::to_toml(found));
  console.print(json::serialize(object, json::Style::indented) + "\n");
  return {};
}

struct NewTemplate {
  std::string name, role, from, image, signer_name, agency;
  std::optional<double> width, height, seal_diameter, seal_overlap;
};

Result<> new_template(const NewTemplate& wanted, const Console& console) {
  const auto store = template_store();
  decree30::Template made;
  if (!wanted.from.empty()) {
    made = KYSO_TRY(store.find(wanted.from));
  } else {
    const auto role = decree30::role_by_name(wanted.role);
    if (!role) return fail("kyso.role.unknown").with("role", wanted.role);
    made = KYSO_TRY(store.for_role(*role));
  }
  if (!wanted.signer_name.empty()) made.signer_name = wanted.signer_name;
  if (!wanted.agency.empty()) made.agency = wanted.agency;
  made.width = wanted.width.value_or(made.width);
  made.height = wanted.height.value_or(made.height);
  made.seal_diameter_mm = wanted.seal_diameter.value_or(made.seal_diameter_mm);
  made.seal_overlap_percent = wanted.seal_overlap.value_or(made.seal_overlap_percent);
  std::optional<std::filesystem::path> image;
  if (!wanted.image.empty()) image = wanted.image;
  const auto path = KYSO_TRY(store.create(wanted.name, made, image));
  console.say("Đã tạo mẫu: {}", "Template made: {}", path.string());
  if (console.json) {
    json::Value object = json::Value::object();
    console.print(json::serialize(object.set("path", path.string())) + "\n");
  }
  return {};
}

void add_new_command(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand("new", console.pick("Tạo mẫu mới", "Make a new template"));
  auto wanted = std::make_shared<NewTemplate>();
  wanted->role = "leader";
  command->add_option("NAME", wanted->name, console.pick("Tên mẫu", "Name"))->required()->type_name("");
  command->add_option("--role", wanted->role, console.pick("Vai trò", "Role"))->type_name("ROLE");
  command->add_option("--from", wanted->from, console.pick("Mẫu để chép", "Template to start from"))->type_name("NAME");
  command->add_option("--image", wanted->image, console.pick("Hình PNG", "PNG picture"))->type_name("PNG");
  command
      ->add_option("--signer-name", wanted->signer_name,
                   console.pick("Họ và tên để xác định vị trí ký", "Name that the place is found by"))
      ->type_name("TEXT");
  command->add_option("--agency", wanted->agency, console.pick("Tên cơ quan", "Agency"))->type_name("TEXT");
  command->add_option("--width", wanted->width, console.pick("Chiều rộng, point", "Width, points"))->type_name("PT");
  command->add_option("--height", wanted->height, console.pick("Chiều cao, point", "Height, points"))->type_name("PT");
  command
      ->add_option("--seal-diameter", wanted->seal_diameter,
                   console.pick("Đường kính con dấu, mm", "Seal diameter, mm"))
      ->type_name("MM");
  command
      ->add_option("--seal-overlap", wanted->seal_overlap,
                   console.pick("Vị trí đóng dấu, %", "Overlap of seal and signature, %"))
      ->type_name("PERCENT");
  command->callback([wanted, &console, &run] {
    run = [wanted, &console] { return finish(new_template(*wanted, console), console); };
  });
}

}  // namespace

void add_template_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand("template", console.pick("Mẫu chữ ký", "Signature templates"));
  command->require_subcommand(1);
  command->add_subcommand("list", console.pick("Liệt kê các mẫu", "List them"))->callback([&console, &run] {
    run = [&console] { return finish(list_templates(console), console); };
  });
  CLI::App* show = command->add_subcommand("show", console.pick("Xem một mẫu", "Show one"));
  auto name = std::make_shared<std::string>();
  show->add_option("NAME", *name, console.pick("Tên mẫu", "Name"))->required()->type_name("");
  show->callback(
      [name, &console, &run] { run = [name, &console] { return finish(show_template(*name, console), console); }; });
  add_new_command(*command, console, run);
}

}  // namespace kyso::app
