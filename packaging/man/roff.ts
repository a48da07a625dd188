/** Text as it stands: hyphens that can be searched for and copied, nothing taken for a request. */
export function literal(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&');
}

/** Running text: what stands in backticks or double asterisks is bold; of links, the words stay. */
export function prose(text: string): string {
  return text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .split(/(`[^`]*`|\*\*[^*]*\*\*)/)
    .map((part) => {
      if (part.startsWith('`')) return bold(part.slice(1, -1));
      if (part.startsWith('**')) return bold(part.slice(2, -2));
      return literal(part);
    })
    .join('');
}

export function bold(text: string): string {
  return `\\fB${literal(text)}\\fP`;
}

export function italic(text: string): string {
  return `\\fI${literal(text)}\\fP`;
}

/** An argument of a macro. */
export function quoted(text: string): string {
  return `"${literal(text).replaceAll('"', '\\(dq')}"`;
}

export function section(title: string, lines: readonly string[]): string[] {
  return [`.SH ${quoted(title.toUpperCase())}`, ...lines];
}

/** A term with its explanation indented below. */
export function term(tag: string, explanation: string): string[] {
  return ['.TP', tag, explanation];
}

/** Lines that are neither filled nor indented by the formatter. */
export function example(lines: readonly string[]): string[] {
  return ['.PP', '.RS 4', '.EX', ...lines.map(literal), '.EE', '.RE'];
}

export interface Title {
  readonly name: string;
  readonly section: number;
  /** YYYY-MM-DD. */
  readonly date: string;
  /** Such as `truepeer 1.0.0`. */
  readonly source: string;
}

/** A page: its title line, its name as whatis(1) wants it, and the rest. */
export function page(title: Title, summary: string, lines: readonly string[]): string {
  const { name, section: number, date, source } = title;
  const head = `.TH ${quoted(name.toUpperCase())} ${number} ${quoted(date)} ${quoted(source)} "TruePeer"`;
  return [head, ...section('Name', [`${literal(name)} \\- ${literal(summary)}`]), ...lines, ''].join('\n');
}
