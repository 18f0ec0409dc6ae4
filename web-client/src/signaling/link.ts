/** The link by which a person came, and what is left of it: an invitation works often, a ticket once, then the kept token does. */
import type { Credential } from "../state/room-actions.ts";
import type { Admission, AdmissionDesk } from "./admission.ts";

export class Link {
  readonly #desk: Pick<AdmissionDesk, "exchange" | "resume">;
  #credential: Credential | null;
  #redeeming: Promise<Admission> | null = null;

  /** `null`: there is only the token that this tab kept. */
  constructor(desk: Pick<AdmissionDesk, "exchange" | "resume">, credential: Credential | null) {
    this.#desk = desk;
    this.#credential = credential;
  }

  get asksName(): boolean {
    return this.#credential?.kind === "invitation";
  }

  admit(name: string, signal: AbortSignal): Promise<Admission> {
    const credential = this.#credential;
    if (credential?.kind === "ticket") return this.#redeem(credential);
    return credential ? this.#desk.exchange(credential, name, signal) : this.#desk.resume(signal);
  }

  /** The person has been in the room: the token names him from now on, as after a reload. */
  settle(): void {
    this.#credential = null;
  }

  /** Given up half way, a ticket would be used up and its token lost: who comes back waits for the same answer. */
  #redeem(ticket: Credential): Promise<Admission> {
    this.#redeeming ??= this.#desk.exchange(ticket, "", new AbortController().signal).then((admission) => {
      this.#redeeming = null;
      if (admission.ok) this.#credential = null;
      return admission;
    });
    return this.#redeeming;
  }
}
