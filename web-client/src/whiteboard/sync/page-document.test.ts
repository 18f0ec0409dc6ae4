import { expect, test } from "vitest";
import type { ShapeId } from "../model/shape.ts";
import { PageDocument } from "./page-document.ts";

const SHAPE = "shape-of-ana" as ShapeId;

function document(client: number): { doc: PageDocument; sent: Uint8Array[] } {
  const sent: Uint8Array[] = [];
  const doc = new PageDocument({ local: (update) => sent.push(update), changed: () => {} });
  doc.client = client;
  return { doc, sent };
}

test("a shape stays its maker's when others move it or delete it and it comes back", () => {
  const ana = document(11);
  const tutor = document(22);
  const later = document(33);
  const edits = [
    () => ana.doc.edit(new Map([[SHAPE, Uint8Array.of(1, 1)]])),
    () => tutor.doc.edit(new Map([[SHAPE, Uint8Array.of(1, 2)]])),
    () => tutor.doc.edit(new Map([[SHAPE, Uint8Array.of(1, 3)]])),
    () => tutor.doc.edit(new Map([[SHAPE, null]])),
    () => tutor.doc.edit(new Map([[SHAPE, Uint8Array.of(1, 4)]])),
  ];
  for (const edit of edits) {
    edit();
    for (const one of [ana, tutor])
      for (const update of one.sent.splice(0)) for (const { doc } of [ana, tutor]) doc.merge(update);
  }
  later.doc.merge(tutor.doc.state());
  for (const { doc } of [ana, tutor, later]) expect(doc.clientOf(SHAPE)).toBe(11);
});

test("a document that reads its own writes back goes on under the client id that the server gave", () => {
  const before = document(11);
  before.doc.edit(new Map([[SHAPE, Uint8Array.of(1, 1)]]));
  const after = document(11);
  after.doc.merge(before.doc.state());
  after.doc.edit(new Map([["shape-later" as ShapeId, Uint8Array.of(1, 2)]]));
  const reader = document(22);
  for (const update of [...before.sent, ...after.sent]) reader.doc.merge(update);
  expect(reader.doc.clientOf("shape-later" as ShapeId)).toBe(11);
});
