import type { TFunction } from "i18next";
import type { DossierKind } from "@/api/types";

// Titles of columns and fields as the forms have them; two kinds name their subject otherwise.
export function fieldLabel(t: TFunction<"dossiers">, kind: DossierKind, name: string): string {
  if (name === "name" && (kind === "02" || kind === "03")) return t(`nameOf.${kind}`);
  return t(`field.${name.replace("/", "_")}`);
}
