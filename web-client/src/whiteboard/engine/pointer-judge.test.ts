import { describe, expect, it } from "vitest";
import { type Contact, PointerJudge } from "./pointer-judge.ts";

const contact = (id: number, change: Partial<Contact> = {}): Contact => ({
  ...{ id, type: "touch", button: 0, size: 20, time: 0 },
  ...change,
});

describe("what a press is for", () => {
  it("lets one finger draw, and two pinch", () => {
    const judge = new PointerJudge();
    expect(judge.down(contact(1), false)).toBe("tool");
    expect(judge.down(contact(2), false)).toBe("pinch");
    expect(judge.down(contact(3), false)).toBe("ignore");
  });

  it("lets one finger move the page where nothing may be written", () => {
    expect(new PointerJudge().down(contact(1), true)).toBe("pan");
  });

  it("ignores a palm beside the pen, and fingers move the page from then on", () => {
    const judge = new PointerJudge();
    expect(judge.down(contact(1, { type: "pen", time: 1000 }), false)).toBe("tool");
    expect(judge.down(contact(2, { time: 1100 }), false)).toBe("ignore");
    judge.up(1, 2000);
    expect(judge.down(contact(3, { time: 2300 }), false)).toBe("ignore");
    judge.up(3, 2400);
    expect(judge.down(contact(4, { time: 3000 }), false)).toBe("pan");
  });

  it("ignores a hand that comes down before a hovering pen", () => {
    const judge = new PointerJudge();
    judge.hover(5000);
    expect(judge.down(contact(1, { time: 5200 }), false)).toBe("ignore");
  });

  it("ignores a contact as wide as a palm, and takes back one that grows", () => {
    const judge = new PointerJudge();
    expect(judge.down(contact(1, { size: 70 }), false)).toBe("ignore");
    expect(judge.grewIntoPalm(contact(2, { size: 70 }))).toBe(true);
    expect(judge.grewIntoPalm(contact(2, { size: 70, type: "pen" }))).toBe(false);
  });

  it("erases with a pen's other end, and draws with nothing but the main button", () => {
    const judge = new PointerJudge();
    expect(judge.down(contact(1, { type: "pen", button: 5 }), false)).toBe("erase");
    expect(judge.down(contact(2, { type: "mouse", button: 0 }), false)).toBe("tool");
    expect(judge.down(contact(2, { type: "mouse", button: 1 }), false)).toBe("pan");
    expect(judge.down(contact(2, { type: "mouse", button: 2 }), false)).toBe("ignore");
  });

  it("forgets fingers that left", () => {
    const judge = new PointerJudge();
    judge.down(contact(1), false);
    judge.up(1, 10);
    expect(judge.fingers).toBe(0);
    expect(judge.down(contact(2), false)).toBe("tool");
  });
});
