import { createRoot } from "react-dom/client";
import "@/generated/core.css";
import "@/app/base.css";
import { App } from "@/app/app";

createRoot(document.getElementById("root")!).render(<App />);
