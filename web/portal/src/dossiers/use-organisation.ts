import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "@/api/client";
import type { OrganisationChoice } from "@/ui/organisation-picker";

// The organisation whose id stands in the address, for the picker's field.
export function useOrganisation(id: string | undefined): OrganisationChoice | undefined {
  const { data } = useQuery({
    queryKey: ["organisation", id, "choice"],
    queryFn: () => unwrap(api.GET("/api/v1/organisations/{id}", { params: { path: { id: id! } } })),
    enabled: !!id,
    staleTime: 5 * 60_000,
  });
  if (!id) return undefined;
  return data ? { id, name: data.name, chain: data.chain } : { id, name: "…", chain: [] };
}
