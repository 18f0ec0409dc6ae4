import { expect, test } from "vitest";
import { takeCredential } from "./credential.ts";

function visit(hash: string) {
  const replaced: string[] = [];
  const location = { hash, pathname: "/join", search: "?x=1" } as Location;
  const history = { replaceState: (_data: unknown, _title: string, url: string) => replaced.push(url) };
  return { credential: takeCredential(location, history as unknown as History), replaced };
}

test("a ticket is read from the fragment and taken out of the address", () => {
  expect(visit("#ticket=abc")).toEqual({
    credential: { kind: "ticket", ticket: "abc" },
    replaced: ["/join?x=1"],
  });
});

test("an invitation is read from the fragment", () => {
  expect(visit("#invitation=xyz").credential).toEqual({ kind: "invitation", invitation: "xyz" });
});

test("an address without a secret is left alone", () => {
  expect(visit("")).toEqual({ credential: null, replaced: [] });
});
