import { UserSwitchOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { api, unwrap } from "@/api/client";
import type { DossierKind, DossierRow } from "@/api/types";
import { NotFoundPage } from "@/app/error-page";
import { useSession } from "@/app/session";
import { DossierRecords } from "@/dossiers/dossier-records";
import { DossierFilter } from "@/dossiers/list-page";
import { useOrganisation } from "@/dossiers/use-organisation";
import { useQueues } from "@/layout/work-menu";
import { useRefreshOn } from "@/lib/events";
import { PageHeader } from "@/ui/page-header";
import { OrganisationPicker } from "@/ui/organisation-picker";
import { usePages } from "@/ui/use-pages";
import { AssignDialog } from "./assign-dialog";
import { isQueue, QueueCards, type QueueName } from "./queues";

export function Page() {
  const { queue } = useParams();
  return isQueue(queue) ? <QueueView key={queue} queue={queue} /> : <NotFoundPage />;
}

const cards: QueueName[] = ["waiting", "mine", "processing", "keys", "statement", "approval", "issued", "delivery", "returned", "overdue"];

function QueueView({ queue }: { queue: QueueName }) {
  const { t } = useTranslation("desk");
  const { t: common } = useTranslation();
  const { has } = useSession();
  const [search, setSearch] = useSearchParams();
  const { data: queues } = useQueues();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [assigning, setAssigning] = useState<readonly DossierRow[]>();
  const filter = {
    q: search.get("q") ?? undefined,
    number: search.get("number") ?? undefined,
    kind: (search.get("kind") ?? undefined) as DossierKind | undefined,
    from: search.get("from") ?? undefined,
    to: search.get("to") ?? undefined,
    organisation: search.get("organisation") ?? undefined,
  };
  const pages = usePages<DossierRow>(["desk", "dossiers", queue, filter], (after) => unwrap(api.GET("/api/v1/desk/dossiers", { params: { query: { queue, after, ...filter } } })));
  useRefreshOn(["queues", "dossier"], ["desk"]);
  const organisation = useOrganisation(filter.organisation);
  const canAssign = has("receiving", "approving");
  const isOpen = queue !== "finished" && queue !== "rejected" && queue !== "returned";
  const isSearched = queue === "all" || queue === "finished" || queue === "rejected";

  return (
    <>
      <PageHeader title={common(`queue.${queue}`)} lead={t(`lead.${queue}`)} crumbs={[{ text: common("work.desk"), to: "/ban-xu-ly" }]} />
      {!isSearched && <QueueCards queues={queues?.items} names={cards} />}
      <DossierFilter key={search.toString()} />
      <div className="k-row k-spread k-gap">
        <div className="k-row">
          <OrganisationPicker
            value={organisation}
            allowClear
            onChange={(choice) => {
              setSearch(
                (before) => {
                  const next = new URLSearchParams(before);
                  if (choice) next.set("organisation", choice.id);
                  else next.delete("organisation");
                  return next;
                },
                { replace: true },
              );
            }}
          />
        </div>
        {canAssign && isOpen && (
          <Button icon={<UserSwitchOutlined aria-hidden />} disabled={chosen.size === 0} onClick={() => setAssigning(pages.items.filter((dossier) => chosen.has(dossier.id)))}>
            {t("assign.chosen", { count: chosen.size })}
          </Button>
        )}
      </div>
      <DossierRecords
        pages={pages}
        label={common(`queue.${queue}`)}
        box="desk"
        addressOf={(dossier) => `/ban-xu-ly/ho-so/${dossier.id}`}
        emptyText={<strong>{t("nothing")}</strong>}
        selection={canAssign && isOpen ? { selected: chosen, onChange: setChosen, nameOf: (dossier) => dossier.letter_number ?? dossier.code, canSelect: (dossier) => dossier.state === "submitted" || dossier.state === "processing" } : undefined}
      />
      <AssignDialog
        dossiers={assigning}
        onClose={() => setAssigning(undefined)}
        onDone={() => {
          setAssigning(undefined);
          setChosen(new Set());
        }}
      />
    </>
  );
}
