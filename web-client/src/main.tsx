/** Starts the page: takes the secret out of the address, makes the stores and the session, draws. */
import { createRoot } from "react-dom/client";
import { followLinks, takeCredential } from "./credential.ts";
import { createSession } from "./session.ts";
import { keepsake } from "./signaling/keepsake.ts";
import { createPreferences } from "./state/preferences.ts";
import { createRoomStore } from "./state/room-store.ts";
import { App } from "./ui/app.tsx";

const credential = takeCredential(window.location, window.history);
const preferences = createPreferences(keepsake(() => window.localStorage));
const store = createRoomStore();
const actions = createSession(store);
const root = document.getElementById("app");
if (root) createRoot(root).render(<App store={store} actions={actions} preferences={preferences} />);
actions.open(credential);
followLinks(window, actions.open);
