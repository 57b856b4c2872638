// An address that may break before its "@" and its dots, and nowhere else.
export function Mail({ address }: { address: string | undefined }) {
  if (!address) return null;
  return address.split(/(?=[@.])/).map((part, at) => (
    <span key={at}>
      {at > 0 && <wbr />}
      {part}
    </span>
  ));
}
