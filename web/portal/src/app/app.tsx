import { Suspense } from "react";
import { createBrowserRouter, RouterProvider } from "react-router";
import "@/i18n";
import { PageLoading } from "@/ui/page-loading";
import { Providers } from "./providers";
import { routes } from "./routes";

const router = createBrowserRouter(routes);

export function App() {
  return (
    <Suspense fallback={<PageLoading />}>
      <Providers>
        <RouterProvider router={router} />
      </Providers>
    </Suspense>
  );
}
