/** Hands a file to the person: the only way a page has to write to the disk. */
export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser needs the address for a moment after the click.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A file of these kinds from the person's disk; null = none was chosen. */
export function chooseFile(accept: string): Promise<File | null> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = accept;
    input.onchange = () => resolve(input.files?.[0] ?? null);
    input.oncancel = () => resolve(null);
    input.click();
  });
}

export const SLIDE_KINDS =
  ".pdf,.png,.jpg,.jpeg,.webp,.odp,.odt,.ppt,.pptx,.doc,.docx,application/pdf,image/png,image/jpeg,image/webp";
