import {
  ApartmentOutlined, AuditOutlined, BarChartOutlined, DashboardOutlined, FileDoneOutlined, FileSearchOutlined, FolderOpenOutlined, IdcardOutlined,
  InboxOutlined, KeyOutlined, MailOutlined, ReadOutlined, SafetyCertificateOutlined, SendOutlined, TeamOutlined, UsbOutlined,
} from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { api, unwrap } from "@/api/client";
import type { Role } from "@/api/types";
import { hasAny, officerRoles, organisationRoles } from "@/app/access";
import { useAccount } from "@/app/session";

interface Entry {
  text: string;
  to: string;
  icon: ReactNode;
  roles: Role[];
  queue?: string;
}

const everybody: Role[] = ["clerk", "head", "receiving", "checking", "approving", "auditor", "administrator"];
const menu: { heading?: string; entries: Entry[] }[] = [
  { entries: [{ text: "work.dashboard", to: "/bang-thong-ke", icon: <DashboardOutlined />, roles: everybody }] },
  {
    heading: "work.desk",
    entries: [
      { text: "queue.waiting", to: "/ban-xu-ly/waiting", icon: <InboxOutlined />, roles: officerRoles, queue: "waiting" },
      { text: "queue.mine", to: "/ban-xu-ly/mine", icon: <FolderOpenOutlined />, roles: ["receiving", "checking", "approving"], queue: "mine" },
      { text: "queue.processing", to: "/ban-xu-ly/processing", icon: <AuditOutlined />, roles: officerRoles, queue: "processing" },
      { text: "queue.keys", to: "/ban-xu-ly/keys", icon: <KeyOutlined />, roles: ["receiving", "auditor"], queue: "keys" },
      { text: "queue.statement", to: "/ban-xu-ly/statement", icon: <IdcardOutlined />, roles: ["receiving", "auditor"], queue: "statement" },
      { text: "queue.approval", to: "/ban-xu-ly/approval", icon: <SafetyCertificateOutlined />, roles: officerRoles, queue: "approval" },
      { text: "queue.delivery", to: "/ban-xu-ly/delivery", icon: <SendOutlined />, roles: ["receiving", "auditor"], queue: "delivery" },
      { text: "queue.all", to: "/ban-xu-ly/all", icon: <FileSearchOutlined />, roles: officerRoles },
    ],
  },
  {
    heading: "work.dossiers",
    entries: [
      { text: "work.drafts", to: "/ho-so/di", icon: <FolderOpenOutlined />, roles: organisationRoles },
      { text: "work.submitted", to: "/ho-so/da-nop", icon: <SendOutlined />, roles: organisationRoles },
      { text: "work.finished", to: "/ho-so/da-hoan-thanh", icon: <FileDoneOutlined />, roles: organisationRoles },
    ],
  },
  { heading: "work.search", entries: [{ text: "work.searchDossiers", to: "/tra-cuu-ho-so", icon: <FileSearchOutlined />, roles: organisationRoles }] },
  { heading: "work.reports", entries: [{ text: "work.reports", to: "/thong-ke", icon: <BarChartOutlined />, roles: [...organisationRoles, ...officerRoles] }] },
  {
    heading: "work.lists",
    entries: [
      { text: "work.certificates", to: "/danh-muc/chung-thu-so", icon: <SafetyCertificateOutlined />, roles: [...organisationRoles, ...officerRoles] },
      { text: "work.tokens", to: "/danh-muc/thiet-bi", icon: <UsbOutlined />, roles: officerRoles },
    ],
  },
  {
    heading: "work.administration",
    entries: [
      { text: "work.accounts", to: "/quan-tri/tai-khoan", icon: <TeamOutlined />, roles: ["administrator", "auditor", "head"] },
      { text: "work.organisations", to: "/quan-tri/co-quan", icon: <ApartmentOutlined />, roles: ["administrator", "auditor"] },
      { text: "work.content", to: "/quan-tri/noi-dung", icon: <ReadOutlined />, roles: ["administrator"] },
      { text: "work.outbox", to: "/quan-tri/thong-bao", icon: <MailOutlined />, roles: ["administrator", "auditor"] },
      { text: "work.passkeys", to: "/quan-tri/khoa-truy-cap", icon: <KeyOutlined />, roles: ["administrator", "auditor"] },
    ],
  },
];

// Numbers beside the queues; ["desk", "queues"] is refreshed by the desk's pages when the server says that they changed.
export function useQueues(enabled = true) {
  return useQuery({ queryKey: ["desk", "queues"], queryFn: () => unwrap(api.GET("/api/v1/desk/queues")), enabled, refetchInterval: 60_000 });
}

export function WorkMenu({ onGo }: { onGo?: () => void }) {
  const { t } = useTranslation();
  const { roles } = useAccount();
  const { data: queues } = useQueues(hasAny(roles, officerRoles));
  return (
    <nav aria-label={t("site.workMenu")}>
      {menu.map(({ heading, entries }) => {
        const own = entries.filter((entry) => hasAny(roles, entry.roles));
        if (own.length === 0) return null;
        return (
          <div key={own[0]!.to}>
            {heading && <h2>{t(heading)}</h2>}
            <ul>
              {own.map((entry) => {
                const queue = queues?.items.find((item) => item.name === entry.queue);
                return (
                  <li key={entry.to}>
                    <NavLink to={entry.to} onClick={onGo}>
                      <span aria-hidden="true">{entry.icon}</span>
                      {t(entry.text)}
                      {queue && queue.count > 0 && (
                        <span className={`k-count${queue.overdue > 0 ? " k-count-bad" : ""}`} title={queue.overdue > 0 ? `${t("urgency.overdue")}: ${queue.overdue}` : undefined}>
                          {queue.count}
                        </span>
                      )}
                    </NavLink>
                  </li>
                );
              })}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}
