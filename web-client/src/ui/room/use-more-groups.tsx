/** What the bar has no place for. */
import { Keyboard, Maximize, MicOff, Minimize, MonitorUp, OctagonX, Presentation } from "lucide-react";
import { useEffect, useState } from "react";
import type { MenuEntry, MenuGroup } from "../kit/menu-button.tsx";
import { useActions, useRoom, useText } from "../page-context.ts";
import { useLanguageGroup, useThemeGroup } from "../settings-menu.ts";
import { useBoardShown } from "../stage/use-board-shown.ts";
import { useRoomViewStore } from "./room-view.ts";
import { useCommands } from "./use-commands.ts";
import { useNarrow } from "./use-narrow.ts";

export function useMoreGroups(): readonly MenuGroup[] {
  const text = useText();
  const actions = useActions();
  const view = useRoomViewStore();
  const commands = useCommands();
  const narrow = useNarrow();
  const sharing = useRoom((state) => state.screen.on);
  const boardIsShown = useBoardShown();
  const [full, toggleFull] = useFullScreen();
  const language = useLanguageGroup();
  const theme = useThemeGroup();

  const share: MenuEntry = {
    id: "share",
    label: text(sharing ? "control.share_stop" : "control.share_start"),
    icon: <MonitorUp size={18} aria-hidden />,
    run: commands.toggleScreen,
  };
  const fullScreen: MenuEntry = {
    id: "full",
    label: text(full ? "control.fullscreen_leave" : "control.fullscreen"),
    icon: full ? <Minimize size={18} aria-hidden /> : <Maximize size={18} aria-hidden />,
    run: toggleFull,
  };
  const keys: MenuEntry = {
    id: "keys",
    label: text("control.keyboard"),
    icon: <Keyboard size={18} aria-hidden />,
    run: () => view.setState({ dialog: { name: "keys" } }),
  };
  const board: MenuEntry = {
    id: "board",
    label: text(boardIsShown ? "control.board_hide" : "control.board_show"),
    icon: <Presentation size={18} aria-hidden />,
    run: commands.toggleBoard,
  };
  const tutor: MenuEntry[] = [];
  if (commands.canMuteOthers)
    tutor.push({
      id: "mute_all",
      label: text("control.mute_all"),
      icon: <MicOff size={18} aria-hidden />,
      run: () => actions.moderate({ action: "mute_all" }),
    });
  if (commands.canEnd)
    tutor.push({
      id: "end",
      label: text("control.end"),
      icon: <OctagonX size={18} aria-hidden />,
      danger: true,
      run: () => view.setState({ dialog: { name: "end" } }),
    });
  const own = [
    ...(narrow ? [board] : []),
    ...(narrow && commands.canShare ? [share] : []),
    ...(document.fullscreenEnabled ? [fullScreen] : []),
    keys,
  ];
  return [
    { id: "own", entries: own },
    ...(tutor.length > 0 ? [{ id: "class", title: text("role.tutor"), entries: tutor }] : []),
    language,
    theme,
  ];
}

function useFullScreen(): readonly [boolean, () => void] {
  const [full, setFull] = useState(() => document.fullscreenElement !== null);
  useEffect(() => {
    const follow = () => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", follow);
    return () => document.removeEventListener("fullscreenchange", follow);
  }, []);
  // A frame without the permission refuses; the picture then simply stays as it is.
  const toggle = () =>
    void (full ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => {});
  return [full, toggle];
}
