/**
 * What one stroke of 40 points costs when the shared document itself carries the ink under way, as boards over these two
 * servers do: a map with the stroke's style and an array of binary chunks, one of 4 points each 50 ms. Prints bytes sent by the
 * author in WebSocket messages, and bytes of the document.
 */
import * as Y from "yjs";

const doc = new Y.Doc();
const overhead = process.argv[2] === "hocuspocus" ? 1 + "page".length : 0;
let sent = 0;
doc.on("update", (update) => {
  // sync message: kind, step, length, update (y-protocols); Hocuspocus adds the document's name.
  sent += overhead + 2 + (update.length > 127 ? 2 : 1) + update.length;
});
const shapes = doc.getMap("e");
const stroke = new Y.Map();
const chunks = new Y.Array();
doc.transact(() => {
  stroke.set("style", new Uint8Array([8, 0, 6, 255]));
  stroke.set("z", "a0");
  stroke.set("ink", chunks);
  shapes.set("Hq7dK2xWbM41ZtRv", stroke);
});
for (let chunk = 0; chunk < 10; chunk++) chunks.push([new Uint8Array(12).map((_, i) => (i * 37 + chunk * 11) & 255)]);
console.log(JSON.stringify({ sent, stored: Y.encodeStateAsUpdate(doc).length }));
