import "./desk.css";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import type { Queue } from "@/api/types";
import { formatNumber } from "@/lib/format";

// In the order of the work; "all" is a search and has no number.
export const queueNames = ["waiting", "mine", "processing", "keys", "statement", "approval", "issued", "delivery", "returned", "overdue", "finished", "rejected", "all"] as const;
export type QueueName = (typeof queueNames)[number];
export const isQueue = (name: string | undefined): name is QueueName => queueNames.some((one) => one === name);

export function QueueCards({ queues, names, label }: { queues: readonly Queue[] | undefined; names: readonly QueueName[]; label?: string }) {
  const { t } = useTranslation("desk");
  const { t: common, i18n } = useTranslation();
  return (
    <nav aria-label={label ?? t("queues")}>
      <ul className="k-plain q-cards">
        {names.map((name) => {
          const queue = queues?.find((one) => one.name === name);
          const isHot = (queue?.overdue ?? 0) > 0 && name !== "returned";
          return (
            <li key={name}>
              <NavLink to={`/ban-xu-ly/${name}`} className={`q-card${isHot ? " q-card-bad" : (queue?.soon ?? 0) > 0 ? " q-card-warn" : ""}`}>
                <span className="q-name">{common(`queue.${name}`)}</span>
                <strong className="q-count">{queue ? formatNumber(queue.count, i18n.language) : "–"}</strong>
                <span className="q-urgent">
                  {queue && queue.overdue > 0 && <span className="q-overdue">{t("overdue", { count: queue.overdue })}</span>}
                  {queue && queue.soon > 0 && <span className="q-soon">{t("soon", { count: queue.soon })}</span>}
                  {queue && queue.overdue === 0 && queue.soon === 0 && <span>{t(queue.count > 0 ? "inTime" : "empty")}</span>}
                </span>
              </NavLink>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
