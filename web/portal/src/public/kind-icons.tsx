import { ApiOutlined, BankOutlined, ReloadOutlined, StopOutlined, UnlockOutlined, UserOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import type { DossierKind } from "@/api/types";

export const kinds: DossierKind[] = ["01", "02", "03", "04", "05", "06"];
export const kindIcons: Record<DossierKind, ReactNode> = {
  "01": <UserOutlined />,
  "02": <BankOutlined />,
  "03": <ApiOutlined />,
  "04": <ReloadOutlined />,
  "05": <StopOutlined />,
  "06": <UnlockOutlined />,
};
