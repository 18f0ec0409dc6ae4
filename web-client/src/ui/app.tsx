/** The page as a whole: language, direction, theme, and the screen of the phase. */
import { lazy, Suspense, useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useStore } from "zustand";
import type { PreferencesStore } from "../state/preferences.ts";
import type { RoomActions } from "../state/room-actions.ts";
import type { Phase } from "../state/room-state.ts";
import type { RoomStore } from "../state/room-store.ts";
import { chooseLanguage, loadTexts, type Texts } from "./i18n/texts.ts";
import { JoinPage } from "./join/join-page.tsx";
import { BrokenPageBoundary } from "./outcome/broken-page.tsx";
import { Connecting, Ended, Left, Moved, Opening, Refused, Removed } from "./outcome/outcomes.tsx";
import { PageContext, useRoom } from "./page-context.ts";
import { usePageSigns } from "./page-signs.ts";
import type { RoomView } from "./room/room-view.ts";
import { useTheme } from "./theme.ts";
import "./base.css";

const loadRoom = () => import("./room/room.tsx");
const Room = lazy(loadRoom);

export interface AppProps {
  readonly store: RoomStore;
  readonly actions: RoomActions;
  readonly preferences: PreferencesStore;
  /** Instead of the person's language; the gallery shows pseudo-languages with it. */
  readonly texts?: Texts;
  readonly view?: Partial<RoomView>;
}

export function App({ store, actions, preferences, texts: given, view }: AppProps) {
  const chosen = useStore(preferences, (state) => state.language);
  const loaded = useTexts(chosen);
  const texts = given ?? loaded;
  useTheme(useStore(preferences, (state) => state.theme));
  useEffect(() => {
    if (!texts) return;
    document.documentElement.lang = texts.language;
    document.documentElement.dir = texts.direction;
  }, [texts]);
  if (!texts) return null;
  return (
    <I18nProvider locale={texts.language}>
      <PageContext value={{ store, actions, preferences, texts }}>
        <BrokenPageBoundary>
          <Screen view={view} />
        </BrokenPageBoundary>
      </PageContext>
    </I18nProvider>
  );
}

function Screen({ view }: { readonly view: Partial<RoomView> | undefined }) {
  const phase = useRoom((state) => state.phase);
  usePageSigns();
  useRoomChunk(phase);
  switch (phase.name) {
    case "opening":
      return <Opening />;
    case "joining":
      return <JoinPage asksName={phase.asksName} nameRefused={phase.problem === "name_invalid"} />;
    case "connecting":
      return <Connecting phase={phase} />;
    case "room":
    case "reconnecting":
      return (
        <Suspense fallback={<Connecting phase={{ name: "connecting", step: "media" }} />}>
          <Room {...(view && { view })} />
        </Suspense>
      );
    case "left":
      return <Left />;
    case "moved":
      return <Moved />;
    case "ended":
      return <Ended phase={phase} />;
    case "removed":
      return <Removed phase={phase} />;
    case "refused":
      return <Refused phase={phase} />;
  }
}

/** The room is fetched while the person looks at the preview, so that "Join" finds it here. */
function useRoomChunk(phase: Phase): void {
  const joining = phase.name === "joining";
  useEffect(() => {
    // What fails here is tried again, and shown, when the room is drawn.
    if (joining) loadRoom().catch(() => {});
  }, [joining]);
}

/** Without words there is no page, not even one that says so: on a bad link they are asked for until they come. */
const RETRY_MS = 2000;

function useTexts(chosen: string | null): Texts | null {
  const [texts, setTexts] = useState<Texts | null>(null);
  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = () => {
      loadTexts(chooseLanguage(chosen, navigator.languages)).then(
        (loaded) => {
          if (current) setTexts(loaded);
        },
        () => {
          if (current) timer = setTimeout(load, RETRY_MS);
        },
      );
    };
    load();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [chosen]);
  return texts;
}
