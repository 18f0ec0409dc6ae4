/** Named groups of people, for exceptions: made, filled, removed. */
import { Plus, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { TextField } from "react-aria-components/TextField";
import { ToggleButton } from "react-aria-components/ToggleButton";
import type { Group, PersonId } from "../../whiteboard/sync/board-vocabulary.ts";
import { Button } from "../kit/button.tsx";
import { useAsk, useBoard, useBoardParts } from "./board-context.ts";
import styles from "./rights-dialog.module.css";

export function GroupEditor() {
  const { words } = useBoardParts();
  const ask = useAsk();
  const groups = useBoard((state) => state.groups);
  const [making, setMaking] = useState(false);
  const [name, setName] = useState("");
  const title = useId();
  const make = () => {
    if (name.trim() === "") return;
    void ask({ type: "group_set", name: name.trim(), persons: [] });
    setName("");
    setMaking(false);
  };
  return (
    <section aria-labelledby={title} className={styles.part}>
      <h3 id={title} className={styles.subtitle}>
        {words("rights.groups")}
      </h3>
      <ul className={styles.rules}>
        {groups.map((group) => (
          <Members key={group.id} group={group} />
        ))}
      </ul>
      {making ? (
        <form
          className={styles.rule}
          onSubmit={(event) => {
            event.preventDefault();
            make();
          }}
        >
          <TextField className={styles.field ?? ""} value={name} onChange={setName} autoFocus>
            <Label className={styles.label ?? ""}>{words("rights.group_name")}</Label>
            <Input className={styles.input ?? ""} maxLength={64} />
          </TextField>
          <Button type="submit" look="primary" isDisabled={name.trim() === ""}>
            {words("boards.save")}
          </Button>
        </form>
      ) : (
        <Button look="quiet" onPress={() => setMaking(true)}>
          <Plus size={18} aria-hidden />
          {words("rights.new_group")}
        </Button>
      )}
    </section>
  );
}

function Members({ group }: { readonly group: Group }) {
  const { words } = useBoardParts();
  const ask = useAsk();
  const people = useBoard((state) => state.people);
  const officers = new Map<PersonId, string>();
  for (const { person, name, role } of people.values()) if (role === "officer") officers.set(person, name);
  const toggle = (person: PersonId, on: boolean) =>
    void ask({
      type: "group_set",
      group: group.id,
      name: group.name,
      persons: on ? [...group.persons, person] : group.persons.filter((one) => one !== person),
    });
  return (
    <li className={styles.group}>
      <div className={styles.rule}>
        <strong className={styles.groupName} dir="auto">
          {group.name}
        </strong>
        <Button
          look="quiet"
          iconOnly
          aria-label={words("rights.remove_group", { name: group.name })}
          onPress={() => void ask({ type: "group_remove", group: group.id })}
        >
          <Trash2 size={18} aria-hidden />
        </Button>
      </div>
      <fieldset className={styles.people} aria-label={`${group.name}: ${words("rights.group_people")}`}>
        {[...officers].map(([person, name]) => (
          <ToggleButton
            key={person}
            className={styles.person ?? ""}
            isSelected={group.persons.includes(person)}
            onChange={(on) => toggle(person, on)}
          >
            {name}
          </ToggleButton>
        ))}
      </fieldset>
    </li>
  );
}
