/** For tests: a promise that the test answers when it wants to, and time for every step that waits for promises alone. */

export interface Promised<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(reason: unknown): void;
}

export function promised<Value>(): Promised<Value> {
  let resolve: Promised<Value>["resolve"] = () => {};
  let reject: Promised<Value>["reject"] = () => {};
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
