/** The outcome of each phase that is not the join page or the room. */
import {
  CircleCheck,
  Clock,
  Copy,
  DoorOpen,
  KeyRound,
  Link2Off,
  TriangleAlert,
  UserX,
  WifiOff,
} from "lucide-react";
import type { ReactNode } from "react";
import { RETRIED, type Refusal } from "../../protocol/vocabulary.ts";
import type { Phase } from "../../state/room-state.ts";
import { Button } from "../kit/button.tsx";
import { useActions, useText } from "../page-context.ts";
import { Actions, Body, OutcomePage, Progress } from "./outcome-page.tsx";

type Of<Name extends Phase["name"]> = Extract<Phase, { readonly name: Name }>;

const ICON = 32;

export function Opening() {
  const text = useText();
  const actions = useActions();
  return (
    <OutcomePage icon={<DoorOpen size={ICON} aria-hidden />} title={text("join.opening")}>
      <Progress />
      <Actions>
        <Button onPress={() => actions.leave()}>{text("action.cancel")}</Button>
      </Actions>
    </OutcomePage>
  );
}

export function Connecting({ phase }: { readonly phase: Of<"connecting"> }) {
  const text = useText();
  const actions = useActions();
  return (
    <OutcomePage icon={<DoorOpen size={ICON} aria-hidden />} title={text("join.joining")}>
      <Progress />
      <div role="status">
        <Body>{text(`join.step_${phase.step}`)}</Body>
      </div>
      <Body>{text("join.step_wait")}</Body>
      <Actions>
        <Button onPress={() => actions.leave()}>{text("action.cancel")}</Button>
      </Actions>
    </OutcomePage>
  );
}

export function Left() {
  const text = useText();
  const actions = useActions();
  return (
    <OutcomePage icon={<DoorOpen size={ICON} aria-hidden />} title={text("left.title")}>
      <Body>{text("left.body")}</Body>
      <Actions>
        <Button look="primary" large onPress={() => actions.rejoin()}>
          {text("left.rejoin")}
        </Button>
      </Actions>
    </OutcomePage>
  );
}

export function Moved() {
  const text = useText();
  const actions = useActions();
  return (
    <OutcomePage icon={<Copy size={ICON} aria-hidden />} title={text("moved.title")}>
      <Body>{text("moved.body")}</Body>
      <Actions>
        <Button look="primary" large onPress={() => actions.rejoin()}>
          {text("moved.rejoin")}
        </Button>
      </Actions>
    </OutcomePage>
  );
}

export function Ended({ phase }: { readonly phase: Of<"ended"> }) {
  const text = useText();
  return (
    <OutcomePage icon={<CircleCheck size={ICON} aria-hidden />} title={text("ended.title")}>
      <Body>{phase.by === null ? text("ended.body") : text("ended.body_by", { name: phase.by })}</Body>
    </OutcomePage>
  );
}

export function Removed({ phase }: { readonly phase: Of<"removed"> }) {
  const text = useText();
  return (
    <OutcomePage icon={<UserX size={ICON} aria-hidden />} trouble title={text("removed.title")}>
      <Body>{phase.by === null ? text("removed.body") : text("removed.body_by", { name: phase.by })}</Body>
    </OutcomePage>
  );
}

export function Refused({ phase }: { readonly phase: Of<"refused"> }) {
  const text = useText();
  const actions = useActions();
  const { code, retryAfterS } = phase;
  return (
    <OutcomePage icon={refusalIcon(code)} trouble title={text(`refused.${code}.title`)}>
      <Body>
        {code === "rate_limited" && retryAfterS !== null
          ? text("refused.rate_limited.wait", { count: Math.ceil(retryAfterS) })
          : text(`refused.${code}.body`)}
      </Body>
      {RETRIED.has(code) && (
        <Actions>
          <Button look="primary" large onPress={() => actions.retryNow()}>
            {text("action.try_again")}
          </Button>
        </Actions>
      )}
    </OutcomePage>
  );
}

function refusalIcon(code: Refusal): ReactNode {
  switch (code) {
    case "ticket_expired":
    case "token_expired":
    case "invitation_expired":
    case "rate_limited":
      return <Clock size={ICON} aria-hidden />;
    case "ticket_unknown":
    case "invitation_unknown":
    case "no_link":
      return <Link2Off size={ICON} aria-hidden />;
    case "ticket_used":
    case "token_invalid":
      return <KeyRound size={ICON} aria-hidden />;
    case "removed":
      return <UserX size={ICON} aria-hidden />;
    case "unreachable":
      return <WifiOff size={ICON} aria-hidden />;
    default:
      return <TriangleAlert size={ICON} aria-hidden />;
  }
}
