// Real Yjs documents for the convergence runs: one JSON command a line comes in, one JSON answer goes out.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../../web-client/package.json", import.meta.url));
const Y = require("yjs");

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const text = (data) => Buffer.from(data).toString("base64");

class Client {
  constructor(id, state) {
    this.doc = new Y.Doc();
    this.shapes = this.doc.getMap("e");
    this.emitted = [];
    Y.applyUpdate(this.doc, bytes(state), "server");
    // After the content: Yjs takes another client id when it meets its own in what it is given.
    this.doc.clientID = id;
    this.undo = new Y.UndoManager(this.shapes, { captureTimeout: 0, trackedOrigins: new Set(["local"]) });
    this.doc.on("update", (update, origin) => {
      if (origin !== "server") this.emitted.push(text(update));
    });
  }

  change(work) {
    this.doc.transact(() => work(this.shapes), "local");
  }
}

const clients = new Map();

const commands = {
  open({ who, client, state }) {
    clients.get(who)?.doc.destroy();
    clients.set(who, new Client(client, state));
  },
  // Each value is written in its turn: a key may come more than once. null deletes, when there is something to delete.
  write({ who, values }) {
    clients.get(who).change((shapes) => {
      for (const [key, value] of values) {
        if (value !== null) shapes.set(key, bytes(value));
        else shapes.delete(key);
      }
    });
  },
  has: ({ who, keys }) => keys.filter((key) => clients.get(who).shapes.has(key)),
  undo: ({ who }) => void clients.get(who).undo.undo(),
  redo: ({ who }) => void clients.get(who).undo.redo(),
  apply({ who, updates }) {
    for (const update of updates) Y.applyUpdate(clients.get(who).doc, bytes(update), "server");
  },
  merge: ({ updates }) => text(Y.mergeUpdates(updates.map(bytes))),
  vector: ({ who }) => text(Y.encodeStateVector(clients.get(who).doc)),
  state: ({ who }) => text(Y.encodeStateAsUpdate(clients.get(who).doc)),
  shapes: ({ who }) => Object.fromEntries([...clients.get(who).shapes].map(([key, value]) => [key, text(value)])),
  // The client id of a shape's first write: the leftmost item of its key, which stays when it is written over.
  makers: ({ who }) =>
    Object.fromEntries(
      [...clients.get(who).shapes.keys()].map((key) => {
        let item = clients.get(who).shapes._map.get(key);
        while (item.left !== null) item = item.left;
        return [key, item.id.client];
      }),
    ),
  pending: ({ who }) => {
    const { pendingStructs, pendingDs } = clients.get(who).doc.store;
    return pendingStructs !== null || pendingDs !== null;
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const command = JSON.parse(line);
  const answer = commands[command.do](command) ?? null;
  const client = clients.get(command.who);
  const emitted = client === undefined ? [] : client.emitted.splice(0);
  process.stdout.write(`${JSON.stringify({ answer, emitted })}\n`);
});
