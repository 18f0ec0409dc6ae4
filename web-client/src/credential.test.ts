import { expect, test } from "vitest";
import { followLinks, takeCredential } from "./credential.ts";

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

test("a new link in the address of an open page is followed, and another fragment is not", () => {
  const history = { replaceState: () => {} };
  const page = Object.assign(new EventTarget(), { history, location: {} });
  const opened: unknown[] = [];
  const go = (hash: string) => {
    page.location = { hash, pathname: "/join", search: "" };
    page.dispatchEvent(new Event("hashchange"));
  };
  followLinks(page as unknown as Window, (credential) => opened.push(credential));
  go("#stage");
  expect(opened).toEqual([]);
  go("#ticket=second");
  expect(opened).toEqual([{ kind: "ticket", ticket: "second" }]);
});
