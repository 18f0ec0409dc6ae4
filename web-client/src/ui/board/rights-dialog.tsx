/** Who may write: a mode for all, and exceptions for roles, persons and groups. What is chosen holds at once. */
import { Trash2 } from "lucide-react";
import { useId, useState } from "react";
import type { Page, Rule } from "../../whiteboard/sync/board-vocabulary.ts";
import { MODES, type Mode } from "../../whiteboard/sync/board-vocabulary.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { SelectField } from "../kit/select-field.tsx";
import { useText } from "../page-context.ts";
import { useAsk, useBoard, useBoardParts } from "./board-context.ts";
import { GroupEditor } from "./group-editor.tsx";
import styles from "./rights-dialog.module.css";
import { ruleFor, rulesWith, rulesWithout } from "./rules.ts";

type Scope = "page" | "board";

export function RightsDialog({ page, onClose }: { readonly page: Page; readonly onClose: () => void }) {
  const { words } = useBoardParts();
  const ask = useAsk();
  const [scope, setScope] = useState<Scope>("page");
  const where = scope === "page" ? { page: page.number } : { board: page.board };
  const setMode = (mode: Mode) => void ask({ type: "rights", ...where, mode });
  const setRules = (rules: readonly Rule[]) => void ask({ type: "rights", ...where, rules });
  return (
    <Dialog title={words("rights.title")} onClose={onClose}>
      <div className={styles.parts}>
        <SelectField
          label={words("rights.scope")}
          choices={[
            { id: "page", label: words("rights.scope_page") },
            { id: "board", label: words("rights.scope_board") },
          ]}
          selected={scope}
          onSelect={(id) => setScope(id === "board" ? "board" : "page")}
        />
        <SelectField
          label={words("rights.mode")}
          choices={MODES.map((mode) => ({ id: mode, label: words(`rights.mode_${mode}`) }))}
          selected={page.mode}
          onSelect={(id) => {
            const mode = MODES.find((one) => one === id);
            if (mode) setMode(mode);
          }}
        />
        <Exceptions rules={page.rules} onChange={setRules} />
        <GroupEditor />
        <div className={styles.end}>
          <Button look="primary" onPress={onClose}>
            {words("rights.done")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

interface ExceptionsProps {
  readonly rules: readonly Rule[];
  readonly onChange: (rules: readonly Rule[]) => void;
}

function Exceptions({ rules, onChange }: ExceptionsProps) {
  const { words } = useBoardParts();
  const title = useId();
  const subjects = useSubjects();
  const nameOf = (subject: string) => subjects.find(({ id }) => id === subject)?.label ?? subject;
  const free = subjects.filter(({ id }) => !ruleFor(rules, id));
  return (
    <section aria-labelledby={title} className={styles.part}>
      <h3 id={title} className={styles.subtitle}>
        {words("rights.exceptions")}
      </h3>
      {rules.length === 0 && <p className={styles.hint}>{words("rights.no_exceptions")}</p>}
      <ul className={styles.rules}>
        {rules.map((rule) => (
          <li key={rule.subject} className={styles.rule}>
            <SelectField
              label={nameOf(rule.subject)}
              choices={MODES.map((mode) => ({ id: mode, label: words(`rights.mode_${mode}`) }))}
              selected={rule.mode}
              onSelect={(id) => {
                const mode = MODES.find((one) => one === id);
                if (mode) onChange(rulesWith(rules, rule.subject, mode));
              }}
            />
            <Button
              look="quiet"
              iconOnly
              aria-label={words("rights.remove_exception", { name: nameOf(rule.subject) })}
              onPress={() => onChange(rulesWithout(rules, rule.subject))}
            >
              <Trash2 size={18} aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
      {free.length > 0 && (
        <SelectField
          label={words("rights.add_exception")}
          choices={free}
          selected={null}
          placeholder={words("rights.choose_subject")}
          onSelect={(subject) => onChange(rulesWith(rules, subject, "own"))}
        />
      )}
    </section>
  );
}

function useSubjects(): readonly { readonly id: string; readonly label: string }[] {
  const { words } = useBoardParts();
  const text = useText();
  const groups = useBoard((state) => state.groups);
  const people = useBoard((state) => state.people);
  const persons = new Map<string, string>();
  for (const { person, name, role } of people.values()) if (role === "officer") persons.set(person, name);
  return [
    { id: "role:officer", label: words("rights.role", { role: text("role.officer") }) },
    ...groups.map(({ id, name }) => ({ id: `group:${id}`, label: words("rights.group", { name }) })),
    ...[...persons].map(([person, name]) => ({ id: `person:${person}`, label: name })),
  ];
}
