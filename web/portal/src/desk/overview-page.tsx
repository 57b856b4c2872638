import { useTranslation } from "react-i18next";
import { useAccount } from "@/app/session";
import { useQueues } from "@/layout/work-menu";
import { useRefreshOn } from "@/lib/events";
import { PageHeader } from "@/ui/page-header";
import { ProblemAlert } from "@/ui/problem-alert";
import { Section } from "@/ui/section";
import { QueueCards, type QueueName } from "./queues";

const work: QueueName[] = ["overdue", "mine", "waiting", "processing", "keys", "statement", "approval", "issued", "delivery"];
const other: QueueName[] = ["returned"];

// Where an officer begins: what waits, and how urgent it is.
export function Page() {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const account = useAccount();
  const { data, error, refetch } = useQueues();
  useRefreshOn(["queues", "dossier"], ["desk"]);
  return (
    <>
      <PageHeader title={common("work.desk")} lead={t("overview.lead", { name: account.name })} />
      <ProblemAlert error={error} onRetry={() => void refetch()} />
      <Section title={t("overview.work")}>
        <QueueCards queues={data?.items} names={work} label={t("overview.work")} />
      </Section>
      <Section title={t("overview.other")}>
        <QueueCards queues={data?.items} names={other} label={t("overview.other")} />
      </Section>
    </>
  );
}
