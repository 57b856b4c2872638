import type { TFunction } from "i18next";

export const minimumPassword = 10;

// Rules of a new password and of its repetition; what the server finds beyond (a known password, the own name) it says itself.
export function passwordRules(t: TFunction<"account">) {
  return [
    { required: true, message: t("register.passwordMissing") },
    { min: minimumPassword, message: t("register.passwordShort") },
  ];
}
export function repetitionRules(t: TFunction<"account">, field = "password") {
  return [
    { required: true, message: t("register.confirmMissing") },
    ({ getFieldValue }: { getFieldValue: (name: string) => unknown }) => ({
      validator: (_: unknown, value: string) => (!value || value === getFieldValue(field) ? Promise.resolve() : Promise.reject(new Error(t("register.confirmDiffers")))),
    }),
  ];
}
