/** Exceptions from a page's mode: pure moves over the list that `rights` sends. */
import type { Mode, Rule } from "../../whiteboard/sync/board-vocabulary.ts";

export function ruleFor(rules: readonly Rule[], subject: string): Rule | undefined {
  return rules.find((rule) => rule.subject === subject);
}

/** Changes the rule of a subject in its place, or adds one at the end. */
export function rulesWith(rules: readonly Rule[], subject: string, mode: Mode): readonly Rule[] {
  return ruleFor(rules, subject)
    ? rules.map((rule) => (rule.subject === subject ? { subject, mode } : rule))
    : [...rules, { subject, mode }];
}

export function rulesWithout(rules: readonly Rule[], subject: string): readonly Rule[] {
  return rules.filter((rule) => rule.subject !== subject);
}
