/** The secret of a link travels in the fragment (docs/protocol.md section 1). */
import type { Credential } from "./state/room-actions.ts";

/** Reads `#ticket=` or `#invitation=` and removes it from the address, so that it is in no history and no screenshot. */
export function takeCredential(location: Location, history: History): Credential | null {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const ticket = fragment.get("ticket");
  const invitation = fragment.get("invitation");
  if (ticket || invitation) history.replaceState(null, "", location.pathname + location.search);
  if (ticket) return { kind: "ticket", ticket };
  if (invitation) return { kind: "invitation", invitation };
  return null;
}

/** A link that is put into the address of an open page only changes the fragment: the browser loads nothing anew. */
export function followLinks(page: Window, open: (credential: Credential) => void): void {
  page.addEventListener("hashchange", () => {
    const credential = takeCredential(page.location, page.history);
    if (credential) open(credential);
  });
}
