/** The wire contract's own examples (tests/vectors/protocol): what the server sends, this page must understand. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  acknowledgements,
  type ClientEvent,
  outcome,
  parse,
  type ServerEvent,
  serverEvents,
} from "./messages.ts";

function examples(folder: string): Record<string, unknown[]> {
  const path = new URL(`../../../tests/vectors/protocol/${folder}/examples.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown[]>;
}

describe("every example of a server event", () => {
  const told = examples("server");

  it("belongs to an event that this page knows", () => {
    expect(Object.keys(told).sort()).toEqual(Object.keys(serverEvents).sort());
  });

  it.each(Object.entries(told))("%s is understood", (name, messages) => {
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) expect(parse(serverEvents[name as ServerEvent], message)).not.toBeNull();
  });

  it.each(Object.keys(told))("%s is refused when it is something else", (name) => {
    expect(parse(serverEvents[name as ServerEvent], "nonsense")).toBeNull();
  });
});

describe("every example of an acknowledgement", () => {
  it.each(Object.entries(examples("acknowledgement")))("%s is understood", (name, messages) => {
    for (const message of messages) {
      const said = parse(outcome, message);
      expect(said).not.toBeNull();
      if (said?.ok && name in acknowledgements) {
        expect(parse(acknowledgements[name as ClientEvent], message)).not.toBeNull();
      }
    }
  });
});
