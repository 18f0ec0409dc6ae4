/** What is left when drawing failed, or a part of the page could not be fetched: say so, and offer the way back. */
import { TriangleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { Button } from "../kit/button.tsx";
import { useText } from "../page-context.ts";
import { Actions, Body, OutcomePage } from "./outcome-page.tsx";

interface Props {
  readonly children: ReactNode;
}

/** React has no function for this: only a class is told of a child's error. */
export class BrokenPageBoundary extends Component<Props, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <BrokenPage /> : this.props.children;
  }
}

function BrokenPage() {
  const text = useText();
  return (
    <OutcomePage icon={<TriangleAlert size={32} aria-hidden />} trouble title={text("broken.title")}>
      <Body>{text("broken.body")}</Body>
      <Actions>
        <Button look="primary" large onPress={() => window.location.reload()}>
          {text("broken.reload")}
        </Button>
      </Actions>
    </OutcomePage>
  );
}
