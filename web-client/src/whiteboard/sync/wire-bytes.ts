/** Reads and writes the numbers of binary messages: unsigned and zig-zag LEB128 (docs/protocol.md section 3). */

/** Eight groups of seven bits; more would not fit the contract. */
const LONGEST = 8;

export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  byte(value: number): this {
    this.#room(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  /** Shifts would cut a number at 32 bits, so it is divided. */
  varuint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    return this.byte(rest);
  }

  varint(value: number): this {
    return this.varuint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  bytes(value: Uint8Array): this {
    this.#room(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  /** ASCII, its length first. */
  ascii(value: string): this {
    this.varuint(value.length);
    for (let index = 0; index < value.length; index++) this.byte(value.charCodeAt(index) & 0x7f);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Thrown inside a parser only, and caught at its door. */
export class CutShort extends Error {}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at++];
    if (value === undefined) throw new CutShort();
    return value;
  }

  varuint(): number {
    let value = 0;
    let scale = 1;
    for (let index = 0; index < LONGEST; index++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new CutShort();
        return value;
      }
      scale *= 0x80;
    }
    throw new CutShort();
  }

  varint(): number {
    const value = this.varuint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    if (length > this.left) throw new CutShort();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  ascii(): string {
    return String.fromCharCode(...this.bytes(this.varuint()));
  }

  rest(): Uint8Array {
    return this.bytes(this.left);
  }
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
