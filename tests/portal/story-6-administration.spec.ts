import { account, expect, test } from "./story.js";

test.describe("an administrator", () => {
  test("looks at organisations and sees what a merger would do before it is done, and takes it back", async ({ people }) => {
    const administrator = await people.signedIn("quan-tri");
    const { page } = administrator;
    await administrator.go("/quan-tri/co-quan");
    await page.getByLabel("Tìm theo tên hoặc mã, không cần dấu").fill("so tai chinh mau");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Cơ quan mẫu: Sở Tài chính Mẫu" }).first().click();
    await expect(page.getByRole("heading", { name: "Cơ quan mẫu: Sở Tài chính Mẫu" })).toBeVisible();
    await administrator.look("co-quan");

    await page.getByRole("main").getByRole("button", { name: "Sắp xếp tổ chức" }).last().click();
    const drawer = page.getByRole("dialog").first();
    await administrator.chooseOrganisation("so mau", "Cơ quan mẫu: Sở Mẫu", drawer.getByRole("button", { name: /^Tìm theo phân cấp/ }).first());
    await drawer.getByLabel("Văn bản căn cứ").fill("Nghị quyết số 01/NQ-HĐND (mẫu)");
    await drawer.getByRole("button", { name: "Xem trước" }).click();
    await expect(drawer.getByRole("heading", { name: "Những gì sẽ thay đổi" })).toBeVisible();
    await expect(drawer.getByText(/cơ quan, \d+ chứng thư số, \d+ tài khoản chịu ảnh hưởng/)).toBeVisible();
    await administrator.look("sap-nhap", { full: false });
    await drawer.getByRole("button", { name: "Thực hiện" }).click();
    await expect(drawer).toBeHidden();
    await administrator.go("/quan-tri/co-quan/sap-xep");
    const change = page.getByRole("row").filter({ hasText: "Nghị quyết số 01/NQ-HĐND (mẫu)" });
    await expect(change).toContainText(account("quan-tri").name);
    await expect(change).toContainText("“Cơ quan mẫu: Sở Tài chính Mẫu” nhập vào “Cơ quan mẫu: Sở Mẫu”.");
    await change.getByRole("button", { name: "Hoàn tác" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Hoàn tác" }).click();
    await expect(change.getByText(/^Đã hoàn tác \d/)).toBeVisible();
    await administrator.look("lich-su-sap-xep");
  });

  test("gives and takes roles", async ({ people }) => {
    const administrator = await people.signedIn("quan-tri");
    const { page } = administrator;
    await administrator.go("/quan-tri/tai-khoan");
    await administrator.look("tai-khoan-quan-tri");
    await page.getByRole("button", { name: account("kiem-toan").name }).click();
    const drawer = page.getByRole("dialog");
    await expect(drawer.getByText(account("kiem-toan").email)).toBeVisible();
    await administrator.look("sua-tai-khoan", { full: false });
    await drawer.getByRole("checkbox", { name: "Quản trị hệ thống" }).check();
    await drawer.getByRole("button", { name: "Lưu" }).click();
    await expect(drawer.getByText(/không được giữ đồng thời vai trò (Kiểm toán viên và Quản trị hệ thống|Quản trị hệ thống và Kiểm toán viên)/)).toBeVisible();
    await administrator.look("sua-tai-khoan-tu-choi", { full: false });
    await drawer.getByRole("button", { name: "Đóng" }).click();

    const head = account("thu-truong"), row = page.getByRole("row").filter({ hasText: head.email });
    for (const [change, shown] of [["check", "Cán bộ đầu mối, Thủ trưởng"], ["uncheck", "Thủ trưởng"]] as const) {
      await page.getByRole("button", { name: head.name }).click();
      await expect(drawer.getByText(head.email)).toBeVisible();
      await drawer.getByRole("checkbox", { name: "Cán bộ đầu mối" })[change]();
      await drawer.getByRole("button", { name: "Lưu" }).click();
      await expect(drawer).toBeHidden();
      await expect(row.getByRole("cell", { name: shown, exact: true })).toBeVisible();
    }
  });

  test("publishes news that everybody reads", async ({ people }) => {
    const administrator = await people.signedIn("quan-tri");
    const { page } = administrator;
    await administrator.go("/quan-tri/noi-dung");
    await page.getByRole("button", { name: "Thêm nội dung" }).click();
    const drawer = page.getByRole("dialog");
    await drawer.getByLabel("Tiêu đề", { exact: true }).fill("Lịch tiếp nhận hồ sơ dịp nghỉ lễ");
    await drawer.getByLabel("Nội dung (Markdown, không dùng HTML)").fill("Hồ sơ nộp trong **kỳ nghỉ** được tiếp nhận vào ngày làm việc đầu tiên.\n\n<script>alert(1)</script>");
    await drawer.getByRole("button", { name: "Lưu" }).click();
    await expect(drawer.getByText(/có thẻ HTML hoặc đường dẫn không được phép/)).toBeVisible();
    await drawer.getByLabel("Nội dung (Markdown, không dùng HTML)").fill("Hồ sơ nộp trong **kỳ nghỉ** được tiếp nhận vào ngày làm việc đầu tiên.");
    await expect(drawer.getByText(/có thẻ HTML hoặc đường dẫn không được phép/)).toBeHidden();
    await administrator.look("noi-dung", { full: false });
    await drawer.getByRole("button", { name: "Lưu" }).click();
    await expect(drawer).toBeHidden();
    const guest = await people.somebody("khach");
    await guest.go("/tin-tuc");
    await guest.page.getByRole("link", { name: "Lịch tiếp nhận hồ sơ dịp nghỉ lễ" }).click();
    await expect(guest.page.getByRole("strong").filter({ hasText: "kỳ nghỉ" })).toBeVisible();
    await guest.look("tin-tuc");
    await page.getByRole("button", { name: "Xóa: Lịch tiếp nhận hồ sơ dịp nghỉ lễ" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Xóa" }).click();
    await expect(page.getByText("Lịch tiếp nhận hồ sơ dịp nghỉ lễ")).toHaveCount(0);
  });

  test("sees the mails that go out, and officers' passkeys", async ({ people }) => {
    const administrator = await people.signedIn("quan-tri");
    const { page } = administrator;
    await people.officers();
    await administrator.go("/quan-tri/thong-bao");
    await expect(page.getByRole("table")).toBeVisible();
    await administrator.look("thong-bao");
    await administrator.go("/quan-tri/khoa-truy-cap");
    await expect(page.getByText("Đã ghi danh").first()).toBeVisible();
    await administrator.look("khoa-truy-cap");
  });
});
