import "./dossiers.css";
import { Button, Checkbox } from "antd";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "@/ui/problem-alert";
import type { Pages } from "@/ui/use-pages";

export interface Column<T> {
  key: string;
  title: ReactNode;
  render: (row: T) => ReactNode;
  className?: string;
  isHidden?: boolean; // the title is for screen readers only
}

export interface Selection<T> {
  selected: ReadonlySet<string>;
  onChange: (selected: Set<string>) => void;
  canSelect?: (row: T) => boolean;
  nameOf: (row: T) => string;
}

export interface RecordTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  details?: (row: T) => ReactNode; // below the row, over its whole width
  toneOf?: (row: T) => "bad" | "warn" | undefined;
  selection?: Selection<T>;
  emptyText?: ReactNode;
  isLoading?: boolean;
}

// Records as a table where there is room and as cards where there is none (phones, 200 % zoom): nobody has to scroll sideways.
// The roles are written out because display: block takes them away from elements of a table.
export function RecordTable<T>({ label, columns, rows, rowKey, details, toneOf, selection, emptyText, isLoading }: RecordTableProps<T>) {
  const { t } = useTranslation();
  const { t: own } = useTranslation("dossiers");
  const open = selection ? rows.filter((row) => selection.canSelect?.(row) ?? true) : [];
  const allKeys = open.map(rowKey);
  const chosen = selection ? allKeys.filter((key) => selection.selected.has(key)).length : 0;

  function choose(keys: string[], isChosen: boolean) {
    const next = new Set(selection?.selected);
    for (const key of keys) if (isChosen) next.add(key);
      else next.delete(key);
    selection?.onChange(next);
  }

  return (
    <div className="d-records" aria-busy={isLoading}>
      <table role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {selection && (
              <th role="columnheader" scope="col" className="d-select">
                <Checkbox aria-label={own("table.all")} checked={allKeys.length > 0 && chosen === allKeys.length} indeterminate={chosen > 0 && chosen < allKeys.length} disabled={allKeys.length === 0} onChange={(event) => choose(allKeys, event.target.checked)} />
              </th>
            )}
            {columns.map((column) => (
              <th role="columnheader" scope="col" key={column.key} className={column.className}>
                {column.isHidden ? <span className="k-hidden">{column.title}</span> : column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => {
            const key = rowKey(row), tone = toneOf?.(row), more = details?.(row);
            const isChosen = selection?.selected.has(key) ?? false;
            return (
              <Fragment key={key}>
                <tr role="row" className={[isChosen && "d-chosen", tone && `d-tone-${tone}`, more && "d-has-more"].filter(Boolean).join(" ") || undefined}>
                  {selection && (
                    <td role="cell" className="d-select">
                      <Checkbox aria-label={own("table.one", { name: selection.nameOf(row) })} checked={isChosen} disabled={!(selection.canSelect?.(row) ?? true)} onChange={(event) => choose([key], event.target.checked)} />
                    </td>
                  )}
                  {columns.map((column) => (
                    <td role="cell" key={column.key} className={column.className}>
                      {!column.isHidden && (
                        <span className="d-label" aria-hidden="true">
                          {column.title}
                        </span>
                      )}
                      <div className="d-value">{column.render(row)}</div>
                    </td>
                  ))}
                </tr>
                {more && (
                  <tr role="row" className={`d-more${tone ? ` d-tone-${tone}` : ""}`}>
                    <td role="cell" colSpan={columns.length + (selection ? 1 : 0)}>
                      {more}
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
      {rows.length === 0 && (
        <div className="d-empty" role="status">
          {isLoading ? t("table.loading") : (emptyText ?? t("table.empty"))}
        </div>
      )}
    </div>
  );
}

// The same over usePages().
export function RecordPages<T>({ pages, ...table }: Omit<RecordTableProps<T>, "rows" | "isLoading"> & { pages: Pages<T> }) {
  const { t } = useTranslation();
  return (
    <>
      <ProblemAlert error={pages.error} onRetry={pages.refresh} />
      <RecordTable {...table} rows={pages.items} isLoading={pages.isLoading} />
      <div className="k-table-foot">
        <span role="status">{pages.items.length > 0 && t("table.shown", { count: pages.items.length })}</span>
        {pages.hasMore && (
          <Button onClick={pages.more} loading={pages.isFetching}>
            {t("table.more")}
          </Button>
        )}
      </div>
    </>
  );
}
