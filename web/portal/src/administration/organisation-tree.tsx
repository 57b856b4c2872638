import { CaretDownOutlined, CaretRightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { Organisation } from "@/api/types";
import { today } from "@/lib/format";
import { ProblemAlert } from "@/ui/problem-alert";
import { usePages } from "@/ui/use-pages";

interface BranchProps {
  query: { parent?: string; q?: string };
  at: string | undefined;
  chosen: string | undefined;
  onChoose: (organisation: Organisation) => void;
}

function Node({ organisation, ...rest }: Omit<BranchProps, "query"> & { organisation: Organisation }) {
  const [open, setOpen] = useState(false);
  const ended = organisation.valid_to !== undefined && organisation.valid_to <= (rest.at ?? today());
  return (
    <li>
      <div className="g-node">
        {organisation.has_children ? (
          <button type="button" className="g-toggle" aria-expanded={open} aria-label={organisation.name} onClick={() => setOpen(!open)}>
            {open ? <CaretDownOutlined aria-hidden /> : <CaretRightOutlined aria-hidden />}
          </button>
        ) : (
          <span className="g-leaf" />
        )}
        <button type="button" className={ended ? "g-gone" : undefined} aria-current={rest.chosen === organisation.id} onClick={() => rest.onChoose(organisation)}>
          {organisation.name}
        </button>
      </div>
      {open && <Branch query={{ parent: organisation.id }} {...rest} />}
    </li>
  );
}

// One branch: children of one, or what a search finds; pages are added below.
export function Branch({ query, ...rest }: BranchProps) {
  const { t } = useTranslation("administration");
  const { t: common } = useTranslation();
  const pages = usePages(["organisations", "tree", query, rest.at], (after) => unwrap(api.GET("/api/v1/organisations", { params: { query: { ...query, at: rest.at, after, limit: 100 } } })));
  return (
    <>
      <ProblemAlert error={pages.error} onRetry={pages.refresh} />
      {pages.isLoading && <p className="k-hint" role="status">{common("loading")}</p>}
      {!pages.isLoading && pages.items.length === 0 && <p className="k-hint">{common("organisation.noResults")}</p>}
      <ul>
        {pages.items.map((organisation) => (
          <Node key={organisation.id} organisation={organisation} {...rest} />
        ))}
      </ul>
      {pages.hasMore && (
        <Button type="link" size="small" onClick={pages.more} loading={pages.isFetching}>
          {t("organisations.loadMore")}
        </Button>
      )}
    </>
  );
}
