import { expect, mailTo, test } from "./story.js";

const email = "vanthu.sogd@coquanmau.gov.vn";
const first = "mot-mat-khau-that-dai-2026", second = "mot-cau-khac-con-dai-hon-2026";

test.describe.serial("an account", () => {
  test("is registered, confirmed by mail, and opens", async ({ people }) => {
    const clerk = await people.somebody("van thu moi");
    const { page } = clerk;
    await clerk.go("/");
    await page.getByRole("button", { name: "Đăng ký" }).click();
    await clerk.chooseOrganisation("so giao duc mau", "Cơ quan mẫu: Sở Giáo dục Mẫu", undefined, "chon-co-quan");
    await page.getByLabel("Họ và tên").fill("Trần Thị Văn Thư");
    await page.getByLabel("Số điện thoại").fill("0912 345 678");
    await page.getByLabel("Email", { exact: true }).fill(email);
    await page.getByLabel("Mật khẩu", { exact: true }).fill(first);
    await page.getByLabel("Xác nhận mật khẩu").fill(first.slice(1));
    const submit = page.getByRole("main").getByRole("button", { name: "Đăng ký" });
    await submit.click();
    await expect(page.getByText("Hai lần nhập mật khẩu không giống nhau")).toBeVisible();
    await expect(page.getByText("Bạn hãy đánh dấu cam kết")).toBeVisible();
    await page.getByLabel("Xác nhận mật khẩu").fill(first);
    await page.getByRole("checkbox").check();
    await expect(page.getByText("Đã xác nhận.")).toBeVisible();
    await clerk.look("dang-ky");
    await submit.click();
    await expect(page.getByRole("heading", { name: "Hãy mở thư điện tử để kích hoạt tài khoản" })).toBeVisible();
    await clerk.look("dang-ky-xong");

    // Not before the address is confirmed.
    await clerk.go("/dang-nhap");
    await page.getByLabel("Tên tài khoản").fill(email);
    await page.getByLabel("Mật khẩu", { exact: true }).fill(first);
    await page.getByRole("main").getByRole("button", { name: "Đăng nhập", exact: true }).click();
    await expect(page.getByRole("alert")).toBeVisible();

    const { found } = await mailTo(email, /https?:\/\/\S+kich-hoat\S+/);
    await clerk.go(found[0]);
    await clerk.look("kich-hoat");
    await page.getByRole("button", { name: "Xác nhận email" }).click();
    await expect(page.getByRole("heading", { name: "Tài khoản đã được kích hoạt" })).toBeVisible();
    await page.getByRole("main").getByRole("link", { name: "Đăng nhập" }).click();
    await page.getByLabel("Tên tài khoản").fill(email);
    await page.getByLabel("Mật khẩu", { exact: true }).fill(first);
    await clerk.look("dang-nhap");
    await page.getByRole("main").getByRole("button", { name: "Đăng nhập", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Bảng thống kê" })).toBeVisible();

    // The link counts once.
    const other = await people.somebody("mot nguoi khac");
    await other.go(found[0]);
    await other.page.getByRole("button", { name: "Xác nhận email" }).click();
    await expect(other.page.getByRole("alert")).toBeVisible();
    await people.leave("mot nguoi khac");
  });

  test("whose password was forgotten gets another one; old sessions end", async ({ people }) => {
    const clerk = await people.somebody("van thu moi");
    const guest = await people.somebody("quen mat khau");
    await guest.go("/dang-nhap");
    await guest.page.getByRole("link", { name: "Quên mật khẩu" }).click();
    await guest.page.getByLabel("Email").fill(email);
    await guest.page.getByRole("main").getByRole("button", { name: "Gửi liên kết" }).click();
    await expect(guest.page.getByText("Nếu có tài khoản với email này, thư đã được gửi đi")).toBeVisible();
    await guest.look("quen-mat-khau");
    const { found } = await mailTo(email, /https?:\/\/\S+dat-lai-mat-khau\S+/);
    await guest.go(found[0]);
    await guest.page.getByLabel("Mật khẩu mới", { exact: true }).fill(second);
    await guest.page.getByLabel("Xác nhận mật khẩu mới").fill(second);
    await guest.look("dat-lai-mat-khau");
    await guest.page.getByRole("button", { name: "Đặt mật khẩu" }).click();
    await expect(guest.page.getByRole("heading", { name: "Mật khẩu mới đã được đặt" })).toBeVisible();

    await clerk.page.goto("/tai-khoan");
    await expect(clerk.page.getByRole("heading", { level: 1, name: "Đăng nhập" })).toBeVisible();
    await clerk.page.getByLabel("Tên tài khoản").fill(email);
    await clerk.page.getByLabel("Mật khẩu", { exact: true }).fill(first);
    await clerk.page.getByRole("main").getByRole("button", { name: "Đăng nhập", exact: true }).click();
    await expect(clerk.page.getByRole("alert")).toBeVisible();
    await clerk.look("dang-nhap-sai");
    await clerk.signIn(email, second);
  });

  test("takes a passkey, signs in with it, and ends other sessions", async ({ people }) => {
    const clerk = await people.somebody("van thu moi"), guest = await people.somebody("quen mat khau");
    const { page } = clerk;
    await guest.signIn(email, second);
    await clerk.addPasskey("Máy tính cơ quan");
    await clerk.signOut();
    await clerk.go("/dang-nhap");
    await page.getByRole("button", { name: "Đăng nhập bằng khóa truy cập (passkey)" }).click();
    await expect(page.getByRole("button", { name: "Đăng xuất" })).toBeVisible();

    await clerk.go("/tai-khoan");
    await expect(page.getByText("Phiên này")).toBeVisible();
    await clerk.look("tai-khoan");
    await page.getByRole("button", { name: /^Kết thúc: / }).first().click();
    await expect(page.getByRole("button", { name: /^Kết thúc: / })).toHaveCount(0);
    await guest.page.goto("/tai-khoan");
    await expect(guest.page.getByRole("heading", { level: 1, name: "Đăng nhập" })).toBeVisible();
    await people.leave("quen mat khau");
    await people.leave("van thu moi");
  });
});
