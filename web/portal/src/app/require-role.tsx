import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "@/api/types";
import { hasAny } from "./access";
import { useAccount } from "./session";

export function RequireRole({ roles, children }: { roles: readonly Role[]; children: ReactNode }) {
  const { t } = useTranslation();
  const account = useAccount();
  if (hasAny(account.roles, roles)) return children;
  return (
    <div>
      <h1>{t("problem.forbidden")}</h1>
      <p>{t("problem.forbiddenHint")}</p>
    </div>
  );
}
