/** Reads and writes the numbers inside a shape: unsigned and zig-zag LEB128 of at most 8 bytes. */

/** The bytes are not a shape: somebody else's fault. Thrown inside the codec only. */
export class NotAShape extends Error {}

const MOST_BYTES = 8;

export class ShapeReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new NotAShape("cut off");
    this.at += 1;
    return value;
  }

  varuint(most: number): number {
    const value = this.#number();
    if (value > most) throw new NotAShape("too large");
    return value;
  }

  varint(most: number): number {
    const raw = this.#number();
    const value = raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
    if (value > most || value < -most) throw new NotAShape("too far");
    return value;
  }

  length(most: number): number {
    const value = this.varint(most);
    if (value < 0) throw new NotAShape("negative length");
    return value;
  }

  take(count: number): Uint8Array {
    if (count > this.left) throw new NotAShape("cut off");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** Shifts would cut a number at 32 bits, so larger ones are multiplied. */
  #number(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < MOST_BYTES; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new NotAShape("number too long");
  }
}

export class ShapeWriter {
  #bytes = new Uint8Array(128);
  #length = 0;

  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

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

  /** Length first. */
  chunk(value: Uint8Array): this {
    this.varuint(value.length);
    if (this.#length + value.length > this.#bytes.length) this.#grow(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(more: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
