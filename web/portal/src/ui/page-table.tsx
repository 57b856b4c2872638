import "@/generated/work.css";
import { Button, Table, type TableProps } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "./problem-alert";
import type { Pages } from "./use-pages";

export type PageTableProps<T extends object> = Omit<TableProps<T>, "dataSource" | "pagination" | "loading"> & {
  pages: Pages<T>;
  label: string; // what the table is, for screen readers
  emptyText?: React.ReactNode;
};

// A table over usePages(): rows are added below by "Xem thêm bản ghi"; an error stands above what is there already.
export function PageTable<T extends object>({ pages, label, emptyText, ...table }: PageTableProps<T>) {
  const { t } = useTranslation();
  const whole = useRef<HTMLDivElement>(null);
  // Where the columns are wider than the window, arrow keys scroll as well as a mouse does.
  useEffect(() => {
    const scrolled = whole.current?.querySelector<HTMLElement>(".ant-table-content");
    if (!scrolled) return undefined;
    const adapt = () => {
      if (scrolled.scrollWidth > scrolled.clientWidth) scrolled.tabIndex = 0;
      else scrolled.removeAttribute("tabindex");
    };
    const observer = new ResizeObserver(adapt);
    observer.observe(scrolled);
    for (const inner of scrolled.children) observer.observe(inner);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={whole} className="k-table" role="region" aria-label={label}>
      <ProblemAlert error={pages.error} onRetry={pages.refresh} />
      <Table<T>
        size="middle"
        scroll={{ x: true }}
        locale={{ emptyText: pages.isLoading ? t("table.loading") : (emptyText ?? t("table.empty")) }}
        {...table}
        dataSource={pages.items}
        pagination={false}
        loading={pages.isLoading}
      />
      <div className="k-table-foot">
        <span role="status">{pages.items.length > 0 && t("table.shown", { count: pages.items.length })}</span>
        {pages.hasMore && (
          <Button onClick={pages.more} loading={pages.isFetching}>
            {t("table.more")}
          </Button>
        )}
      </div>
    </div>
  );
}
