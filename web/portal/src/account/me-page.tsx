import "./account.css";
import { useTranslation } from "react-i18next";
import { useSession } from "@/app/session";
import { hasAny, organisationRoles } from "@/app/access";
import { PageHeader } from "@/ui/page-header";
import { Delegations } from "./delegations";
import { Passkeys } from "./passkeys";
import { Password } from "./password";
import { Profile } from "./profile";
import { Sessions } from "./sessions";

export function Page() {
  const { t } = useTranslation("account");
  const { account } = useSession();
  return (
    <>
      <PageHeader title={t("me.title")} />
      <div className="a-two">
        <div>
          <Profile />
          <Password />
        </div>
        <div>
          <Passkeys />
          <Sessions />
        </div>
      </div>
      {hasAny(account?.roles, organisationRoles) && <Delegations />}
    </>
  );
}
