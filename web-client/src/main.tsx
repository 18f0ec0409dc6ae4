/** Starts the page: takes the secret out of the address, makes the store and the session, draws. */
import { createRoot } from "react-dom/client";
import { takeCredential } from "./credential.ts";
import { createSession } from "./session.ts";
import { createRoomStore } from "./state/room-store.ts";
import { App } from "./ui/app.tsx";

const store = createRoomStore();
const actions = createSession(store);
const root = document.getElementById("app");
if (root) createRoot(root).render(<App store={store} actions={actions} />);
actions.open(takeCredential(window.location, window.history));
