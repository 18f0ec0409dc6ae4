/** Undo and redo of every page that was shown: it stays with a page as long as its model lives. */
import { History } from "../model/history.ts";
import type { PageModel } from "../page-model.ts";

export class PageHistories {
  readonly #of = new WeakMap<PageModel, History>();

  of(page: PageModel | null): History | null {
    if (!page) return null;
    let history = this.#of.get(page);
    if (!history) {
      history = new History(page);
      this.#of.set(page, history);
    }
    return history;
  }
}
