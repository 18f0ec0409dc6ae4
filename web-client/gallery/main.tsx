/** Development only: shows one scene, `?scene=room&lang=ar-XB&theme=dark`, or the list of all. */
import { createRoot } from "react-dom/client";
import { createPreferences, type Theme } from "../src/state/preferences.ts";
import { createRoomStore } from "../src/state/room-store.ts";
import { App } from "../src/ui/app.tsx";
import { LANGUAGES } from "../src/ui/i18n/messages.ts";
import { longTexts, rightToLeftTexts } from "../src/ui/i18n/pseudo.ts";
import { loadTexts, type Texts } from "../src/ui/i18n/texts.ts";
import { galleryActions } from "./actions.ts";
import { inkScenes, showBoard } from "./board.ts";
import { scenes } from "./scenes.ts";

const query = new URLSearchParams(window.location.search);
const name = query.get("scene") ?? "";
const scene = scenes[name];
const root = createRoot(document.getElementById("app") as HTMLElement);

async function textsFor(tag: string | null): Promise<Texts> {
  if (tag === "en-XA") return longTexts();
  if (tag === "ar-XB") return rightToLeftTexts();
  return loadTexts(LANGUAGES.find((language) => language === tag) ?? "en");
}

if (name in inkScenes) {
  const theme = query.get("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  await import("../src/ui/base.css");
  showBoard(name, document.body);
} else if (scene) {
  const store = createRoomStore(scene.state());
  const preferences = createPreferences({ get: () => null, set: () => {} });
  preferences.setState({ theme: (query.get("theme") ?? "system") as Theme });
  root.render(
    <App
      store={store}
      actions={galleryActions(store)}
      preferences={preferences}
      texts={await textsFor(query.get("lang"))}
      {...(scene.view && { view: scene.view })}
    />,
  );
} else {
  Object.assign(window, { scenes: Object.keys(scenes) });
  root.render(
    <ul>
      {[...Object.keys(scenes), ...Object.keys(inkScenes)].map((each) => (
        <li key={each}>
          <a href={`?scene=${each}`}>{each}</a>
        </li>
      ))}
    </ul>,
  );
}
