import { type ReactNode, useId } from "react";

// A white sheet with its heading, as the numbered parts of a dossier.
export function Section({ title, actions, children, className = "" }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; className?: string }) {
  const id = useId();
  return (
    <section className={`k-section ${className}`} aria-labelledby={title ? id : undefined}>
      {(title || actions) && (
        <div className="k-section-head">
          {title && <h2 id={id}>{title}</h2>}
          {actions && <div className="k-section-actions">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}
