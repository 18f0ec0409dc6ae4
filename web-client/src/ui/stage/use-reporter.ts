/** One reporter for the room: it lives as long as the stage does. */
import { useEffect, useState } from "react";
import { useActions } from "../page-context.ts";
import { ViewReporter } from "./view-reporter.ts";

export function useReporter(): ViewReporter | null {
  const actions = useActions();
  const [reporter, setReporter] = useState<ViewReporter | null>(null);
  useEffect(() => {
    const made = new ViewReporter((tiles) => actions.setView(tiles));
    const follow = () => made.setHidden(document.hidden);
    document.addEventListener("visibilitychange", follow);
    follow();
    setReporter(made);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      made.close();
      setReporter(null);
    };
  }, [actions]);
  return reporter;
}
