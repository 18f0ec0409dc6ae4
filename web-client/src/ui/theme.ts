/** Light or dark: the choice stands on the root element, where tokens.css reads it. */
import { useLayoutEffect } from "react";
import type { Theme } from "../state/preferences.ts";

export function useTheme(theme: Theme): void {
  useLayoutEffect(() => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }, [theme]);
}
