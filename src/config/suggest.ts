/** `did you mean X?` for the nearest candidate, else all of them. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const nearest = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const near = nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(word.length / 3));
  return near ? `did you mean ${nearest.candidate}?` : `there are ${candidates.join(', ')}`;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + Number(a[i - 1] !== b[j - 1]);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        replaced,
        swapped ? rows[i - 2]![j - 2]! + 1 : replaced,
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
