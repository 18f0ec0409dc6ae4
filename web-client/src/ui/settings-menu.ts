/** Language and appearance, as menu groups for the bars of both screens. */
import { LANGUAGE_NAMES, LANGUAGES } from "./i18n/messages.ts";
import type { MenuGroup } from "./kit/menu-button.tsx";
import { usePage, usePreferences, useText } from "./page-context.ts";

export function useLanguageGroup(): MenuGroup {
  const { preferences, texts } = usePage();
  const text = useText();
  return {
    id: "language",
    title: text("settings.language"),
    selected: texts.language,
    entries: LANGUAGES.map((language) => ({
      id: language,
      label: LANGUAGE_NAMES[language],
      run: () => preferences.setState({ language }),
    })),
  };
}

export function useThemeGroup(): MenuGroup {
  const { preferences } = usePage();
  const text = useText();
  const selected = usePreferences((state) => state.theme);
  return {
    id: "theme",
    title: text("settings.theme"),
    selected,
    entries: (["system", "light", "dark"] as const).map((theme) => ({
      id: theme,
      label: text(`settings.theme_${theme}`),
      run: () => preferences.setState({ theme }),
    })),
  };
}
