type Paint = (text: string) => string;

/** How words are emphasised. */
export interface Style {
  readonly good: Paint;
  readonly bad: Paint;
  readonly heading: Paint;
  readonly faint: Paint;
}

const asIs: Paint = (text) => text;

export const PLAIN: Style = { good: asIs, bad: asIs, heading: asIs, faint: asIs };

/** Select Graphic Rendition (ECMA-48, section 8.3.117): on, and off again. */
function rendition(on: number, off: number): Paint {
  return (text) => `\x1b[${on}m${text}\x1b[${off}m`;
}

export const COLOURED: Style = {
  good: rendition(32, 39),
  bad: rendition(31, 39),
  heading: rendition(1, 22),
  faint: rendition(2, 22),
};

/** Colours on a terminal that has them, unless NO_COLOR (https://no-color.org) is set. */
export function styleOf(stream: NodeJS.WriteStream): Style {
  return stream.isTTY && stream.hasColors() ? COLOURED : PLAIN;
}
