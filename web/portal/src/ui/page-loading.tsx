// Before texts and styles are there: says nothing, takes the room.
export function PageLoading() {
  return (
    <div className="k-loading" role="status" aria-busy="true">
      <span className="k-spinner" aria-hidden="true" />
    </div>
  );
}
