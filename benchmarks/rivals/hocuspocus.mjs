/** Hocuspocus as its documentation starts it, in memory, quiet. Prints its port once it listens. */
import { Server } from "@hocuspocus/server";

const server = new Server({ address: "127.0.0.1", port: Number(process.argv[2]), quiet: true });
await server.listen();
console.log("listening");
