import type { ReactNode } from "react";

// Names and values, without what is empty.
export function Facts({ items }: { items: [name: string, value: ReactNode][] }) {
  return (
    <dl className="k-facts">
      {items
        .filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
